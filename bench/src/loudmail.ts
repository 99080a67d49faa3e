import type { Mailer, MessageInput, Transport } from '@loudmail/core'
import type { toMessage } from '@loudmail/core/transport'
import type { smtp } from '@loudmail/smtp'
import type { Client, Target } from './client.ts'
import { FILE_NAME, type Work } from './work.ts'

/** What a run needs from a build of Loudmail, of this checkout or another one. */
export interface Build {
  readonly Mailer: typeof Mailer
  readonly smtp: typeof smtp
  readonly toMessage: typeof toMessage
  readonly record?: ((transport: Transport) => Transport) | undefined
}

/** Sends through a Mailer. The variants `transport` and `record` send through the transport itself. */
export function clientOf(
  { Mailer, smtp, toMessage, record = (transport) => transport }: Build,
  { port, connections, window, variant, logIn }: Target,
  work: Work,
): Client {
  const input = inputOf(work)
  const messagesPerConnection = variant === 'opening' ? 1 : undefined
  const transport = record(
    smtp({
      host: '127.0.0.1',
      port,
      ...(logIn ? { tls: 'starttls', tlsOptions: { ca: logIn.ca }, auth: logIn.auth } : { tls: 'none' }),
      pool: { connections, window, messagesPerConnection },
    }),
  )
  if (variant === 'transport' || variant === 'record')
    return { send: () => transport.send(toMessage(input)), close: () => transport.close?.(), queues: true }
  const mailer = new Mailer({ transport })
  return {
    send: () => mailer.send(input),
    async sendMany(count) {
      const source = (function* () {
        for (let index = 0; index < count; index++) yield input
      })()
      for await (const { receipt } of mailer.sendMany(source)) if (!receipt.ok) throw receipt.error
    },
    close: () => mailer.close(),
    queues: true,
  }
}

export function inputOf({ from, to, subject, text, html, bytes, file }: Work): MessageInput {
  const attachment = bytes ? { filename: FILE_NAME, content: bytes } : file ? { path: file } : undefined
  return { from, to, subject, text, html, attachments: attachment && [attachment] }
}
