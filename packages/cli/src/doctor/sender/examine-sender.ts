import { domainToASCII } from 'node:url'
import { visible } from '@loudmail/core/transport'
import { UsageError } from '../../usage-error.ts'
import type { Step } from '../report.ts'
import { checkDkimKey, findDkimKeys } from './check-dkim.ts'
import { checkDmarc } from './check-dmarc.ts'
import { checkMailExchangers } from './check-mail-exchangers.ts'
import { checkReverseName } from './check-reverse-name.ts'
import { checkSpfOf, checkSpfRecord } from './check-spf.ts'
import { loadMailauth } from './load-mailauth.ts'
import { NameServers, type NameServersOptions } from './name-servers.ts'
import { NoAnswer } from './no-answer.ts'
import { readAddress, type Addresses } from './read-address.ts'
import { fail, pass, skip, type Finding, type Sender, type SendingAddress } from './sender.ts'

export interface ExamineSenderOptions extends NameServersOptions, Addresses {
  /** The DKIM selector. @default common ones are tried */
  readonly selector?: string | undefined
  /** Called as each step ends. */
  readonly onStep?: ((step: Step) => void) | undefined
}

/** What is asked for, read and checked. */
interface Asked {
  readonly domain: string
  readonly address: SendingAddress | string
  readonly selector: string | undefined
}

/**
 * Checks what `examineSender` is asked for, before anything else takes its time.
 *
 * @throws UsageError if `mailauth` is not installed, or for an option that makes no sense
 */
export async function checkSender(
  domain: string,
  options: Addresses & Pick<ExamineSenderOptions, 'selector'>,
): Promise<void> {
  readAsked(domain, options)
  await loadMailauth()
}

function readAsked(domain: string, options: Addresses & Pick<ExamineSenderOptions, 'selector'>): Asked {
  return {
    domain: readDomain(domain),
    address: readAddress(options),
    selector: readSelector(options.selector),
  }
}

/**
 * Examines what receivers look up about a sender: MX, SPF, DKIM, DMARC and the name of the sending address.
 *
 * @param domain the domain of the sender, or an address in it
 * @throws UsageError if `mailauth` is not installed, or for an option that makes no sense; the signal's reason
 */
export async function examineSender(domain: string, options: ExamineSenderOptions): Promise<Step[]> {
  const asked = readAsked(domain, options)
  const mailauth = await loadMailauth()
  const names = new NameServers(options)
  const steps: Step[] = []
  try {
    for (const { name, check } of checksOf(
      { domain: asked.domain, names, mailauth },
      asked.address,
      asked.selector,
    )) {
      const dead = steps[0]?.verdict === 'fail'
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as they are shown
      const step = await stepOf(
        name,
        dead ? async () => skip('Not looked at, because the look-up of the domain failed.') : check,
      )
      // What Ctrl-C interrupted is no finding.
      options.signal.throwIfAborted()
      steps.push(step)
      options.onStep?.(step)
    }
    return steps
  } finally {
    names.close()
  }
}

interface Check {
  readonly name: string
  readonly check: () => Promise<Finding>
}

/** Nothing else is looked at if the first one fails. */
function checksOf(sender: Sender, address: SendingAddress | string, selector: string | undefined): Check[] {
  const ofAddress = (check: (known: SendingAddress) => Promise<Finding>) => async () =>
    typeof address === 'string' ? skip(address) : check(address)
  return [
    { name: 'domain', check: () => checkDomain(sender) },
    { name: 'MX', check: () => checkMailExchangers(sender) },
    { name: 'SPF record', check: () => checkSpfRecord(sender) },
    { name: 'SPF of address', check: ofAddress((known) => checkSpfOf(known, sender)) },
    {
      name: selector === undefined ? 'DKIM keys' : 'DKIM key',
      check: () => (selector === undefined ? findDkimKeys(sender) : checkDkimKey(selector, sender)),
    },
    { name: 'DMARC', check: () => checkDmarc(sender) },
    { name: 'reverse name', check: ofAddress((known) => checkReverseName(known, sender)) },
  ]
}

async function checkDomain({ domain, names }: Sender): Promise<Finding> {
  return (await names.exists(domain))
    ? pass(`${domain} exists.`)
    : fail(`${domain} does not exist, so receivers refuse mail from it. Correct the name, or register it.`)
}

async function stepOf(name: string, check: () => Promise<Finding>): Promise<Step> {
  const start = performance.now()
  const finding = await check().catch((error: unknown) => {
    if (!(error instanceof NoAnswer)) throw error
    return fail(`${error.message} Try again, or ask another name server with --dns-server.`)
  })
  const durationMs = Math.round(performance.now() - start)
  return { stage: 'mail-from', name, verdict: finding.verdict, durationMs, detail: harmless(finding.detail) }
}

const MOST_CHARACTERS = 2_000

/** Anybody can write anything into a record, such as control characters and no end of text. */
function harmless(detail: string): string {
  const text = visible(detail)
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
}

function readDomain(text: string): string {
  const domain = domainToASCII(text.slice(text.lastIndexOf('@') + 1).replace(/\.$/, '')).toLowerCase()
  if (!/^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/.test(domain))
    throw new UsageError(`--sender takes a domain, such as example.com, not ${JSON.stringify(text)}`)
  return domain
}

function readSelector(selector: string | undefined): string | undefined {
  if (selector === undefined || /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i.test(selector)) return selector
  throw new UsageError(`--selector takes the name before ._domainkey, such as google, not ${selector}`)
}
