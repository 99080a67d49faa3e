import { inspect } from 'node:util'
import {
  MailError,
  type Delivery,
  type Message,
  type MessageInput,
  type Transport,
  type TransportContext,
} from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { resend, type ResendOptions } from '../../src/resend/index.ts'

export const KEY = 're_S3cr3t~Key/9+z'
export const ACCEPTED = { status: 200, body: { id: 'id-1' } } as const

/** A transport of this package: what the tests here are about is the same for all of them. */
export function api(url: string, options: Partial<ResendOptions> = {}): Transport {
  return resend({ key: KEY, url, ...options })
}

export function message(changes: Partial<MessageInput> = {}): Message {
  return toMessage({
    from: 'ann@sender.example',
    to: ['bob@rcpt.example', 'carol@rcpt.example'],
    subject: 'Tea',
    text: 'It is ready.',
    ...changes,
  })
}

/** A message with an attachment that is much larger than what sockets buffer. */
export function largeMessage(octets = 20_000_000): Message {
  return message({ attachments: [{ filename: 'large.bin', content: Buffer.alloc(octets, 'a') }] })
}

/** What a send fails with. */
export async function failure(sending: Promise<unknown>): Promise<MailError> {
  const error: unknown = await sending.then(
    () => new TypeError('the send should fail, but it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (MailError.is(error)) return error
  throw error
}

/** What became of each recipient. */
export function statuses({ recipients }: MailError): string[] {
  return recipients.map(({ status }) => status)
}

/** Everything that can be read from an error. */
export function everything(error: MailError): string {
  return [
    inspect(error, { depth: 12, showHidden: true }),
    JSON.stringify(error),
    JSON.stringify(error.transcript),
    error.hint,
    error.stack,
    inspect(error.cause, { depth: 9, showHidden: true }),
  ].join('\n')
}

/** A context, and what is told through it. */
export interface Told extends TransportContext {
  /** Resolves to the late reply. */
  readonly lateReply: Promise<Delivery | MailError>
}

export function told(context: TransportContext = {}): Told {
  const { promise, resolve } = Promise.withResolvers<Delivery | MailError>()
  return { ...context, late: resolve, lateReply: promise }
}

/** A reason with which a deadline ends a send. */
export const DEADLINE = new DOMException('The deadline passed', 'TimeoutError')
