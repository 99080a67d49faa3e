import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as time } from 'node:timers/promises'
import type { ServerPlan } from '../plan.ts'
import type { Random } from '../random.ts'
import type { ServerRecord } from '../record.ts'
import { drawApiDeed, type ApiDeed } from './api-deed.ts'
import { readApiMessage, refusingAnswer, takenAnswer, type ApiName } from './api-message.ts'
import { RequestReader, type ApiRequest } from './request-reader.ts'

/** The API of a provider that misbehaves as its plan says, and writes down what it truly took. */
export class ApiChaosServer {
  port = 0
  readonly plan: ServerPlan
  readonly name: ApiName
  /** Everything that was said: `+<ms> <connection> <line>`. */
  readonly log: string[] = []
  readonly connections = 0
  readonly open: readonly string[] = []
  readonly #record: ServerRecord
  readonly #random: Random
  readonly #sockets = new Set<Socket>()
  /** What was sent with each key, and what was answered. */
  readonly #keys = new Map<string, { readonly body: Buffer; readonly answer: string }>()
  readonly #startedAt = performance.now()
  #listener: Server | undefined
  #requests = 0
  #answering = 0
  #isOver = false

  constructor(name: ApiName, plan: ServerPlan, record: ServerRecord, random: Random) {
    this.name = name
    this.plan = plan
    this.#record = record
    this.#random = random
  }

  async start(): Promise<void> {
    await this.#listen()
    for (const ms of this.plan.restartsAtMs) void time(ms).then(() => this.#restart())
  }

  /** All that was read is answered. */
  get isQuiet(): boolean {
    return this.#answering === 0
  }

  /** Ends it. Clients keep connections of HTTP open by right. */
  async end(_withinMs: number): Promise<readonly string[]> {
    this.#isOver = true
    for (const socket of this.#sockets) socket.destroy()
    this.#listener?.close()
    return []
  }

  async #listen(): Promise<void> {
    const listener = createServer({ noDelay: true }, (socket) => this.#accept(socket))
    listener.listen(this.port, '127.0.0.1')
    await once(listener, 'listening')
    this.port = (listener.address() as AddressInfo).port
    this.#listener = listener
  }

  async #restart(): Promise<void> {
    if (this.#isOver) return
    for (const socket of this.#sockets) reset(socket)
    this.#listener?.close()
    await time(this.#random.fork('restart').whole(0, 60))
    // Somebody else may have the port by now: then this server is down for good.
    if (!this.#isOver) await this.#listen().catch(() => {})
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    const reader = new RequestReader()
    let deed: ApiDeed | undefined
    let isDeaf = false
    socket.on('data', (bytes: Buffer) => {
      if (isDeaf) return
      reader.add(bytes)
      for (;;) {
        if (!deed && reader.isInBody)
          deed = drawApiDeed(this.#random.fork('request', ++this.#requests), this.plan)
        if (!deed) return
        const isDue = deed.when === 'head' || (deed.when === 'middle' && reader.octets > 0)
        const request = isDue ? undefined : reader.next()
        if (!isDue && !request) return
        void this.#answer(socket, deed, request)
        // What comes behind an answer that came too early belongs to no request.
        if (isDue || deed.then !== 'goes on') isDeaf = true
        if (isDeaf) return
        deed = undefined
      }
    })
  }

  async #answer(socket: Socket, deed: ApiDeed, request: ApiRequest | undefined): Promise<void> {
    const { says, takes, share, then } = deed
    this.#answering++
    const text = this.#carryOut(deed, request)
    const what = request ? `<${request.body.length} octets>` : 'a head'
    this.#note(`${what} -- ${takes ? 'takes' : 'takes nothing'}, says ${says} (${share}), ${then}`)
    const { delayMs } = this.plan
    if (delayMs > 0) await time(delayMs)
    this.#answering--
    if (socket.writable && text !== '') socket.write(text.slice(0, Math.ceil(text.length * share)))
    if (then === 'closes') socket.end()
    else if (then === 'resets') reset(socket)
  }

  /** Takes the message, if it is to be taken, and returns the whole answer. */
  #carryOut({ says, takes }: ApiDeed, request: ApiRequest | undefined): string {
    const message = request && readApiMessage(this.name, request.body)
    const key = this.name === 'resend' ? request?.headers.get('idempotency-key') : undefined
    const known = key === undefined ? undefined : this.#keys.get(key)
    if (known && !known.body.equals(request!.body))
      return answer(
        409,
        JSON.stringify({ statusCode: 409, name: 'invalid_idempotent_request', message: 'No' }),
      )
    // Of the API of Resend, nobody is refused alone.
    const some = says === 'some' && this.name === 'postmark' && message
    const taken = some ? message.recipients.slice(1) : (message?.recipients ?? [])
    const text = message ? takenAnswer(this.name, message, taken) : ''
    if (takes && message && !known) {
      this.#note(`takes ${message.id} for ${taken.length}`)
      if (taken.length > 0) this.#record.takeAs(message.id, taken, message.isWhole)
      if (key !== undefined) this.#keys.set(key, { body: request.body, answer: text })
    }
    if (says === 'nothing') return ''
    if (says === 'garbage') return '99 bottles\r\n\r\n'
    if (says === 'taken' || says === 'some') return answer(200, known?.answer ?? text)
    return answer(Number(says), refusingAnswer(this.name, Number(says)))
  }

  #note(line: string): void {
    this.log.push(`+${Math.round(performance.now() - this.#startedAt)} ${this.name} ${line}`)
  }
}

function answer(status: number, body: string): string {
  return `HTTP/1.1 ${status} Chaos\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** A socket that is being ended cannot be reset: Node would leave its handle open. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
