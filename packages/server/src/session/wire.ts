import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Incoming } from '../message/incoming.ts'
import { Waiting } from '../script/waiting.ts'

const mostBuffered = 262_144
const lingerMs = 1000
const nothing = Buffer.alloc(0)

/** The events of a wire. */
export interface WireEvents {
  received(bytes: Buffer): void
  failed(error: Error): void
  closed(): void
}

/** A socket from which lines and chunks are read on demand, and whose output is flushed on demand. */
export class Wire {
  /** What has arrived and is not read yet. */
  readonly incoming = new Incoming()
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
  readonly #raw: Socket
  readonly #events: WireEvents
  readonly #dripMs: number
  readonly #waiting = new Waiting()
  #socket: Socket | TLSSocket
  #output: Buffer[] = []
  #held = false
  /** Whether the client ended or lost the connection, or we ended it. */
  over = false

  constructor(socket: Socket, events: WireEvents, dripMs = 0) {
    this.#raw = socket
    this.#socket = socket
    this.#events = events
    this.#dripMs = dripMs
    socket.setNoDelay(true)
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#finish()
        events.closed()
        resolve()
      })
    })
    this.#listen()
  }

  /** Sends what is queued and waits for more bytes. False if no more will arrive, or if none arrive for `idleMs`. */
  async more(idleMs?: number): Promise<boolean> {
    const before = this.incoming.length
    await this.flush()
    if (!this.#held && !this.over) this.#socket.resume()
    await this.#waiting.until(() => this.over || this.incoming.length > before, idleMs)
    return this.incoming.length > before
  }

  /** Queues bytes. The whole queue is sent in one write. */
  send(bytes: Buffer): void {
    this.#output.push(bytes)
  }

  /** Writes what is queued, and waits if the client does not read it. */
  async flush(byteMs = this.#dripMs): Promise<void> {
    if (this.#output.length === 0) return
    const bytes = this.#output.length === 1 ? this.#output[0]! : Buffer.concat(this.#output)
    this.#output = []
    if (byteMs > 0) {
      for (let at = 0; at < bytes.length && !this.over; at++) {
        this.#socket.write(bytes.subarray(at, at + 1))
        await this.sleep(byteMs)
      }
    } else if (this.#socket.writable && !this.#socket.write(bytes)) {
      const socket = this.#socket
      const drained = (): void => this.#waiting.wake()
      socket.once('drain', drained)
      await this.#waiting.until(() => this.over || !socket.writableNeedDrain)
      socket.off('drain', drained)
    }
  }

  /** Flushes, then waits. False if the connection ended meanwhile. */
  async sleep(ms: number): Promise<boolean> {
    await this.flush()
    await this.#waiting.until(() => this.over, ms)
    return !this.over
  }

  /** Stops reading for good. */
  hold(): void {
    this.#held = true
    this.#socket.pause()
  }

  /** Continues over the TLS socket that `secure` creates. Bytes that have already arrived belong to the handshake. */
  async upgrade(secure: (socket: Socket) => Promise<TLSSocket>): Promise<TLSSocket | undefined> {
    this.#raw.off('data', this.#received).off('end', this.#finish).pause()
    if (this.incoming.length > 0) this.#raw.unshift(this.incoming.takeBytes())
    try {
      const socket = await secure(this.#raw)
      this.#socket = socket
      this.#listen()
      return socket
    } catch (error) {
      this.#events.failed(error as Error)
      this.#raw.destroy()
      this.#finish()
      return undefined
    }
  }

  /**
   * Sends what is queued and ends the connection. For one more second it reads what the client still sends: closing at
   * once would answer that with a reset, and the client could lose the last reply.
   */
  async end(): Promise<void> {
    await this.flush()
    this.#socket.end()
    setTimeout(() => this.destroy(), lingerMs).unref()
    if (!this.#held) this.#socket.resume()
    this.#finish()
  }

  /** Sends what is queued, then a TCP reset. */
  async reset(): Promise<void> {
    await this.flush()
    const socket = this.#socket
    if (socket.writableLength > 0) await new Promise<unknown>((resolve) => socket.write(nothing, resolve))
    this.#finish()
    if (!this.#raw.destroyed) this.#raw.resetAndDestroy()
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.#finish()
    this.#socket.destroy()
    this.#raw.destroy()
  }

  #listen(): void {
    this.#socket.on('data', this.#received)
    this.#socket.on('end', this.#finish)
    this.#socket.on('error', (error) => {
      this.#events.failed(error)
      this.#finish()
    })
  }

  readonly #received = (bytes: Buffer): void => {
    if (this.over) return
    this.#events.received(bytes)
    this.incoming.add(bytes)
    if (this.incoming.length > mostBuffered) this.#socket.pause()
    this.#waiting.wake()
  }

  readonly #finish = (): void => {
    this.over = true
    this.#waiting.wake()
  }
}
