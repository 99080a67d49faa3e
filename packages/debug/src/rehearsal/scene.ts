import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Transport } from '@loudmail/core'
import { closedPort, startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import type { Rehearsal } from './rehearsal.ts'

/** A server and the client that talks to it. */
export interface Scene {
  readonly client: Transport
  /** Hands over the content of a message that the server accepted, which it keeps no longer; undefined if there is none. */
  take(id: number): Uint8Array | undefined
  close(): Promise<void>
}

const HOST = '127.0.0.1'
/** What is accepted is taken from the server as it comes. */
const KEPT = { maxMessages: 0, maxConnections: 10, maxEntries: 1_000 }
/** How many messages wait for their reply to be read. */
const WAITING_MAX = 100

export async function openScene({ script, client: options, instead }: Rehearsal): Promise<Scene> {
  if (instead === 'nobody') {
    const client = smtp({ host: HOST, port: await closedPort(), ...options })
    return { client, take: () => undefined, close: async () => client.close?.() }
  }
  if (instead) {
    const proxy = await startProxy(
      instead === 'refusing proxy' ? 'HTTP/1.1 403 Forbidden\r\n\r\n' : undefined,
    )
    const client = smtp({ host: 'mail.example.test', ...options, proxy: `http://${HOST}:${proxy.port}` })
    const close = async (): Promise<void> => {
      await client.close?.()
      await proxy.close()
    }
    return { client, take: () => undefined, close }
  }
  // Like smtp(), the server does not keep the process alive.
  const server = await startServer({ ...script, ...KEPT, unref: true })
  const client = smtp({ host: HOST, port: server.port, ...options })
  const close = async (): Promise<void> => {
    await client.close?.()
    await server.close()
  }
  const waiting = new Map<number, Uint8Array>()
  server.on('message', ({ id, content }) => {
    waiting.set(id, content)
    // The reply to the oldest was never read.
    if (waiting.size > WAITING_MAX) waiting.delete(waiting.keys().next().value!)
  })
  const take = (id: number): Uint8Array | undefined => {
    const content = waiting.get(id)
    waiting.delete(id)
    return content
  }
  return { client, take, close }
}

/** An HTTP proxy that gives everybody the same answer, or none. */
async function startProxy(answer: string | undefined): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const proxy = createServer((socket) => {
    sockets.add(socket.unref())
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    if (answer !== undefined) socket.end(answer)
  })
  proxy.listen(0, HOST)
  await once(proxy, 'listening')
  proxy.unref()
  return {
    port: (proxy.address() as AddressInfo).port,
    async close() {
      const closed = once(proxy, 'close')
      proxy.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
