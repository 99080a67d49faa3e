import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { certificates, type CertificateName } from '../certificates.ts'
import { waitFor } from '../message/wait-for.ts'
import { Listeners } from '../server-events.ts'
import { secureWith } from '../session/secure.ts'
import { Wire } from '../session/wire.ts'
import { HttpConnectionLog, type HttpConnection } from './connection/http-connection.ts'
import type { HttpRequest, RequestLog } from './connection/http-request.ts'
import { serveConnection, type HttpHome } from './connection/serve-connection.ts'
import type { HttpServerEvents } from './http-events.ts'
import type { HttpScript } from './script/http-action.ts'
import { ScriptQueue } from './script/script-queue.ts'

/** Where an HTTP server listens, and with which certificate. */
export interface HttpServerOptions {
  /** @default 0, which picks a free port */
  port?: number | undefined
  /** @default '127.0.0.1' */
  host?: string | undefined
  /** HTTPS with this test certificate; `true` is `good`. @default false */
  tls?: boolean | CertificateName | undefined
  /** More options for the TLS context; they override those of the certificate. */
  tlsOpts?: TlsOptions | undefined
  /** Do not keep the process alive. @default false */
  unref?: boolean | undefined
}

/** A running HTTP server. */
export interface HttpServer extends AsyncDisposable {
  /** The address that it listens on. */
  readonly host: string
  /** The port that it listens on. */
  readonly port: number
  /** `http://` or `https://` with the host and the port, without a slash at the end. */
  readonly url: string
  /** The test authority that signed the `good` certificate, as PEM. */
  readonly ca: string
  /** The requests whose head has arrived, oldest first. A record grows until it is complete. */
  readonly requests: readonly HttpRequest[]
  /** The connections, oldest first. A record grows while its connection is open. */
  readonly connections: readonly HttpConnection[]
  /** Replaces the script, for requests whose head has not arrived yet. Throws a TypeError if it is not valid. */
  play(script: HttpScript): void
  /** Calls the listener for every such event from now on. Returns a function that removes the listener. */
  on<Name extends keyof HttpServerEvents>(
    name: Name,
    listener: (value: HttpServerEvents[Name]) => void,
  ): () => void
  /**
   * Resolves to the first matching event, past or future. Events before `clear` do not count. Rejects when the server
   * closes or the signal aborts.
   */
  waitFor<Name extends keyof HttpServerEvents>(
    name: Name,
    matches?: (value: HttpServerEvents[Name]) => boolean,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<HttpServerEvents[Name]>
  /** Forgets requests and closed connections. */
  clear(): void
  /** Stops listening and destroys every connection. Can be called more than once. */
  close(): Promise<void>
}

/**
 * Starts an HTTP/1.1 server that does with each request what the script says, and without one answers 200 with an empty
 * JSON object. Rejects with a TypeError if the script or an option is not valid, and with the system's error if the server
 * cannot listen.
 */
export async function startHttpServer(
  script: HttpScript = { status: 200, body: {} },
  options: HttpServerOptions = {},
): Promise<HttpServer> {
  checkOptions(options)
  const { host = '127.0.0.1', port = 0, tls = false, tlsOpts = {}, unref = false } = options
  const listeners = new Listeners<HttpServerEvents>()
  const connections: HttpConnectionLog[] = []
  const requests: RequestLog[] = []
  const wires = new Set<Wire>()
  const closing = new AbortController()
  let connectionIds = 0
  let requestIds = 0
  const home: HttpHome = {
    script: new ScriptQueue(script),
    secure: tls === false ? undefined : secureAs(tls, tlsOpts),
    nextRequestId: () => ++requestIds,
    began: (request) => {
      requests.push(request)
      listeners.emit('head', request)
    },
    arrived: (request) => listeners.emit('request', request),
  }

  function serve(socket: Socket): void {
    if (unref) socket.unref()
    const log = new HttpConnectionLog(++connectionIds, socket.remotePort ?? 0)
    connections.push(log)
    const wire = new Wire(socket, {
      received: (octets) => void (log.octetsReceived += octets.length),
      failed: (error) => log.fail(error),
      closed: () => {
        wires.delete(wire)
        log.closedAt = new Date()
        listeners.emit('close', log)
      },
    })
    wires.add(wire)
    listeners.emit('connection', log)
    serveConnection(home, wire, log).catch((error: unknown) => {
      log.fail(error as Error)
      process.emitWarning(error instanceof Error ? error : String(error))
      wire.destroy()
    })
  }

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, serve)
  listener.listen(port, host)
  await once(listener, 'listening')
  if (unref) listener.unref()
  listener.on('error', (error) => process.emitWarning(error))
  const closed = new Promise((resolve) => listener.once('close', resolve))
  const address = listener.address() as AddressInfo

  async function close(): Promise<void> {
    closing.abort(new Error('The server is closed'))
    if (listener.listening) listener.close()
    for (const wire of wires) wire.destroy()
    await closed
  }

  return {
    host,
    port: address.port,
    url: `${tls === false ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    ca: certificates.ca,
    requests,
    connections,
    play: (next) => home.script.play(next),
    on: (name, listening) => listeners.on(name, listening),
    waitFor: (name, matches, { signal } = {}) =>
      waitFor(name, matches ?? (() => true), {
        listeners,
        past: {
          connection: () => connections,
          head: () => requests,
          request: () => requests.filter((request) => request.complete),
          close: () => connections.filter((connection) => connection.closedAt),
        },
        signals: signal ? [closing.signal, signal] : [closing.signal],
      }),
    clear: () => {
      requests.length = 0
      connections.splice(0, Infinity, ...connections.filter((connection) => !connection.closedAt))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function checkOptions(options: HttpServerOptions): void {
  const known: Readonly<Record<keyof HttpServerOptions, true>> = {
    port: true,
    host: true,
    tls: true,
    tlsOpts: true,
    unref: true,
  }
  const unknown = Object.keys(options).find((key) => !(key in known))
  if (unknown !== undefined)
    throw new TypeError(
      `Unknown option "${unknown}" of the HTTP server; the options are ${Object.keys(known).join(', ')}`,
    )
  const { tls } = options
  if (typeof tls === 'string' && !(tls in certificates))
    throw new TypeError('"tls" must be true, false, or one of good, selfsigned, expired and wronghost')
}

function secureAs(tls: true | CertificateName, tlsOpts: TlsOptions): HttpHome['secure'] {
  return secureWith({
    cert: tls === true ? 'good' : tls,
    tlsOpts: { ALPNProtocols: ['http/1.1'], ...tlsOpts },
  })
}
