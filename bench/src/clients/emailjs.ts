import type { Socket } from 'node:net'
import { Message, SMTPClient, type MessageHeaders } from 'emailjs'
import type { ClientModule } from '../client.ts'
import { FILE_NAME, type Work } from '../work.ts'

export const connect: ClientModule['connect'] = ({ port, connections, variant, logIn }, work) => {
  const way = logIn ? { tls: { ca: logIn.ca }, user: logIn.auth.user, password: logIn.auth.pass } : {}
  // A client has one connection.
  const clients = Array.from(
    { length: connections },
    () => new SMTPClient({ host: '127.0.0.1', port, ssl: false, ...way }),
  )
  let next = 0
  return {
    async send() {
      const client = clients[next++ % connections]!
      if (variant === 'no delay') (Reflect.get(client.smtp, 'sock') as Socket | null)?.setNoDelay(true)
      await client.sendAsync(new Message(headersOf(work)))
    },
    close: () => clients.forEach((client) => client.smtp.close(true)),
    queues: true,
  }
}

export const composer: ClientModule['composer'] = (work) => async () =>
  Buffer.from(await new Message(headersOf(work)).readAsync())

function headersOf({ from, to, subject, text, html, bytes, file }: Work): MessageHeaders {
  const attachment = []
  if (html !== undefined) attachment.push({ data: html, alternative: true })
  if (bytes) attachment.push({ data: bytes.toString('base64'), encoded: true, name: FILE_NAME })
  if (file) attachment.push({ path: file, name: FILE_NAME, type: 'application/octet-stream' })
  return { from, to, subject, text, attachment }
}
