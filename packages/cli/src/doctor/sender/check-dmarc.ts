import { NoAnswer } from './no-answer.ts'
import { fail, pass, warn, type Finding, type Sender } from './sender.ts'

/** Looks at the DMARC policy of the domain, which may come from a domain above it (RFC 9989). */
export async function checkDmarc({ domain, names, mailauth }: Sender): Promise<Finding> {
  const seen = new Map<string, string[]>()
  let noAnswer: NoAnswer | undefined
  const resolver = async (name: string, type: string): Promise<string[][]> => {
    try {
      const records = (await names.resolve(name, type)) as string[][]
      const policies = type === 'TXT' ? records.map((strings) => strings.join('')).filter(looksLikeDmarc) : []
      if (policies.length > 0) seen.set(name, policies)
      return records
    } catch (error) {
      if (error instanceof NoAnswer) noAnswer ??= error
      throw error
    }
  }
  const result = await mailauth.dmarc({ headerFrom: domain, resolver })
  if (noAnswer) throw noAnswer
  if (result === false || result.policy === undefined) return withoutPolicy(domain, seen)
  const { policy, policyDomain = domain, rr: record = '', testMode, alignment } = result
  const hasReports = /;\s*rua\s*=\s*mailto:/i.test(record)
  const remarks = [
    ...(/;\s*p\s*=\s*(?:none|quarantine|reject)\s*(?:;|$)/i.test(record)
      ? []
      : [
          'DMARC has no valid policy, so receivers treat it as p=none. Write p=none, p=quarantine or p=reject.',
        ]),
    ...(policy === 'none'
      ? [
          'DMARC only watches: forged mail is still delivered. Go on to p=quarantine or p=reject when the reports show that your own mail passes.',
        ]
      : []),
    ...(testMode
      ? [
          'It is in test mode (t=y), so receivers apply a weaker policy. Remove t=y when your own mail passes.',
        ]
      : []),
    ...(hasReports
      ? []
      : [`No reports are asked for. Add rua=mailto:ADDRESS to hear of mail that does not pass.`]),
    `Mail passes if DKIM passes for ${reachOf(alignment?.dkim?.strict, domain)}, or SPF for ${reachOf(alignment?.spf?.strict, domain)}.`,
  ]
  const detail = [
    ...remarks,
    `The record${policyDomain === domain ? '' : ` of ${policyDomain}`} is: ${record}`,
  ].join(' ')
  return policy === 'none' || testMode || !hasReports ? warn(detail) : pass(detail)
}

const looksLikeDmarc = (text: string): boolean => /^\s*v\s*=\s*dmarc/i.test(text)

const reachOf = (isStrict: boolean | undefined, domain: string): string =>
  isStrict === true ? `exactly ${domain}` : `a domain of the same organisation as ${domain}`

function withoutPolicy(domain: string, seen: ReadonlyMap<string, readonly string[]>): Finding {
  const [found] = seen
  if (!found)
    return fail(
      `There is no DMARC record at _dmarc.${domain} or above it. Large receivers ask for one. Publish a TXT record at _dmarc.${domain}, such as "v=DMARC1; p=none; rua=mailto:ADDRESS" to begin with.`,
    )
  const [name, records] = found
  if (records.length > 1)
    return fail(
      `There are ${records.length} DMARC records at ${name}, so receivers use none of them. Leave one: ${records.join(' | ')}`,
    )
  return fail(
    `The DMARC record at ${name} is not valid, so receivers ignore it. It must begin with "v=DMARC1;" and have p=none, p=quarantine or p=reject. The record is: ${records[0]}`,
  )
}
