import { types } from 'node:util'
import { MailError } from '@loudmail/core'

/** Deeper than what anybody writes, and less than what the stack holds. */
const MOST_LEVELS = 100
/** The key of an object that stands for a value that JSON does not have. */
const TAG = '$'

type Tag = 'undefined' | 'number' | 'date' | 'bytes' | 'map' | 'set' | 'object'

/**
 * A value as JSON has it: `restoredValue` gives it back as it was. Besides what JSON has, it may be or contain `undefined`,
 * any number, a Date, a Map, a Set and bytes, which come back as a Buffer.
 *
 * @param name of the value, for errors
 * @throws MailError `compose/invalid-message` if it is something else, such as a function or an instance of a class
 */
export function keptValue(value: unknown, name: string, inside: readonly unknown[] = []): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'undefined':
      return tagged('undefined')
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tagged('number', String(value === 0 ? '-0' : value))
    case 'object':
      break
    default:
      throw notKept(name, `a ${typeof value}`)
  }
  if (value === null) return null
  if (inside.includes(value)) throw notKept(name, 'an object that contains itself')
  if (inside.length >= MOST_LEVELS) throw notKept(name, `nested more than ${MOST_LEVELS} levels deep`)
  const path = [...inside, value]
  const each = (one: unknown, key: unknown): unknown => keptValue(one, `${name}${shown(key)}`, path)
  if (Array.isArray(value)) return Array.from(value, each)
  if (types.isDate(value)) return tagged('date', keptValue(value.getTime(), name))
  if (types.isUint8Array(value)) return tagged('bytes', Buffer.from(value).toString('base64'))
  if (types.isMap(value))
    return tagged(
      'map',
      Array.from(value, ([key, one]) => [keptValue(key, `a key of ${name}`, path), each(one, key)]),
    )
  if (types.isSet(value)) return tagged('set', Array.from(value, each))
  if (!isPlain(value)) throw notKept(name, 'an instance of a class')
  if (Object.getOwnPropertySymbols(value).length > 0) throw notKept(name, 'an object with a symbol as key')
  const kept = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, each(one, key)]))
  return Object.hasOwn(kept, TAG) ? tagged('object', Object.entries(kept)) : kept
}

/** The value that was kept. It consists of new objects. */
export function restoredValue(kept: unknown): unknown {
  if (typeof kept !== 'object' || kept === null) return kept
  if (Array.isArray(kept)) return kept.map(restoredValue)
  if (!Object.hasOwn(kept, TAG)) return objectOf(Object.entries(kept))
  const [tag, data] = (kept as Record<typeof TAG, [Tag, never]>)[TAG]
  switch (tag) {
    case 'undefined':
      return undefined
    case 'number':
      return Number(data)
    case 'date':
      return new Date(restoredValue(data) as number)
    case 'bytes':
      return Buffer.from(data, 'base64')
    case 'map':
      return new Map(
        (data as [unknown, unknown][]).map(([key, one]) => [restoredValue(key), restoredValue(one)]),
      )
    case 'set':
      return new Set((data as unknown[]).map(restoredValue))
    case 'object':
      return objectOf(data)
    default:
      throw new TypeError('a value of an unknown kind')
  }
}

/** `Object.fromEntries` sets no prototype, whatever the keys are. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries.map(([key, one]) => [key, restoredValue(one)]))
}

function tagged(tag: Tag, data?: unknown): object {
  return { [TAG]: data === undefined ? [tag] : [tag, data] }
}

/** Also of another realm, such as that of a test runner. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function shown(key: unknown): string {
  if (typeof key === 'number') return `[${key}]`
  if (typeof key !== 'string') return '[…]'
  return /^[A-Za-z_$][\w$]{0,50}$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 50))}]`
}

function notKept(name: string, what: string): MailError {
  return new MailError({
    stage: 'compose',
    kind: 'invalid-message',
    summary: `${name} is ${what}, which an outbox cannot keep`,
    hint: 'Pass plain data: strings, numbers, true, false, null, undefined, lists, plain objects, Date, Map, Set and Buffer.',
  })
}
