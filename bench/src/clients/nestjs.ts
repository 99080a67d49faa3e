import 'reflect-metadata'
import { MailerService } from '@nestjs-modules/mailer'
import { createTransport } from 'nodemailer'
import type { ClientModule } from '../client.ts'

export const connect: ClientModule['connect'] = (
  { port, connections, logIn },
  { from, to, subject, text },
) => {
  const way = logIn ? { requireTLS: true, tls: { ca: logIn.ca }, auth: logIn.auth } : { ignoreTLS: true }
  const server = { host: '127.0.0.1', port, ...way }
  const transport = { ...server, pool: true, maxConnections: connections, maxMessages: Infinity }
  // The service as its module creates it, without the rest of Nest.
  const service = new MailerService({ transport }, { createTransport: () => createTransport(transport) })
  return {
    send: () => service.sendMail({ from, to, subject, text }),
    close: () => service.onModuleDestroy(),
    queues: true,
  }
}
