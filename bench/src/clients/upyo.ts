import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createMessage, type Message } from '@upyo/core'
import { SmtpTransport } from '@upyo/smtp'
import type { ClientModule } from '../client.ts'
import { FILE_NAME, type Work } from '../work.ts'

export const connect: ClientModule['connect'] = ({ port, connections, logIn }, work) => {
  // It takes STARTTLS where that is offered.
  const way = logIn ? { tls: { ca: [logIn.ca] }, auth: logIn.auth } : {}
  const server = { host: '127.0.0.1', port, secure: false, ...way }
  const transport = new SmtpTransport({ ...server, pool: true, poolSize: connections })
  return {
    async send() {
      const receipt = await transport.send(await messageOf(work))
      if (!receipt.successful) throw new Error(receipt.errorMessages.join(' '))
    },
    close: () => transport.closeAllConnections(),
    // Its pool opens another connection for every message if none is free.
    queues: false,
  }
}

/** Upyo does not export its composer, so it is read from the source of the transport. */
export const composer: ClientModule['composer'] = async (work) => {
  const source = readFileSync(fileURLToPath(import.meta.resolve('@upyo/smtp')), 'utf8')
  const module = `data:text/javascript,${encodeURIComponent(`${source}\nexport { convertMessage }`)}`
  const { convertMessage } = (await import(module)) as {
    convertMessage: (message: Message) => Promise<{ raw: string }>
  }
  return async () => Buffer.from((await convertMessage(await messageOf(work))).raw)
}

async function messageOf({ from, to, subject, text, html, bytes, file }: Work): Promise<Message> {
  const data = file ? await readFile(file) : bytes
  const attachments = data ? [new File([new Uint8Array(data)], FILE_NAME)] : []
  const content = html === undefined ? { text } : { text, html }
  return createMessage({ from, to, subject, content, attachments })
}
