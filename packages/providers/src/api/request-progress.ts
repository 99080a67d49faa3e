import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import { isIP, type Socket } from 'node:net'
import type { CallStage } from './api-options.ts'

/** How much of the body of a request was given to the connection. */
export type Written = 'nothing' | 'part' | 'all'

/**
 * How far a request came. `fetch` does not tell, but Node tells of every socket on a diagnostics channel, and the body is
 * read only once there is a connection. Other runtimes tell nothing of that: there, a request is under way from the start.
 */
export class RequestProgress {
  stage: CallStage
  written: Written = 'nothing'
  /** The runtime tells nothing: only an error of the connection shows that nothing was written. */
  isBlind = false
  /** Called when the next step begins. */
  onStage: (() => void) | undefined
  /** Called when a proxy was asked in vain so often that nothing will come of it. */
  onProxyLoop: (() => void) | undefined
  readonly #isEncrypted: boolean
  #tunnels = 0

  constructor(url: URL) {
    this.#isEncrypted = url.protocol === 'https:'
    this.stage = isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? 'dns' : 'connect'
  }

  /** Runs a request, whose sockets are then told to this object. */
  run<Result>(request: () => Result): Result {
    listen()
    return running.run(this, request)
  }

  /** A step has begun: those before it are over. */
  reach(stage: CallStage): void {
    if (ORDER.indexOf(stage) <= ORDER.indexOf(this.stage)) return
    this.stage = stage
    this.onStage?.()
  }

  /** A proxy is on the way. */
  get isProxied(): boolean {
    return this.#tunnels > 0
  }

  /** A proxy is asked for a connection. Node asks again and again if the proxy only hangs up. */
  askProxy(): void {
    this.stage = 'connect'
    if (++this.#tunnels > MOST_TUNNELS) this.onProxyLoop?.()
  }

  watch(socket: Socket): void {
    socket.once('lookup', (error) => error ?? this.reach('connect'))
    socket.once('connect', () => {
      // Behind a proxy, the steps that follow do not show.
      if (!this.isProxied) this.reach(this.#isEncrypted ? 'tls' : 'submit')
    })
  }
}

const MOST_TUNNELS = 3
const ORDER: readonly CallStage[] = ['dns', 'connect', 'tls', 'submit']
const running = new AsyncLocalStorage<RequestProgress>()
let isListening = false

function listen(): void {
  if (isListening) return
  isListening = true
  subscribe('net.client.socket', (message) =>
    running.getStore()?.watch((message as { socket: Socket }).socket),
  )
  // A request without a body is under way from then on.
  subscribe('undici:client:sendHeaders', (message) => {
    const { method } = (message as { request: { method?: unknown } }).request
    const progress = running.getStore()
    if (method === 'CONNECT') progress?.askProxy()
    else progress?.reach('submit')
  })
}
