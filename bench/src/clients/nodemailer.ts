import { createTransport, type SendMailOptions } from 'nodemailer'
import MailComposer from 'nodemailer/lib/mail-composer'
import type { ClientModule } from '../client.ts'
import { FILE_NAME, type Work } from '../work.ts'

export const connect: ClientModule['connect'] = ({ port, connections, variant, logIn }, work) => {
  const way = logIn ? { requireTLS: true, tls: { ca: logIn.ca }, auth: logIn.auth } : { ignoreTLS: true }
  const server = { host: '127.0.0.1', port, ...way }
  const pooled = variant === 'pooled'
  const transport = pooled
    ? createTransport({ ...server, pool: true, maxConnections: connections, maxMessages: Infinity })
    : createTransport(server)
  const options = optionsOf(work)
  return { send: () => transport.sendMail(options), close: () => transport.close(), queues: pooled }
}

export const composer: ClientModule['composer'] = (work) => {
  const options = optionsOf(work)
  return () => new MailComposer({ ...options }).compile().build()
}

function optionsOf({ from, to, subject, text, html, bytes, file }: Work): SendMailOptions {
  const attachment = bytes ? { filename: FILE_NAME, content: bytes } : file ? { path: file } : undefined
  return {
    from,
    to,
    subject,
    text,
    ...(html !== undefined && { html }),
    ...(attachment && { attachments: [attachment] }),
  }
}
