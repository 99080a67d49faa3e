import type { Address, Message } from '@loudmail/core'
import { mailboxKey, type ComposedMessage } from '@loudmail/core/transport'
import { invalid } from './provider-data.ts'

/** Who gets a message, as an API that composes it wants to know. Everybody is in one of the lists, once. */
export interface Recipients {
  readonly to: readonly Address[]
  readonly cc: readonly Address[]
  readonly bcc: readonly Address[]
}

/**
 * Those of the envelope, in the field where the message has them: in Bcc if it has them nowhere. An API that composes the
 * message sends it to those that the fields name, so somebody who is not in the envelope is left out of them.
 */
export function fieldsOfRecipients(message: ComposedMessage): Recipients {
  const left = new Map(message.envelope.to.map((address) => [mailboxKey(address), address]))
  const take = (list: readonly Address[]): Address[] =>
    list.filter(({ address }) => left.delete(mailboxKey(address)))
  const to = take(message.to)
  const cc = take(message.cc)
  return { to, cc, bcc: [...left.values()].map((address) => ({ name: '', address })) }
}

/**
 * The same for an API that needs somebody in To.
 *
 * @throws MailError `compose/invalid-message` if the API wants somebody in To, and that would show others who gets it
 */
export function recipientsOf(message: ComposedMessage, title: string): Recipients {
  const { to, cc, bcc } = fieldsOfRecipients(message)
  if (to.length > 0) return { to, cc, bcc }
  if (cc.length > 0) return { to: cc, cc: [], bcc }
  if (bcc.length === 1) return { to: bcc, cc: [], bcc: [] }
  throw invalid(
    `${title} needs somebody in \`to\`, and this message has recipients only in \`bcc\` or in the envelope`,
    'Put an address of your own into `to`, or send a message to each recipient.',
  )
}

/**
 * A message that is not composed yet.
 *
 * @throws MailError `compose/invalid-message` for one that was composed elsewhere
 */
export function composedOnly(message: Message, title: string): ComposedMessage {
  if (!message.raw) return message
  throw invalid(
    `${title} composes messages itself, so it cannot send one that was composed before (\`raw\`)`,
    'Pass the parts of the message (`subject`, `text`, `html`, ...), or send it with `smtp()`, `ses()`, `mailgun()`, `gmail()` or `microsoftGraph()`.',
  )
}

/** An address as it stands in a header: `"Tea shop" <tea@example.com>`. */
export function mailbox({ name, address }: Address): string {
  return name === '' ? address : `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}" <${address}>`
}
