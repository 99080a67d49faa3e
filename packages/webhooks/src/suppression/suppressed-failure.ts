import { MailError, type Message } from '@loudmail/core'
import type { Suppression } from './suppression.ts'

/** So many recipients are named in a summary; the list has the others. */
const MOST_NAMED = 10

/** The failure of recipients who are on the list. Nothing was sent to them. */
export function suppressedFailure(
  message: Pick<Message, 'messageId' | 'replayable'>,
  suppressed: ReadonlyMap<string, Suppression>,
  transport: string,
): MailError {
  const named = [...suppressed]
    .slice(0, MOST_NAMED)
    .map(([address, why]) => `${address}, because ${inWords(why)}`)
  const more = suppressed.size - named.length
  return new MailError({
    stage: 'rcpt-to',
    kind: 'suppressed',
    summary: `on the suppression list: ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    hint: hintFor([...suppressed.keys()]),
    recipients: [...suppressed.keys()].map(
      (address) =>
        ({
          address,
          status: 'rejected',
          kind: 'suppressed',
          scope: 'recipient',
          permanence: 'permanent',
        }) as const,
    ),
    messageId: message.messageId,
    replayable: message.replayable,
    transport,
  })
}

/**
 * What became of the whole message, with what to do about those who are on the list.
 *
 * @param refused the failure of those who are on the list
 */
export function withListHint(error: MailError, refused: MailError): MailError {
  const suppressed = refused.recipients.map(({ address }) => address)
  const isSuppressed = new Set(suppressed)
  const isOnlyList = error.recipients.every(
    ({ address, status }) => status === 'accepted' || isSuppressed.has(address),
  )
  // What became of the others comes first.
  if (!isOnlyList) return error.with({ hint: `${error.hint} ${notSent(suppressed)}` })
  // The failure is not one that came before itself.
  const failures = error.failures.filter((failure) => failure !== refused)
  return error.with({ hint: `${hintFor(suppressed)} The other recipients have the message.`, failures })
}

function hintFor(addresses: readonly string[]): string {
  const isOne = addresses.length === 1
  const [these, one] = isOne ? ['this address', 'it is'] : ['these addresses', 'one is']
  const call = isOne ? `remove(${JSON.stringify(addresses[0])})` : 'remove(address)'
  return `Remove ${these} from your recipients. If ${one} right after all, take it off with \`${call}\` of the suppression list, and off the list of the provider if it keeps one.`
}

function notSent(addresses: readonly string[]): string {
  const who = addresses.length === 1 ? addresses[0] : `${addresses.length} recipients`
  return `Nothing was sent to ${who}, because of the suppression list: \`failures\` says why.`
}

function inWords({ reason, code, at, from, until }: Suppression): string {
  const day = (date: Date): string => date.toISOString().slice(0, 10)
  const since = {
    bounced: `mail to it ${until ? 'bounced again and again' : 'bounced for good'}`,
    complained: 'its owner complained',
    unsubscribed: 'its owner unsubscribed',
    manual: 'somebody put it there',
  }[reason]
  const source = [code, from && `says ${from}`].filter(Boolean).join(', ')
  const end = until ? `, until ${day(until)}` : ''
  return `${since} on ${day(at)}${source && ` (${source})`}${end}`
}
