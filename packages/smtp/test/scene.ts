import { inspect } from 'node:util'
import {
  formatTranscript,
  MailError,
  type Message,
  type MessageInput,
  type TransportContext,
  type Transport,
} from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { startServer, type ServerOptions, type ServerScript, type SmtpServer } from '@loudmail/server'
import { smtp, type PoolOptions, type SmtpOptions } from '../src/index.ts'

export const BASIC = ['SIZE 10485760', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8'] as const

interface Way {
  readonly way: string
  readonly caps: readonly string[]
  readonly pool: PoolOptions
  /** Content goes by BDAT although it is small. */
  readonly bdat: boolean
}

const one = { connections: 1 }

/** The ways a client can go about a message. */
export const WAYS: readonly Way[] = [
  { way: 'one command at a time', caps: BASIC, pool: one, bdat: false },
  { way: 'with PIPELINING', caps: ['PIPELINING', ...BASIC], pool: one, bdat: false },
  { way: 'with CHUNKING', caps: ['CHUNKING', ...BASIC], pool: one, bdat: false },
  { way: 'with PIPELINING and CHUNKING', caps: ['PIPELINING', 'CHUNKING', ...BASIC], pool: one, bdat: false },
  {
    way: 'with a window of 4',
    caps: ['PIPELINING', 'CHUNKING', ...BASIC],
    pool: { ...one, window: 4 },
    bdat: true,
  },
]

/** A server with a transport that sends to it; both are closed when it goes out of scope. */
export interface Scene extends AsyncDisposable {
  readonly server: SmtpServer
  readonly transport: Transport
}

export async function scene(
  script: ServerScript & ServerOptions = {},
  options: Partial<SmtpOptions> = {},
): Promise<Scene> {
  const server = await startServer(script)
  const transport = smtp({
    host: '127.0.0.1',
    port: server.port,
    tls: script.tls ?? 'none',
    tlsOptions: { ca: server.ca },
    timeoutMs: 3_000,
    ...options,
  })
  return {
    server,
    transport,
    async [Symbol.asyncDispose]() {
      await server.close()
      await transport.close!()
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

/** Content in many pieces, read while it is sent. */
export function large(changes: Partial<MessageInput> = {}, pieces = 12): Message {
  const lines = Buffer.from(`${'x'.repeat(62)}\r\n`.repeat(1_024))
  async function* content(): AsyncGenerator<Buffer> {
    for (let piece = 0; piece < pieces; piece++) yield lines
  }
  return message({ attachments: [{ filename: 'large.txt', content }], ...changes })
}

/** More content than sockets buffer, so that a server can answer in the middle of it. */
export function huge(): Message {
  return large({}, 256)
}

/** What a promise rejects with, which has to be a MailError. */
export async function failureOf(promise: Promise<unknown>): Promise<MailError> {
  const thrown: unknown = await promise.then(
    () => {
      throw new TypeError('this was to fail')
    },
    (error: unknown) => error,
  )
  if (MailError.is(thrown)) return thrown
  throw thrown
}

export function failure(
  transport: Transport,
  sent: Message = message(),
  context?: TransportContext,
): Promise<MailError> {
  return failureOf(transport.send(sent, context))
}

/** What a function throws, which has to be a MailError. */
export function thrownBy(run: () => unknown): MailError {
  try {
    run()
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new TypeError('this was to throw')
}

/** What makes a failure what it is. */
export function gist({ code, delivered, permanence, recipients }: MailError): object {
  return { code, delivered, permanence, statuses: recipients.map(({ status }) => status) }
}

/** Everything that a program could print of an error. */
export function everything(error: MailError): string {
  return [
    inspect(error, { depth: 12, showHidden: true }),
    JSON.stringify(error),
    error.message,
    error.stack,
    formatTranscript(error.transcript),
    inspect(error.cause, { depth: 9, showHidden: true }),
  ].join('\n')
}
