import { setTimeout as time } from 'node:timers/promises'
import type { Duplex } from 'node:stream'
import type { Random } from './random.ts'

/** How a server brings out what it says. */
export interface Manner {
  /** The longest that it thinks over a reply, in ms. */
  readonly delayMs: number
  /** It says a few octets at a time. */
  readonly pieces: boolean
}

/** The replies of one connection, in their order. */
export class Outbox {
  /** From now on nothing is said. */
  mute = false
  socket: Duplex
  readonly #manner: Manner
  readonly #random: Random
  /** What it says or does, or how long it waits, in ms. */
  readonly #queue: (string | number | (() => void))[] = []
  #working = false

  constructor(socket: Duplex, manner: Manner, random: Random) {
    this.socket = socket
    this.#manner = manner
    this.#random = random
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0 && !this.#working
  }

  say(text: string): void {
    if (!this.mute) this.#add(text)
  }

  /** Says the next so many ms later. */
  wait(ms: number): void {
    this.#queue.push(ms)
    if (!this.#working) void this.#work()
  }

  /** Does something once all that was said before is out. */
  then(act: () => void): void {
    this.#add(act)
  }

  #add(item: string | (() => void)): void {
    if (this.isEmpty && (typeof item !== 'string' || (this.#manner.delayMs === 0 && !this.#manner.pieces)))
      return this.#bringOut(item)
    this.#queue.push(item)
    if (!this.#working) void this.#work()
  }

  async #work(): Promise<void> {
    this.#working = true
    const { delayMs, pieces } = this.#manner
    for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
      if (typeof item === 'number') {
        await time(item)
        continue
      }
      if (delayMs > 0 && typeof item === 'string' && this.#random.chance(0.5))
        await time(this.#random.whole(1, delayMs))
      if (pieces && typeof item === 'string' && this.#random.chance(0.3)) await this.#trickle(item)
      else this.#bringOut(item)
    }
    this.#working = false
  }

  async #trickle(text: string): Promise<void> {
    for (let at = 0; at < text.length;) {
      const length = this.#random.whole(1, 12)
      this.#bringOut(text.slice(at, at + length))
      at += length
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #bringOut(item: string | (() => void)): void {
    if (typeof item !== 'string') item()
    else if (this.socket.writable) this.socket.write(item)
  }
}
