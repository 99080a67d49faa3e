import {
  MailError,
  type Message,
  type MessageInput,
  type TransportContext,
  type Transport,
} from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import { nodemailer } from '../src/index.ts'

export const PASSWORD = 'S3cr3t-p@ss-w0rd!'
export const AUTH = { user: 'ann@sender.example', pass: PASSWORD }
export const CAPABILITIES = ['PIPELINING', 'SIZE 10485760', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8']

/** A server with a transport that sends to it; both are closed when it goes out of scope. */
export interface Scene extends AsyncDisposable {
  readonly server: SmtpServer
  readonly transport: Transport
}

export async function scene(script: ServerScript, options: object = {}): Promise<Scene> {
  const server = await startServer(script)
  const times = { connectionTimeout: 1_200, greetingTimeout: 1_200, socketTimeout: 1_200 }
  const transport = nodemailer({
    host: 'localhost',
    port: server.port,
    tls: { ca: server.ca },
    ...times,
    ...options,
  })
  return {
    server,
    transport,
    async [Symbol.asyncDispose]() {
      await transport.close!()
      await server.close()
    },
  }
}

export function message(changes: Partial<MessageInput> = {}): Message {
  return toMessage({
    from: 'ann@sender.example',
    to: 'bob@rcpt.example',
    subject: 'Hello',
    text: 'Hello',
    ...changes,
  })
}

/** The failure of a send that has to fail. */
export async function failure(
  transport: Transport,
  sent = message(),
  context?: TransportContext,
): Promise<MailError> {
  const thrown: unknown = await transport.send(sent, context).then(
    () => {
      throw new TypeError('the send was to fail')
    },
    (error: unknown) => error,
  )
  if (MailError.is(thrown)) return thrown
  throw thrown
}

/** What makes a failure what it is, in one line each. */
export function gist({ code, delivered, permanence, recipients }: MailError): object {
  return { code, delivered, permanence, statuses: recipients.map(({ status }) => status) }
}

export function lines(error: MailError): string[] {
  return error.transcript?.entries.map(({ text }) => text) ?? []
}
