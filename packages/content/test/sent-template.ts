import { Mailer, memory, type MailError } from '@loudmail/core'
import { expect } from 'vitest'
import type { FilledTemplate } from '../src/index.ts'

const transport = memory()
const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example', to: 'ann@rcpt.example' } })

/** What a template gave to a message. */
export interface Sent {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Sends a template. @throws MailError */
export async function sent(template: FilledTemplate): Promise<Sent> {
  await mailer.send({ template })
  const message = transport.messages.at(-1)!
  if ('raw' in message) throw new TypeError('a template gives no raw message')
  const { subject, text, html } = message
  return { subject: subject ?? '', text: text ?? '', html: html ?? '' }
}

/** The failure of a template, which must fail. */
export async function failureOf(template: FilledTemplate): Promise<MailError> {
  return sent(template).then(
    () => expect.fail('it was sent'),
    (error: MailError) => error,
  )
}
