import { Mailer, type MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import { smtp } from '@loudmail/smtp'
import type { Client, ClientModule } from '../client.ts'
import { FILE_NAME, type Work } from '../work.ts'

export const connect: ClientModule['connect'] = async ({ port, connections, window, variant }, work) => {
  const input = inputOf(work)
  const bare = smtp({ host: '127.0.0.1', port, tls: 'none', pool: { connections, window } })
  if (variant === 'Mailer') return throughMailer(new Mailer({ transport: bare }), input)
  // Only its own runs pay for loading it.
  const transport = variant === 'record' ? (await import('@loudmail/debug')).record(bare) : bare
  return { send: () => transport.send(toMessage(input)), close: () => transport.close?.(), queues: true }
}

function throughMailer(mailer: Mailer, input: MessageInput): Client {
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

export const composer: ClientModule['composer'] = (work, variant) => {
  const input = inputOf(work)
  const message = toMessage(input)
  return variant === 'parsed before' ? () => compose(message) : () => compose(toMessage(input))
}

function inputOf({ from, to, subject, text, html, bytes, file }: Work): MessageInput {
  const attachment = bytes ? { filename: FILE_NAME, content: bytes } : file ? { path: file } : undefined
  return { from, to, subject, text, html, attachments: attachment && [attachment] }
}
