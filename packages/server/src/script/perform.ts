import type { Action, ActionContext, Credentials } from './action.ts'
import type { CapturedMessage } from '../message/captured-message.ts'
import { checkAction } from './check-script.ts'
import { rawBytes } from '../session/reply.ts'
import type { EventName } from './event-name.ts'
import type { Wire } from '../session/wire.ts'

/** One event: its data, the correct reply to it, and what a reply changes. */
export interface Step {
  readonly event: EventName
  readonly line?: string
  readonly recipient?: string
  readonly credentials?: Credentials
  readonly message?: CapturedMessage
  /** The correct reply; `undefined` for none. */
  readonly correct: () => string | undefined | Promise<string | undefined>
  /** What a reply with this code changes; called before it is sent. */
  readonly replied?: (code: number, text: string) => void
  /** At BODY: reads on until this many octets; false if the content ends before. */
  readonly readUntil?: (octets: number) => Promise<boolean>
  /** At DOT: records acceptance. */
  readonly accept?: () => void
  /** The code of the first reply that has one; 0 if only something without a code was sent. */
  code?: number
}

/** What an action needs from a session. */
export interface Stage {
  readonly wire: Wire
  /** Sends a reply. */
  reply(step: Step, text: string): void
  /** Sends these exact bytes. They count as a reply if they begin like one. */
  raw(step: Step, bytes: Buffer): void
  /** How often this action was performed before, on this connection or on all of them. */
  count(action: object, scope: 'connection' | 'server'): number
  context(step: Step): ActionContext
  secure(): Promise<boolean>
}

/** `stalled`: the server never replies again. `closed`: the connection is over. */
export type Progress = 'done' | 'stalled' | 'closed'

/** Performs an action. */
export async function perform(action: Action, step: Step, stage: Stage): Promise<Progress> {
  if (typeof action === 'string') return reply(action, step, stage)
  if (typeof action === 'function') {
    // An action may have a `then` that is a function, so `then` does not show that this is a promise.
    const result = action(stage.context(step))
    const decided = result instanceof Promise ? await result : result
    if (decided === undefined) return pass(step, stage)
    checkAction(decided, step.event)
    return perform(decided, step, stage)
  }
  if ('raw' in action) return raw(rawBytes(action.raw), step, stage)
  if ('fill' in action) return raw(rawBytes(action.fill.s.repeat(action.fill.n)), step, stage)
  if ('trickle' in action) return trickle(action.trickle, step, stage)
  if ('pass' in action) return pass(step, stage)
  if ('stall' in action) return 'stalled'
  if ('close' in action) return close(action.close, stage)
  if ('seq' in action) return inTurn(action.seq, step, stage)
  if ('delay' in action)
    return (await stage.wire.sleep(action.delay)) ? perform(action.then, step, stage) : 'closed'
  if ('byRcpt' in action) return byRecipient(action, step, stage)
  if ('nth' in action) return perform(pick(action.nth, stage.count(action, 'connection')), step, stage)
  if ('nthGlobal' in action)
    return perform(pick(action.nthGlobal, stage.count(action, 'server')), step, stage)
  if ('after' in action)
    return (await step.readUntil?.(action.after)) ? perform(action.do, step, stage) : 'done'
  if ('starttls' in action) return startTls(action.starttls, step, stage)
  if ('accept' in action) {
    step.accept?.()
    return action.then === undefined ? 'done' : perform(action.then, step, stage)
  }
  stage.wire.hold()
  return 'stalled'
}

/** Does what a correct server does. */
export async function pass(step: Step, stage: Stage): Promise<Progress> {
  const text = await step.correct()
  return text === undefined ? 'done' : reply(text, step, stage)
}

function reply(text: string, step: Step, stage: Stage): Progress {
  stage.reply(step, text)
  return 'done'
}

function raw(bytes: Buffer, step: Step, stage: Stage): Progress {
  stage.raw(step, bytes)
  return 'done'
}

async function trickle(what: { s: string; ms: number }, step: Step, stage: Stage): Promise<Progress> {
  await stage.wire.flush()
  stage.raw(step, rawBytes(what.s))
  await stage.wire.flush(what.ms)
  return stage.wire.over ? 'closed' : 'done'
}

async function close(how: 'fin' | 'rst', stage: Stage): Promise<Progress> {
  await (how === 'fin' ? stage.wire.end() : stage.wire.reset())
  return 'closed'
}

async function inTurn(actions: readonly Action[], step: Step, stage: Stage): Promise<Progress> {
  for (const action of actions) {
    const progress = await perform(action, step, stage)
    if (progress !== 'done') return progress
  }
  return 'done'
}

function byRecipient(
  action: { byRcpt: { readonly [address: string]: Action }; default?: Action },
  step: Step,
  stage: Stage,
): Promise<Progress> {
  const atHand = step.recipient === undefined ? (stage.context(step).envelope?.to ?? []) : [step.recipient]
  const addresses = new Set(atHand.map((address) => address.toLowerCase()))
  const [, listed] =
    Object.entries(action.byRcpt).find(([address]) => addresses.has(address.toLowerCase())) ?? []
  return perform(listed ?? action.default ?? { pass: true }, step, stage)
}

function pick(actions: readonly Action[], count: number): Action {
  return actions[Math.min(count, actions.length - 1)] ?? { pass: true }
}

async function startTls(
  how: { garbage: string } | { inject: string } | { stall: true },
  step: Step,
  stage: Stage,
): Promise<Progress> {
  if (step.code === undefined) stage.reply(step, '220 2.0.0 Ready to start TLS')
  if ('stall' in how) return 'stalled'
  if ('inject' in how) {
    stage.raw(step, rawBytes(how.inject))
    return (await stage.secure()) ? 'done' : 'closed'
  }
  if (stage.wire.incoming.takeBytes().length > 0 || (await stage.wire.more()))
    stage.raw(step, rawBytes(how.garbage))
  stage.wire.incoming.takeBytes()
  return 'stalled'
}
