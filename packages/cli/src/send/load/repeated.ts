import type { MessageInput } from '@loudmail/core'
import { randomUUID } from 'node:crypto'
import { headerSection } from '../header-section.ts'

/** A function that returns the message again and again, each with its own Message-ID. */
export function repeated(message: MessageInput): () => MessageInput {
  const { messageId: _, ...others } = message
  const { raw, envelope } = message
  // Without a Message-ID, each gets its own when it is built.
  if (raw === undefined) return () => others
  // From JSON, it is a text or the form that bytes have there.
  const bytes = Buffer.from(raw as Buffer)
  const { start, fields } = headerSection(bytes)
  const field = fields.find(({ name }) => name === 'message-id')
  const before = bytes.subarray(start, field?.start ?? start)
  const after = bytes.subarray(field?.end ?? start)
  const domain = envelope?.from?.split('@').at(-1) || 'localhost'
  return () => ({
    ...others,
    raw: Buffer.concat([before, Buffer.from(`Message-ID: <${randomUUID()}@${domain}>\r\n`), after]),
  })
}
