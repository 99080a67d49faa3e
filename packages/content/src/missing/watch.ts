import { programPlace, type Place } from '../stack-place.ts'

/** A value that was read and is not in the data. All items of a list count as one. */
export interface Missing {
  /** How the program would write it, such as `user.name`. */
  readonly path: string
  /** Which one it is, whatever the item of a list: `items[].price`. */
  readonly id: string
  /** Where it was read first. */
  readonly place: Place | undefined
}

/** Keys that languages and libraries look for in every object. */
const ASKED_OF_ALL = new Set([
  '$$typeof',
  'asymmetricMatch',
  'constructor',
  'inspect',
  'nodeType',
  'tagName',
  'then',
  'toJSON',
  'toLocaleString',
  'toString',
  'valueOf',
])
/** More of them are not noted. */
const MOST = 50

/** What is noted while data is read. */
export interface Notes {
  /** What is missing, by its id. */
  readonly missing: Map<string, Missing>
  /** A value in place of one that is missing. */
  readonly standIn?: ((id: string) => string | undefined) | undefined
}

/**
 * Data that notes which values are read and not there. They are undefined as before, unless there is a stand-in. Plain objects
 * and lists are watched, at any depth; everything else, such as a Map, a Date or an object of a class, is passed on as it is.
 */
export function watch<Data>(data: Data, notes: Notes): Data {
  const known = new WeakMap<object, object>()
  return wrap(data, known, () => new Watcher(notes, known, '', '')) as Data
}

/** The plain object or list itself in place of one that is watched. */
export function unwatched<Value>(value: Value): Value {
  return typeof value === 'object' && value !== null
    ? ((originals.get(value) as Value | undefined) ?? value)
    : value
}

const originals = new WeakMap<object, object>()

function wrap(value: unknown, known: WeakMap<object, object>, watcher: () => Watcher): unknown {
  if (!isWatchable(value) || originals.has(value)) return value
  let proxy = known.get(value)
  if (!proxy) {
    // A proxy must tell what is frozen as it is, so it stands before a copy that is not.
    proxy = new Proxy(Object.isFrozen(value) ? copyOf(value) : value, watcher())
    known.set(value, proxy)
    originals.set(proxy, value)
  }
  return proxy
}

/** Watches one object, and knows where it is in the data. */
class Watcher implements ProxyHandler<object> {
  readonly #notes: Notes
  readonly #known: WeakMap<object, object>
  readonly #path: string
  readonly #id: string

  constructor(notes: Notes, known: WeakMap<object, object>, path: string, id: string) {
    this.#notes = notes
    this.#known = known
    this.#path = path
    this.#id = id
  }

  get(target: object, key: string | symbol, receiver: unknown): unknown {
    const value: unknown = Reflect.get(target, key, receiver)
    if (typeof key === 'symbol') return value
    if (typeof value === 'object' && value !== null) {
      if (isFixed(target, key)) return value
      const watcher = (): Watcher =>
        new Watcher(this.#notes, this.#known, this.#pathTo(key, target), this.#idOf(key, target))
      return wrap(value, this.#known, watcher)
    }
    if (value !== undefined || key in target || ASKED_OF_ALL.has(key)) return value
    if (Array.isArray(target) && !/^\d+$/.test(key)) return value
    const id = this.#idOf(key, target)
    const { missing, standIn } = this.#notes
    if (!missing.has(id) && missing.size < MOST)
      // oxlint-disable-next-line typescript/unbound-method -- it is not called: its callers are looked for
      missing.set(id, { id, path: this.#pathTo(key, target), place: programPlace(this.get) })
    return standIn?.(id)
  }

  set(target: object, key: string | symbol, value: unknown): boolean {
    return Reflect.set(target, key, unwatched(value))
  }

  #pathTo(key: string, target: object): string {
    if (Array.isArray(target)) return `${this.#path}[${key}]`
    if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)) return `${this.#path}[${JSON.stringify(key)}]`
    return this.#path === '' ? key : `${this.#path}.${key}`
  }

  #idOf(key: string, target: object): string {
    return Array.isArray(target) ? `${this.#id}[]` : `${this.#id}.${key}`
  }
}

/** A proxy must tell such a property as it is. */
function isFixed(target: object, key: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(target, key)
  return descriptor?.configurable === false && descriptor.writable !== true
}

/** Objects as literals and JSON make them, in any realm. React elements are compared by identity. */
function isWatchable(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain =
    prototype === null ||
    prototype === Object.prototype ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'))
  return isPlain && !('$$typeof' in value) && !('then' in value)
}

/** A shallow copy that can be changed. Getters stay getters. */
function copyOf(value: object): object {
  const copy: object = Array.isArray(value) ? [] : (Object.create(Object.getPrototypeOf(value)) as object)
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!
    const isLength = key === 'length' && Array.isArray(value)
    Object.defineProperty(copy, key, {
      ...descriptor,
      ...('value' in descriptor && { writable: true }),
      configurable: !isLength,
    })
  }
  return copy
}
