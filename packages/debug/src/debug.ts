import {
  checkOptions,
  configError,
  failAll,
  joinTranscripts,
  MailError,
  type Schemes,
  type Transcript,
  type Transport,
} from '@loudmail/core'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { memoryStore, type MailStore } from './mail-store.ts'

export interface DebugOptions {
  /** Where messages are kept. @default memoryStore() */
  readonly store?: MailStore | undefined
  /** Swallow mail although NODE_ENV is `production`. @default false */
  readonly captureInProduction?: boolean | undefined
}

/** A transport that captures, with what it captured. */
export interface DebugTransport extends Transport {
  readonly store: MailStore
}

const NAME = 'debug()'

/**
 * Sends every message over a real SMTP connection to a server inside the process, which keeps it: what was captured is
 * what went over the wire, with the conversation that carried it. Nothing leaves the machine.
 *
 * @throws MailError `config/invalid-config` where NODE_ENV is `production` and nobody asked for it by name
 */
export function debug(options: DebugOptions = {}): DebugTransport {
  checkOptions(options, NAME, ['store', 'captureInProduction'])
  const { store = memoryStore(), captureInProduction = false } = options
  if (process.env.NODE_ENV === 'production' && captureInProduction !== true) {
    throw configError(
      'debug() keeps mail instead of sending it, and NODE_ENV is production: use a real transport, or say { captureInProduction: true }',
    )
  }
  let running: Promise<{ server: SmtpServer; client: Transport }> | undefined
  let closing: Promise<void> | undefined
  const start = (): NonNullable<typeof running> => (running ??= begin())
  return {
    name: NAME,
    store,
    async send(message, context) {
      if (closing)
        throw failAll(message, 'not-attempted', { stage: 'queue', kind: 'pool-closed', transport: NAME })
      const { server, client } = await start()
      const heard: Transcript[] = []
      const add = (transcript: Transcript): void => {
        heard.push(transcript)
        context?.trace?.add(transcript)
      }
      const { envelope, messageId } = message
      try {
        const delivery = await client.send(message, { ...context, trace: { add } })
        const transcript = joinTranscripts(heard)
        store.add({ envelope, messageId, transcript, content: captured(server, delivery.response) })
        return { ...delivery, transport: NAME, state: 'captured', transcript }
      } catch (error) {
        if (!MailError.is(error)) throw error
        const failure = error.with({ transport: NAME })
        store.add({ envelope, messageId, transcript: failure.transcript, error: failure })
        throw failure
      }
    },
    async verify(context) {
      await (await start()).client.verify?.(context)
    },
    close() {
      closing ??= running ? running.then(end) : Promise.resolve()
      return closing
    },
  }
}

/** Schemes for `transportFromUrl`: `debug:`. */
export const schemes: Schemes = { debug: () => debug() }

async function begin(): Promise<{ server: SmtpServer; client: Transport }> {
  // The store keeps the messages: the server needs each only until its reply was read.
  const server = await startServer({ maxMessages: 100, maxConnections: 10, maxEntries: 1_000 })
  return { server, client: smtp({ host: server.host, port: server.port, tls: 'none' }) }
}

async function end({ server, client }: { server: SmtpServer; client: Transport }): Promise<void> {
  await client.close?.()
  await server.close()
}

/** The server's reply names the message: `250 2.0.0 Ok: queued as 7`. */
function captured(server: SmtpServer, response: string | undefined): Uint8Array | undefined {
  const id = Number(/queued as (\d+)/.exec(response ?? '')?.[1])
  return server.messages.find((message) => message.id === id)?.content
}
