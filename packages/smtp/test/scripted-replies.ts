import type { Scenario } from '@loudmail/corpus'
import type { Action } from '@loudmail/server'

/** A command of the client, or its content (`DOT`). */
export interface Asked {
  readonly event: 'MAIL' | 'RCPT' | 'DATA' | 'DOT'
  /** The position of the recipient. */
  readonly index: number
  readonly recipient?: string
}

/** What a scenario's server says, as octets; a scenario does not say what a correct server does. */
export class ScriptedReplies {
  /** How the connection ended: for the client, silence ends in a time-out. */
  ended: 'connection-lost' | 'timeout' | undefined
  readonly #script: Scenario['server']
  #said = ''
  #hasSender = false
  #hasRecipient = false
  #count = 0

  constructor(script: Scenario['server']) {
    this.#script = script
  }

  answer({ event, recipient }: Asked): void {
    if (!this.ended) this.#act(this.#script.on?.[event] ?? this.#correct(event), event, recipient)
  }

  /** Whether the server ends the conversation in the middle of the content. */
  breaksContent(): boolean {
    const body = this.#script.on?.BODY
    if (body && !this.ended) this.#act(body, 'DOT', undefined)
    return this.ended !== undefined && body !== undefined
  }

  /** What was said since the last time, in one piece or octet by octet. */
  read(): Buffer[] {
    const octets = Buffer.from(this.#script.lf ? this.#said.replaceAll('\r\n', '\n') : this.#said, 'latin1')
    this.#said = ''
    return this.#script.drip ? Array.from(octets, (octet) => Buffer.of(octet)) : [octets]
  }

  #correct(event: Asked['event']): string {
    if (event === 'MAIL') return '250 2.1.0 Ok'
    if (event === 'RCPT') return this.#hasSender ? '250 2.1.5 Ok' : '503 5.5.1 Send MAIL first'
    if (!this.#hasRecipient) return '503 5.5.1 Send RCPT first'
    return event === 'DATA' ? '354 Go on' : '250 2.0.0 Ok: queued'
  }

  #act(action: Action, event: Asked['event'], recipient: string | undefined): void {
    const act = (next: Action): void => this.#act(next, event, recipient)
    if (typeof action === 'string') this.#reply(action, event)
    else if (typeof action === 'function') throw new TypeError('the corpus is data')
    else if ('raw' in action) this.#said += String(action.raw)
    else if ('seq' in action) action.seq.forEach(act)
    else if ('byRcpt' in action) act(action.byRcpt[recipient!] ?? action.default!)
    else if ('nth' in action) act(action.nth[Math.min(this.#count++, action.nth.length - 1)]!)
    else if ('do' in action) act(action.do)
    else if ('then' in action) act(action.then)
    else if ('close' in action) this.ended = 'connection-lost'
    else if ('stall' in action || 'pauseRead' in action) this.ended = 'timeout'
    else throw new TypeError(`no scenario has this after MAIL until now: ${JSON.stringify(action)}`)
  }

  #reply(text: string, event: Asked['event']): void {
    this.#said += `${text.replaceAll('\n', '\r\n')}\r\n`
    if (!text.startsWith('2')) return
    this.#hasSender ||= event === 'MAIL'
    this.#hasRecipient ||= event === 'RCPT'
  }
}
