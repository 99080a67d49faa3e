import type { MessageInput } from '@loudmail/core'
import { parseAddressList } from '@loudmail/core/transport'
import { UsageError } from '../usage-error.ts'
import { headerSection } from './header-section.ts'
import type { SendOptions } from './send-options.ts'

/** Options that would have to change the message. */
const COMPOSING = {
  cc: '--cc',
  bcc: '--bcc',
  replyTo: '--reply-to',
  subject: '--subject',
  text: '--text',
  html: '--html',
  textFile: '--text-file',
  htmlFile: '--html-file',
  attach: '--attach',
  header: '--header',
} satisfies Partial<Record<keyof SendOptions, string>>

/**
 * A message in RFC 5322 form. It is sent as it is. Its envelope comes from `--from` and `--to`, or else from its header.
 *
 * @throws UsageError for an option that would change the message
 * @throws MailError `compose/invalid-address`
 */
export function messageFromEml(bytes: Buffer, options: SendOptions): MessageInput {
  for (const [field, option] of Object.entries(COMPOSING))
    if (options[field as keyof SendOptions] !== undefined)
      throw new UsageError(
        `a whole message is sent as it is, so ${option} cannot be used: only --from and --to can, for the envelope`,
      )
  needHeader(bytes)
  return { raw: bytes, envelope: { from: senderOf(bytes, options), to: recipientsOf(bytes, options) } }
}

/** A picture or a table that was named by mistake. */
function needHeader(bytes: Buffer): void {
  const { start, fields } = headerSection(bytes)
  if (fields[0]?.start !== start)
    throw new UsageError(
      'this is not a message: it does not begin with header fields, such as "From: ann@example.com"',
    )
}

function senderOf(bytes: Buffer, { from }: SendOptions): string {
  // The null reverse-path of bounces.
  if (from === '' || from === '<>') return ''
  if (from !== undefined) return first([from], '--from')
  const senders = valuesOf(bytes, 'sender')
  return senders.length > 0
    ? first(senders, 'the Sender field of the message')
    : first(valuesOf(bytes, 'from'), 'the From field of the message')
}

function first(values: readonly string[], field: string): string {
  const [address] = parseAddressList(values, field)
  if (!address)
    throw new UsageError('the message does not name a sender in its From field: write one with --from')
  return address.address
}

function recipientsOf(bytes: Buffer, { to }: SendOptions): readonly string[] {
  const recipients = to
    ? parseAddressList(to, '--to')
    : ['to', 'cc', 'bcc'].flatMap((name) =>
        parseAddressList(valuesOf(bytes, name), `the ${name} field of the message`),
      )
  if (recipients.length === 0)
    throw new UsageError('the message names no recipients in its To, Cc and Bcc fields: write them with --to')
  return recipients.map(({ address }) => address)
}

function valuesOf(bytes: Buffer, name: string): readonly string[] {
  return headerSection(bytes)
    .fields.filter((field) => field.name === name && field.value !== '')
    .map(({ value }) => value)
}
