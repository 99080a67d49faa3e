import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Mailer, type MessageInput, type Receipt, type Transport } from '@loudmail/core'
import { closedPort, startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import type { ClientSettings, Scenario } from './scenario.ts'

/** Every timeout of a client, in milliseconds. */
export const TIMEOUT_MS = 1_500

/** The address that a client connects to. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  /** The authority that signed the server's good certificate, PEM. */
  readonly ca: string | undefined
  /** The URL of an HTTP proxy. */
  readonly proxy: string | undefined
}

/** Makes the transport that a scenario needs: one connection, and every timeout is {@link TIMEOUT_MS}. */
export type MakeTransport = (client: ClientSettings, endpoint: Endpoint) => Transport

/** Plays a scenario on real sockets and closes what it opened. Throws what the caller of `send()` would get. */
export async function play({ server: script, client }: Scenario, make: MakeTransport): Promise<Receipt> {
  await using server = isServed(script) ? await startServer(script as ServerScript) : undefined
  await using proxy = client.proxy === undefined ? undefined : await refusingProxy()
  const port = client.port ?? server?.port ?? (await closedPort())
  await using transport = closing(
    make(client, { host: client.host ?? 'localhost', port, ca: server?.ca, proxy: proxy?.url }),
  )
  await using mailer = new Mailer({ transport })
  return await act(mailer, transport, client, server)
}

function closing(transport: Transport): Transport & AsyncDisposable {
  return Object.assign(transport, { [Symbol.asyncDispose]: async () => transport.close?.() })
}

function isServed({ kind = 'smtp' }: { readonly kind?: string }): boolean {
  return kind === 'smtp'
}

async function act(
  mailer: Mailer,
  transport: Transport,
  client: ClientSettings,
  server: SmtpServer | undefined,
): Promise<Receipt> {
  const message = messageFor(client)
  switch (client.action) {
    case 'abort':
      return mailer.send(message, { signal: abortAfter(client.abortAfter!) })
    case 'poolCloseQueued': {
      const first = mailer.send(message)
      const second = mailer.send(message)
      second.catch(() => {})
      await server!.waitFor('command', ({ command }) => command === 'MAIL')
      await transport.close!()
      await first
      return second
    }
    case 'secondAfterIdle':
      await mailer.send(message)
      await server!.waitFor('close')
      return mailer.send(message)
    case 'secondSoon':
      await mailer.send(message)
      return mailer.send(message)
    case undefined:
    default:
      return mailer.send(message)
  }
}

function abortAfter(ms: number): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), ms)
  return controller.signal
}

function messageFor({ msg = {} }: ClientSettings): MessageInput {
  return {
    from: 'alice@sender.example',
    to: msg.to ?? ['bob@rcpt.example'],
    subject: msg.subject ?? 'Hello',
    text:
      msg.text ??
      (msg.textBytes
        ? 'x'
            .repeat(70)
            .concat('\n')
            .repeat(msg.textBytes / 71)
        : 'Hello'),
    ...(msg.attachStreamError && { attachments: [{ filename: 'half.txt', content: half }] }),
  }
}

async function* half(): AsyncGenerator<string> {
  yield 'the first half'
  throw new Error('the disk went away')
}

/** An HTTP proxy that refuses every CONNECT. */
async function refusingProxy(): Promise<AsyncDisposable & { url: string }> {
  const server: Server = createServer()
  server.on('connect', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
