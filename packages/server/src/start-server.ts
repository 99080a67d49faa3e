import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { CapturedMessage } from './message/captured-message.ts'
import { certificates } from './certificates.ts'
import { checkScript } from './script/check-script.ts'
import { ConnectionLog, type ConnectionRecord } from './session/connection-record.ts'
import type { Home } from './home.ts'
import { MessageStore } from './message/message-store.ts'
import type { ServerOptions, ServerScript } from './script/script.ts'
import { secureWith } from './session/secure.ts'
import { Listeners, type ServerEvents } from './server-events.ts'
import { runCommand } from './session/commands.ts'
import { Session } from './session/session.ts'
import { eventsSoFar, waitFor } from './message/wait-for.ts'
import { Wire } from './session/wire.ts'

/** A running server. */
export interface SmtpServer extends AsyncDisposable {
  /** The address that it listens on. */
  readonly host: string
  /** The port that it listens on. */
  readonly port: number
  /** `smtp://`, `smtps://` or `lmtp://` with the host and the port. */
  readonly url: string
  /** The test authority that signed the `good` certificate, as PEM. */
  readonly ca: string
  /** The captured messages, oldest first. */
  readonly messages: readonly CapturedMessage[]
  /** The connections, oldest first. A record grows while its connection is open. */
  readonly connections: readonly ConnectionRecord[]
  /** Calls the listener for every such event from now on. Returns a function that removes the listener. */
  on<Name extends keyof ServerEvents>(name: Name, listener: (value: ServerEvents[Name]) => void): () => void
  /**
   * Resolves to the first matching event, past or future. Events before `clear` do not count. Rejects when the server
   * closes or the signal aborts.
   */
  waitFor<Name extends keyof ServerEvents>(
    name: Name,
    matches?: (value: ServerEvents[Name]) => boolean,
    options?: { signal?: AbortSignal },
  ): Promise<ServerEvents[Name]>
  /** Forgets messages and closed connections. */
  clear(): void
  /** Stops listening and destroys every connection. Can be called more than once. */
  close(): Promise<void>
}

/**
 * Starts a server that does what the script says, and otherwise is a correct server that accepts all mail. Rejects with a
 * TypeError if the script is not valid, and with the system's error if the server cannot listen.
 */
export async function startServer(script: ServerScript & ServerOptions = {}): Promise<SmtpServer> {
  checkScript(script)
  const { host = '127.0.0.1', port = 0, maxConnections = Infinity, maxEntries = Infinity } = script
  const store = new MessageStore(script.maxMessages, script.maxBytes)
  const listeners = new Listeners()
  const connections: ConnectionLog[] = []
  const wires = new Set<Wire>()
  const counts = new WeakMap<object, number>()
  const secure = secureWith(script)
  const closing = new AbortController()
  let connectionIds = 0
  let messageIds = 0
  if (script.onMessage) listeners.on('message', script.onMessage)

  function serve(socket: Socket): void {
    if (script.unref) socket.unref()
    const log: ConnectionLog = new ConnectionLog(
      ++connectionIds,
      socket.remotePort ?? 0,
      maxEntries,
      (entry) => listeners.emit('entry', { connection: log, entry }),
    )
    connections.push(log)
    const wire = new Wire(
      socket,
      {
        received: (bytes) => log.receive(bytes, script.keep === 'wire'),
        failed: (error) => log.fail(error),
        closed: () => {
          wires.delete(wire)
          log.closedAt = new Date()
          forgetOldest(connections, maxConnections)
          listeners.emit('close', log)
        },
      },
      script.drip,
    )
    wires.add(wire)
    const home: Home = {
      script,
      keepContent: script.keep !== 'envelope',
      counts,
      secure,
      nextMessageId: () => ++messageIds,
      captured: (message) => {
        store.add(message)
        listeners.emit('message', message)
      },
      commanded: (command, line) => listeners.emit('command', { connection: log, command, line }),
    }
    listeners.emit('connection', log)
    new Session(home, wire, log).run(runCommand).catch((error: unknown) => {
      log.fail(error as Error)
      wire.destroy()
    })
  }

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, serve)
  listener.listen(port, host)
  await once(listener, 'listening')
  if (script.unref) listener.unref()
  listener.on('error', (error) => process.emitWarning(error))
  const address = listener.address() as AddressInfo
  const scheme = script.lmtp ? 'lmtp' : script.tls === 'implicit' ? 'smtps' : 'smtp'

  async function close(): Promise<void> {
    closing.abort(new Error('The server is closed'))
    if (listener.listening) listener.close()
    const gone = [...wires].map((wire) => {
      wire.destroy()
      return wire.closed
    })
    await Promise.all([closed, ...gone])
  }
  const closed = new Promise((resolve) => listener.once('close', resolve))

  return {
    host,
    port: address.port,
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    ca: certificates.ca,
    messages: store.messages,
    connections,
    on: (name, listening) => listeners.on(name, listening),
    waitFor: (name, matches, options) => {
      const signals = options?.signal ? [closing.signal, options.signal] : [closing.signal]
      return waitFor(name, matches ?? (() => true), {
        listeners,
        past: eventsSoFar(store.messages, connections),
        signals,
      })
    },
    clear: () => {
      store.clear()
      forgetOldest(connections, 0)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Drops records of closed connections, the oldest first, until at most `most` are left. */
function forgetOldest(connections: ConnectionLog[], most: number): void {
  let excess = connections.filter((log) => log.closedAt).length - most
  for (let at = 0; excess > 0 && at < connections.length;) {
    if (connections[at]?.closedAt) {
      connections.splice(at, 1)
      excess--
    } else at++
  }
}
