import type { Action, ActionContext } from '../script/action.ts'
import { capabilities } from './capabilities.ts'
import type { ConnectionLog } from './connection-record.ts'
import type { Home } from '../home.ts'
import { pass, perform, type Progress, type Stage, type Step } from '../script/perform.ts'
import { isPositive, replyBytes, replyCode } from './reply.ts'
import type { EventName } from '../script/event-name.ts'
import type { ServerScript } from '../script/script.ts'
import type { Transaction } from './transaction.ts'
import type { Wire } from './wire.ts'

const notCommands: readonly EventName[] = ['CONNECT', 'AUTH', 'BODY', 'BDAT', 'DOT']

/** One connection from its greeting to its end. It reads commands in order and plays the event of each. */
export class Session implements Stage {
  readonly home: Home
  readonly wire: Wire
  readonly log: ConnectionLog
  /** What the answer to the last EHLO offered; `undefined` before the client's first EHLO or HELO. */
  offered: readonly string[] | undefined
  transaction: Transaction | undefined
  user: string | undefined
  readonly #counts = new WeakMap<object, number>()
  #mute: 'no' | 'unscripted' | 'all' = 'no'
  #refused = false

  constructor(home: Home, wire: Wire, log: ConnectionLog) {
    this.home = home
    this.wire = wire
    this.log = log
  }

  get script(): ServerScript {
    return this.home.script
  }

  /** The keywords that an EHLO would get now. */
  get capabilities(): readonly string[] {
    return capabilities(this.script, this.log.tls)
  }

  /**
   * Serves the connection to its end.
   *
   * @param runCommand carries out one command line; `null` is one that was too long
   */
  async run(runCommand: (session: Session, line: string | null) => Promise<void>): Promise<void> {
    if (this.script.tls === 'implicit' && !(await this.secure())) return
    const greeting = `220 localhost ${this.script.lmtp ? 'LMTP' : 'ESMTP'} ready`
    await this.play({
      event: 'CONNECT',
      correct: () => greeting,
      replied: (code) => (this.#refused = !isPositive(code)),
    })
    for (let line = await this.readLine(); line !== undefined; line = await this.readLine())
      await runCommand(this, line)
    await this.wire.end()
  }

  /** Ends the conversation. Nothing more is answered. */
  async leave(): Promise<void> {
    this.#mute = 'all'
    await this.wire.end()
  }

  /** The next line: `null` if it was too long, `undefined` if no more lines will arrive. */
  async readLine(): Promise<string | null | undefined> {
    for (;;) {
      const line = this.wire.incoming.takeLine()
      if (line !== undefined) return line
      if (!(await this.wire.more(this.script.idleClose))) return undefined
    }
  }

  /** The next line, as an answer to a challenge. */
  async readAnswer(): Promise<string | null | undefined> {
    const line = await this.readLine()
    if (typeof line === 'string') this.log.add('client', line)
    return line
  }

  /** Plays an event: performs the script's action, or does what a correct server does. Resolves to the code of its reply. */
  async play(step: Step): Promise<number | undefined> {
    const { on = {} } = this.script
    const action = on[step.event] ?? (notCommands.includes(step.event) ? undefined : on['*'])
    if (this.#mute === 'all' || (this.#mute === 'unscripted' && action === undefined)) return undefined
    const progress = await this.#perform(action, step)
    if (progress === 'done') return step.code
    this.#mute = progress === 'stalled' && step.event === 'CONNECT' ? 'unscripted' : 'all'
    return undefined
  }

  reply(step: Step, text: string): void {
    this.#said(step, text)
    this.wire.send(replyBytes(text, this.script.lf ? '\n' : '\r\n'))
  }

  raw(step: Step, bytes: Buffer): void {
    this.#said(step, bytes.toString('latin1').trimEnd())
    this.wire.send(bytes)
  }

  count(action: object, scope: 'connection' | 'server'): number {
    const counts = scope === 'connection' ? this.#counts : this.home.counts
    const count = counts.get(action) ?? 0
    counts.set(action, count + 1)
    return count
  }

  context(step: Step): ActionContext {
    return {
      event: step.event,
      line: step.line ?? '',
      connection: this.log,
      envelope: this.transaction?.envelope,
      recipient: step.recipient,
      credentials: step.credentials,
      message: step.message,
    }
  }

  /** Goes on over TLS, with everything the client said before forgotten (RFC 3207 section 4.2). */
  async secure(): Promise<boolean> {
    await this.wire.flush()
    const socket = await this.wire.upgrade(this.home.secure)
    if (!socket) return false
    this.offered = undefined
    this.transaction = undefined
    this.user = undefined
    this.log.tls = true
    this.log.tlsVersion = socket.getProtocol() ?? ''
    return true
  }

  async #perform(action: Action | undefined, step: Step): Promise<Progress> {
    if (action === undefined) {
      if (!this.#refused || step.event === 'QUIT') return pass(step, this)
      this.reply(step, '503 5.5.1 No SMTP service here')
      return 'done'
    }
    try {
      return await perform(action, step, this)
    } catch (error) {
      this.log.fail(error as Error)
      this.reply(step, `451 4.3.0 The script failed at ${step.event}`)
      return 'done'
    }
  }

  #said(step: Step, text: string): void {
    const code = replyCode(text)
    step.code ||= code
    step.replied?.(code, text)
    this.log.add('server', text.replaceAll('\r\n', '\n'))
  }
}
