import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as time } from 'node:timers/promises'
import { becomesTrue } from './clock.ts'
import { drawMischief, drawRepeat } from './mischief.ts'
import type { ServerPlan } from './plan.ts'
import type { Random } from './random.ts'
import type { ServerRecord } from './record.ts'
import { Session } from './session.ts'

interface Accepted {
  /** As the log has it. */
  readonly name: string
  readonly session: Session | undefined
}

/** A server that does as its plan says, and writes down what it truly took. */
export class ChaosServer {
  port = 0
  readonly plan: ServerPlan
  /** Everything that was said: `+<ms> <connection> <line>`. */
  readonly log: string[] = []
  readonly #record: ServerRecord
  readonly #random: Random
  readonly #open = new Map<Socket, Accepted>()
  readonly #startedAt = performance.now()
  #listener: Server | undefined
  #count = 0
  #isOver = false

  constructor(plan: ServerPlan, record: ServerRecord, random: Random) {
    this.plan = plan
    this.#record = record
    this.#random = random
  }

  async start(): Promise<void> {
    await this.#listen()
    for (const ms of this.plan.restartsAtMs) void time(ms).then(() => this.#restart())
  }

  /** How many connections there were. */
  get connections(): number {
    return this.#count
  }

  /** The connections that are open, as the log has them. */
  get open(): readonly string[] {
    return [...this.#open.values()].map(({ name }) => name)
  }

  /** All that was read is answered. */
  get isQuiet(): boolean {
    return [...this.#open.values()].every(({ session }) => session?.isQuiet ?? true)
  }

  /** Ends it; answers which connections the client had left open. */
  async end(withinMs: number): Promise<readonly string[]> {
    this.#isOver = true
    for (const { session } of this.#open.values()) session?.release()
    // A client whose half is closed, but not its socket, takes these octets; one that is gone answers with a reset.
    const probe = setInterval(() => {
      for (const socket of this.#open.keys()) if (socket.writable) socket.write('\r\n')
    }, 20)
    await becomesTrue(() => this.#open.size === 0, withinMs)
    clearInterval(probe)
    const { open } = this
    for (const socket of this.#open.keys()) socket.destroy()
    this.#listener?.close()
    return open
  }

  async #listen(): Promise<void> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
    listener.listen(this.port, '127.0.0.1')
    await once(listener, 'listening')
    this.port = (listener.address() as AddressInfo).port
    this.#listener = listener
  }

  #accept(socket: Socket): void {
    const number = ++this.#count
    const name = `${this.port}#${number}`
    const random = this.#random.fork('connection', number)
    const log = (line: string): void => {
      const ms = Math.round(performance.now() - this.#startedAt)
      this.log.push(`+${ms} ${name} ${line.replaceAll('\r\n', ' / ')}`)
    }
    socket
      .on('error', () => {})
      .on('close', () => {
        this.#open.delete(socket)
        log('-- is over')
      })
    if (this.#open.size >= this.plan.connections) {
      this.#open.set(socket, { name, session: undefined })
      return turnAway(socket, random, log)
    }
    const { repeats, lies, mischief: share } = this.plan
    const mischief = repeats ? drawRepeat(random) : drawMischief(random, share)
    const own = lies && random.fork('lies').chance(lies.share) ? lies : undefined
    const session = new Session(socket, this.plan, mischief, own, this.#record, random, log)
    this.#open.set(socket, { name, session })
  }

  async #restart(): Promise<void> {
    if (this.#isOver) return
    const random = this.#random.fork('restart')
    const how = random.one(['resets', 'closes', 'closes and works on'] as const)
    for (const { session } of this.#open.values()) session?.act(how)
    this.#listener?.close()
    this.#listener = undefined
    await time(random.whole(0, 60))
    if (this.#isOver) return
    // Somebody else may have the port by now: then this server is down for good.
    await this.#listen().catch(() => {})
  }
}

/** What servers do that have enough connections. */
function turnAway(socket: Socket, random: Random, log: (line: string) => void): void {
  const how = random.one(['421', '554', 'reset', 'silence'] as const)
  log(`-- turned away: ${how}`)
  socket.resume().on('end', () => socket.end())
  if (how === 'reset') socket.resetAndDestroy()
  else if (how !== 'silence') socket.end(`${how} Too many connections\r\n`)
}
