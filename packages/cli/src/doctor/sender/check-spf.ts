import type { SPFResult } from 'mailauth'
import { NoAnswer } from './no-answer.ts'
import { fail, pass, warn, type Finding, type Sender, type SendingAddress } from './sender.ts'

/** RFC 7208 section 4.6.4. */
const MOST_LOOK_UPS = 10
const MOST_VOID_LOOK_UPS = 2
/** How far a record is followed to count what it needs. */
const MOST_FOLLOWED = 50
/** RFC 7208 section 4.6.4 asks for at least 20 s. */
const TIME_LIMIT_MS = 20_000
/** Nobody sends from it, so it matches only what matches everyone, and the record is read to its end. */
const NOBODY = '255.255.255.255'

/** Looks at the SPF record itself: whether there is one, whether receivers can evaluate it, and how it ends (RFC 7208). */
export async function checkSpfRecord(sender: Sender): Promise<Finding> {
  const { domain } = sender
  const texts = await sender.names.texts(domain)
  const records = texts.filter((text) => /^v=spf1(?: |$)/i.test(text))
  const [record] = records
  if (record === undefined) return withoutRecord(domain, texts)
  if (records.length > 1)
    return fail(
      `${domain} has ${records.length} SPF records, so receivers use none of them. Put everything into one: ${records.join(' | ')}`,
    )
  return judge(record, await evaluate(sender, NOBODY, MOST_FOLLOWED))
}

function judge(record: string, { status, lookups, domain, absent }: Evaluation): Finding {
  const { count = 0, void: empty = 0 } = lookups ?? {}
  const found = `The record is: ${record}`
  if (count > MOST_LOOK_UPS)
    return fail(
      `The SPF record needs ${count > MOST_FOLLOWED ? `more than ${MOST_FOLLOWED}` : count} look-ups, and receivers stop with an error after ${MOST_LOOK_UPS}. Remove what no longer sends for ${domain}, or replace an include by its addresses. ${found}`,
    )
  if (empty > MOST_VOID_LOOK_UPS)
    return fail(
      `${empty} look-ups of the SPF record find nothing, and receivers stop with an error after ${MOST_VOID_LOOK_UPS}. Remove what no longer exists: ${absent.join(', ')}. ${found}`,
    )
  if (status.result === 'permerror')
    return fail(`Receivers cannot use the SPF record: ${reasonOf(status.comment)}. Correct it. ${found}`)
  if (status.result === 'pass')
    return fail(
      `The SPF record allows the whole internet to send as ${domain}. Let it end in -all or ~all. ${found}`,
    )
  if (status.result === 'neutral')
    return warn(
      `The SPF record says nothing about servers that are not in it, so anybody can send as ${domain}. Let it end in -all or ~all. ${found}`,
    )
  return pass(`The SPF record needs ${count} of the ${MOST_LOOK_UPS} look-ups that are allowed. ${found}`)
}

/** Looks whether SPF lets an address send for the domain. */
export async function checkSpfOf({ ip, isCertain }: SendingAddress, sender: Sender): Promise<Finding> {
  const { status } = await evaluate(sender, ip, MOST_LOOK_UPS)
  if (status.result === 'pass') return pass(`${ip} may send for ${sender.domain}.`)
  if (status.result === 'permerror')
    return fail(
      `Receivers cannot tell whether ${ip} may send: ${reasonOf(status.comment)}. Correct the SPF record.`,
    )
  if (status.result === 'none')
    return fail(`${sender.domain} has no SPF record, so nothing says that ${ip} may send for it.`)
  const detail = `${ip} is not allowed to send for ${sender.domain} (SPF: ${status.result}).`
  return isCertain
    ? fail(`${detail} Add it, or the include of the provider that it belongs to, to the SPF record.`)
    : warn(
        `${detail} It is the address that the mail server is reached at, and it may send from another one: give that one with --ip.`,
      )
}

function withoutRecord(domain: string, texts: readonly string[]): Finding {
  const attempt = texts.find((text) => /v\s*=\s*spf|spf1/i.test(text))
  if (attempt !== undefined)
    return fail(
      `${domain} has no valid SPF record. This one does not begin with "v=spf1" and a space: ${attempt}`,
    )
  return fail(
    `${domain} has no SPF record, so receivers cannot tell which servers may send for it. Publish a TXT record at ${domain}, such as "v=spf1 include:NAME -all" with the name that the provider gives.`,
  )
}

interface Evaluation extends SPFResult {
  /** The names that the record asks for and that have nothing. */
  readonly absent: readonly string[]
}

/** Evaluates the record as a receiver does. Throws NoAnswer if the name servers do not answer. */
async function evaluate({ domain, names, mailauth }: Sender, ip: string, most: number): Promise<Evaluation> {
  const absent: string[] = []
  let noAnswer: NoAnswer | undefined
  const resolver = async (name: string, type: string): Promise<string[]> => {
    try {
      return (await names.resolve(name, type)) as string[]
    } catch (error) {
      if (error instanceof NoAnswer) noAnswer ??= error
      else absent.push(name)
      throw error
    }
  }
  const limits = {
    maxResolveCount: most,
    maxVoidCount: most === MOST_LOOK_UPS ? MOST_VOID_LOOK_UPS : most,
    maxElapsedTime: TIME_LIMIT_MS,
  }
  const sender = `postmaster@${domain}`
  const result = await mailauth.spf({
    sender,
    ip,
    helo: domain,
    mta: domain,
    resolver,
    strict: true,
    ...limits,
  })
  if (result.status.result !== 'temperror') return { ...result, absent }
  throw noAnswer ?? new NoAnswer(domain, 'SPF', 'ETIMEOUT')
}

/** mailauth writes who asked about whom in front of the reason. */
function reasonOf(comment: string | undefined): string {
  return comment?.split(/during lookup of \S+: /).at(-1) ?? 'it has an error'
}
