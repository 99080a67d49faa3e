import type { Action } from './action.ts'
import { eventNames, type EventName } from './event-name.ts'
import type { ServerOptions, ServerScript } from './script.ts'

type Keys = Readonly<Record<keyof ServerScript | keyof ServerOptions, true>>

const known: Keys = {
  kind: true,
  tls: true,
  cert: true,
  tlsOpts: true,
  caps: true,
  capsTls: true,
  on: true,
  strictAscii: true,
  strictAddr: true,
  strict7bit: true,
  enforceSize: true,
  lf: true,
  drip: true,
  idleClose: true,
  lmtp: true,
  users: true,
  tokens: true,
  requireAuth: true,
  port: true,
  host: true,
  keep: true,
  maxMessages: true,
  maxBytes: true,
  maxConnections: true,
  maxEntries: true,
  onMessage: true,
  unref: true,
}

const choices: Readonly<Record<string, readonly string[]>> = {
  kind: ['smtp'],
  tls: ['implicit'],
  cert: ['good', 'selfsigned', 'expired', 'wronghost'],
  keep: ['all', 'envelope', 'wire'],
}

/** The shape of an action: a key that it `needs`, a key that it `may` have, and the `only` event that it is for. */
interface Shape {
  readonly valid: (value: unknown) => boolean
  readonly needs?: string
  readonly may?: string
  readonly only?: EventName
}

const isAction = (value: unknown): boolean =>
  ['string', 'function', 'object'].includes(typeof value) && value !== null
const isList = (value: unknown): boolean => Array.isArray(value) && value.length > 0
const isTrue = (value: unknown): boolean => value === true
const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0
const has = (value: unknown, fields: Readonly<Record<string, string>>): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).every((key) => key in fields) &&
  Object.entries(fields).every(([key, type]) => typeof (value as Record<string, unknown>)[key] === type)

const shapes: Readonly<Record<string, Shape>> = {
  raw: { valid: (value) => typeof value === 'string' || value instanceof Uint8Array },
  fill: { valid: (value) => has(value, { s: 'string', n: 'number' }) },
  trickle: { valid: (value) => has(value, { s: 'string', ms: 'number' }) },
  stall: { valid: isTrue },
  pass: { valid: isTrue },
  pauseRead: { valid: isTrue },
  close: { valid: (value) => value === 'fin' || value === 'rst' },
  seq: { valid: Array.isArray },
  nth: { valid: isList },
  nthGlobal: { valid: isList },
  delay: { valid: isCount, needs: 'then' },
  byRcpt: { valid: (value) => typeof value === 'object' && value !== null, may: 'default' },
  after: { valid: isCount, needs: 'do', only: 'BODY' },
  accept: { valid: isTrue, may: 'then', only: 'DOT' },
  starttls: {
    valid: (value) =>
      has(value, { garbage: 'string' }) ||
      has(value, { inject: 'string' }) ||
      has(value, { stall: 'boolean' }),
    only: 'STARTTLS',
  },
}

/** Throws a TypeError that names the first thing in a script that is not valid. */
export function checkScript(script: ServerScript & ServerOptions): void {
  for (const [key, value] of Object.entries(script)) {
    if (!(key in known)) throw new TypeError(`Unknown key "${key}" in the server script`)
    const allowed = choices[key]
    if (value !== undefined && allowed && !allowed.includes(String(value))) {
      throw new TypeError(`"${key}" in the server script must be one of ${allowed.join(', ')}`)
    }
  }
  for (const key of ['caps', 'capsTls'] as const)
    if (script[key] !== undefined && !Array.isArray(script[key]))
      throw new TypeError(`"${key}" in the server script must be a list of EHLO keywords`)
  for (const [event, action] of Object.entries(script.on ?? {})) {
    if (!(eventNames as readonly string[]).includes(event)) {
      throw new TypeError(
        `Unknown event "${event}" in the server script; the events are ${eventNames.join(' ')}`,
      )
    }
    if (action !== undefined) checkAction(action, event as EventName)
  }
}

/** Throws a TypeError that names the event if an action is not valid. */
export function checkAction(action: Action, event: EventName): void {
  if (typeof action === 'string' || typeof action === 'function') return
  if (!isAction(action))
    throw new TypeError(`The action at ${event} must be a string, a function or an object`)
  const keys = Object.keys(action)
  const kind = keys.find((key) => key in shapes)
  const shape = shapes[kind ?? '']
  if (kind === undefined || !shape) throw new TypeError(`Unknown action { ${keys.join(', ')} } at ${event}`)
  for (const key of keys) {
    if (key !== kind && key !== shape.needs && key !== shape.may) {
      throw new TypeError(`Unknown key "${key}" next to "${kind}" in the action at ${event}`)
    }
  }
  const fields = action as unknown as Record<string, unknown>
  if (!shape.valid(fields[kind]))
    throw new TypeError(`The value of "${kind}" in the action at ${event} is not valid`)
  if (shape.needs && !isAction(fields[shape.needs])) {
    throw new TypeError(`"${kind}" in the action at ${event} needs "${shape.needs}"`)
  }
  if (shape.only && shape.only !== event)
    throw new TypeError(`"${kind}" can be used at ${shape.only}, not at ${event}`)
  for (const inner of innerActions(fields)) checkAction(inner, event)
}

function innerActions(fields: Record<string, unknown>): Action[] {
  const { seq, nth, nthGlobal, byRcpt, ...rest } = fields
  const listed = [seq, nth, nthGlobal].flatMap((list) => (Array.isArray(list) ? (list as Action[]) : []))
  const named = Object.values((byRcpt ?? {}) as Record<string, Action>)
  const single = ['then', 'do', 'default'].flatMap((key) => (key in rest ? [rest[key] as Action] : []))
  return [...listed, ...named, ...single]
}
