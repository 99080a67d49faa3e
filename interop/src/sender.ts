import { MailError, type Message, type MessageInput, type Trace } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { certificates } from '@loudmail/server'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import type { RealServer } from './real-server.ts'
import type { PortName, RunningServer } from './running-server.ts'

export type WayOptions = Partial<SmtpOptions> & { readonly via?: PortName }

/** The outcome of several messages. */
export interface Sent {
  readonly messages: readonly Message[]
  /** By position: the server's final reply, or the failure. */
  readonly outcomes: readonly (string | MailError)[]
  /** Every line that the client sent. */
  readonly said: readonly string[]
  /** What happened to the connections. */
  readonly events: readonly string[]
  /** How many connections there were. */
  readonly connections: number
}

/** Options that lead to a server: by default not encrypted, and one connection. */
export function optionsFor(
  { lmtp }: RealServer,
  { ports }: RunningServer,
  { via = 'starttls', ...options }: WayOptions = {},
): SmtpOptions {
  const tlsOptions = { ca: certificates.ca }
  const pool = { connections: 1 }
  return {
    host: 'localhost',
    port: ports[via],
    lmtp,
    tls: 'none',
    tlsOptions,
    pool,
    timeoutMs: 15_000,
    ...options,
  }
}

/** Sends messages all at once through one transport. Never throws a MailError. */
export async function sendAll(options: SmtpOptions, inputs: readonly Partial<MessageInput>[]): Promise<Sent> {
  const messages = inputs.map((input) => toMessage({ ...USUAL, ...input }))
  const said: string[] = []
  const events: string[] = []
  const connections = new Set<string>()
  const trace: Trace = {
    add({ entries }) {
      for (const { from, text, connection } of entries) {
        connections.add(connection)
        if (from === 'client') said.push(text)
        if (from === 'event') events.push(text)
      }
    },
  }
  const transport = smtp(options)
  const send = async (message: Message): Promise<string | MailError> => {
    try {
      return (await transport.send(message, { trace })).response ?? ''
    } catch (error) {
      if (MailError.is(error)) return error
      throw error
    }
  }
  try {
    const outcomes = await Promise.all(messages.map(send))
    return { messages, outcomes, said, events, connections: connections.size }
  } finally {
    await transport.close?.()
  }
}

const USUAL = {
  from: 'Sender <sender@sender.test>',
  to: 'ann@inbox.test',
  subject: 'Interop',
  text: 'Hello\n',
}
