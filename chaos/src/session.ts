import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { certificates } from '@loudmail/server'
import { Conversation, type ConversationHost } from './conversation.ts'
import type { Lies } from './lies.ts'
import type { Deed, Mischief, Occasion } from './mischief.ts'
import { Outbox } from './outbox.ts'
import type { ServerPlan } from './plan.ts'
import type { Random } from './random.ts'
import type { ServerRecord } from './record.ts'

const secureContext = createSecureContext(certificates.good)
const CRLF = '\r\n'

const REFUSALS = [
  '450 4.2.1 Not now',
  '451 4.3.0 Try later',
  '452 4.2.2 Full',
  '550 5.7.1 No',
  '550 5.1.1 Nobody',
  '554 5.6.0 Never',
]
// Not an empty line: clients may pass over it, and in place of a reply it would be one that is left out.
const GARBAGE = ['hello?', '99 bottles', '2500 of them', '700 What']

/** One connection of a server: a conversation on a socket, with one strange thing in store. */
export class Session implements ConversationHost {
  isDeaf = false
  readonly #raw: Socket
  #socket: Socket
  readonly #outbox: Outbox
  readonly #conversation: Conversation
  readonly #mischief: Mischief | undefined
  readonly #lies: Lies | undefined
  readonly #random: Random
  readonly #log: (line: string) => void
  readonly #isStarttls: boolean
  readonly #seen = new Map<Occasion, number>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #octets = 0
  #pause: NodeJS.Timeout | undefined

  constructor(
    raw: Socket,
    plan: ServerPlan,
    mischief: Mischief | undefined,
    lies: Lies | undefined,
    record: ServerRecord,
    random: Random,
    log: (line: string) => void,
  ) {
    this.#raw = raw
    this.#mischief = mischief
    this.#lies = lies
    this.#random = random
    this.#log = log
    this.#isStarttls = plan.tls === 'starttls'
    this.#socket = plan.tls === 'implicit' ? this.#encrypted() : raw
    this.#outbox = new Outbox(this.#socket, plan, random.fork('outbox'))
    this.#conversation = new Conversation(this, plan, lies, record, random)
    this.#listen()
    if (mischief?.at === 'ms') this.#later(mischief.count, () => this.#atAnyTime(mischief))
    this.answer('CONNECT', 'connection', () => '220 chaos.example ESMTP', plan.refusals.opening)
  }

  /** Everything that was said is out. */
  get isQuiet(): boolean {
    return this.#outbox.isEmpty
  }

  get offersTls(): boolean {
    return this.#isStarttls && this.#socket === this.#raw
  }

  answer(occasion: Occasion | undefined, asked: string, carryOut: () => string, refusals = 0): void {
    this.#log(`C: ${asked}`)
    const refusal = this.#random.chance(refusals) ? this.#random.one(REFUSALS) : undefined
    const due = occasion && this.#due(occasion)
    if (!due) return this.say(refusal ?? carryOut())
    const { says, deed, carriesOut } = due
    this.#log(`-- says ${says}, ${deed}${carriesOut ? '' : ', without doing it'}`)
    const reply = carriesOut ? (refusal ?? carryOut()) : ''
    if (says === 'its reply') this.say(reply)
    else if (says === 'its reply twice') this.say(reply + CRLF + reply)
    else if (says === 'half its reply') this.#outbox.say(reply.slice(0, this.#random.whole(1, reply.length)))
    else this.#saySomething(says)
    this.act(deed)
  }

  say(text: string): void {
    this.#log(`S: ${this.#outbox.mute ? '(not said) ' : ''}${text}`)
    this.#outbox.say(text + CRLF)
  }

  think(ms: number): void {
    this.#log(`-- thinks for ${ms} ms`)
    this.#outbox.wait(ms)
  }

  note(text: string): void {
    this.#log(`-- ${text}`)
  }

  quit(): void {
    this.say('221 2.0.0 Bye')
    this.act('closes')
  }

  startTls(): void {
    // Behind the reply, which is still to be said.
    queueMicrotask(() =>
      this.#outbox.then(() => {
        this.#socket.removeAllListeners('data').removeAllListeners('end')
        this.#socket = this.#outbox.socket = this.#encrypted()
        this.#listen()
      }),
    )
  }

  act(deed: Deed): void {
    const outbox = this.#outbox
    const isLast = deed === 'closes' || deed === 'resets' || deed === 'stops reading'
    this.isDeaf ||= isLast
    if (deed === 'closes' || deed === 'closes and works on') outbox.then(() => this.#socket.end())
    else if (deed === 'resets') outbox.then(() => this.#reset())
    else if (deed === 'stops reading') this.#socket.pause()
    else if (deed === 'pauses') {
      this.#socket.pause()
      this.#later(this.#random.whole(10, 300), () => this.#socket.resume())
    }
    if (isLast || deed === 'closes and works on' || deed === 'falls silent and works on') outbox.mute = true
  }

  /** The end of a test: nothing strange comes any more, and a client that has closed is noticed. */
  release(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.isDeaf = true
    this.#socket.resume()
  }

  #listen(): void {
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes))
    this.#socket.on('end', () => this.#outbox.then(() => this.#socket.end()))
  }

  /** A socket that is being ended, itself or through its TLS, cannot be reset: Node would leave its handle open. */
  #reset(): void {
    if (!this.#socket.writableEnded) return void this.#raw.resetAndDestroy()
    this.#socket.destroy()
    this.#raw.destroy()
  }

  #encrypted(): TLSSocket {
    return new TLSSocket(this.#raw, { isServer: true, secureContext }).on('error', () => {})
  }

  #read(bytes: Buffer): void {
    clearTimeout(this.#pause)
    this.#take(bytes)
    const pause = this.#lies?.pause
    if (!pause || this.isDeaf || !this.#conversation.isBetweenMessages) return
    this.#pause = this.#later(pause.ms, () => {
      if (this.isDeaf) return
      this.#log('-- has had enough of the pause')
      if (pause.says !== undefined) this.say(pause.says)
      this.act('closes')
    })
  }

  #take(bytes: Buffer): void {
    if (this.isDeaf) return
    const mischief = this.#mischief
    const before = (mischief?.at === 'octets' ? mischief.count : Infinity) - this.#octets
    this.#octets += bytes.length
    if (!mischief || before < 0 || before >= bytes.length) return this.#conversation.feed(bytes)
    this.#conversation.feed(bytes.subarray(0, before))
    if (this.isDeaf) return
    this.#log(`-- ${mischief.deed} after ${mischief.count} octets`)
    this.act(mischief.deed)
    this.#conversation.feed(bytes.subarray(before))
  }

  #due(occasion: Occasion): Mischief | undefined {
    const seen = (this.#seen.get(occasion) ?? 0) + 1
    this.#seen.set(occasion, seen)
    return this.#mischief?.at === occasion && this.#mischief.count === seen ? this.#mischief : undefined
  }

  #atAnyTime({ says, deed }: Mischief): void {
    if (this.isDeaf) return
    this.#log(`-- says ${says}, ${deed}, unasked`)
    this.#saySomething(says)
    this.act(deed)
  }

  #saySomething(says: Mischief['says']): void {
    if (says === 'garbage') this.say(this.#random.one(GARBAGE))
    else if (says !== 'nothing') this.say(says)
  }

  #later(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
    return timer
  }
}
