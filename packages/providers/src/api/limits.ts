import { MailError, type Message } from '@loudmail/core'
import type { MimeBody } from './mime-body.ts'
import { checkCount } from './recipient-count.ts'
import type { Support } from './support.ts'

/**
 * Checks what a provider documents about whole messages, before they are sent there.
 *
 * @throws MailError `compose/too-many-recipients`, `submit/message-too-large`, `submit/smtputf8-required`
 */
export function checkLimits(
  message: Message,
  { bytes, smtputf8 }: MimeBody,
  { recipients, octets }: Support,
  title: string,
): void {
  const to = message.envelope.to.map((address) => ({ name: '', address }))
  checkCount({ to, cc: [], bcc: [] }, title, recipients)
  // A MB of a provider has 1,000,000 or 1,048,576 octets. In between, the provider decides.
  if (bytes.length > octets * 1.048576)
    throw new MailError({
      stage: 'submit',
      kind: 'message-too-large',
      summary: `${title} takes at most ${octets / 1e6} MB a message, and this one has ${(bytes.length / 1e6).toFixed(1)} MB with its attachments encoded`,
    })
  // What a raw message has in its header is up to its author.
  if (message.envelope.smtputf8 || (smtputf8 && !message.raw))
    throw new MailError({
      stage: 'submit',
      kind: 'smtputf8-required',
      summary: `${title} takes only addresses whose part before the @ is ASCII`,
    })
}
