/** After its signal has aborted, a transport has this long to report how far it got. */
const GRACE_MS = 1_000
/** The longest time that a Node timer supports, in ms. */
export const LONGEST_MS = 2 ** 31 - 1

/** Sends that begin within this many ms (or a thousandth of their time) share a deadline. */
const SAME_MOMENT_MS = 1

/**
 * Starts deadlines of the same length. One timer is enough, because the oldest deadline is the first to pass. They are a
 * linked list: a Set with constant additions and removals would delay garbage collection.
 */
export class Deadlines {
  readonly #ms: number
  readonly #sharedMs: number
  #oldest: Deadline | undefined
  #newest: Deadline | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped: { readonly reason: unknown } | undefined

  /** @param ms the time that a send may take; `Infinity` for no limit */
  constructor(ms: number) {
    this.#ms = ms
    this.#sharedMs = Math.min(SAME_MOMENT_MS, ms / 1_000)
  }

  /** @param caller also ends it, with its own reason */
  start(caller?: AbortSignal): Deadline {
    const at = performance.now() + this.#ms
    const newest = this.#newest
    if (!caller && newest && newest.mayBeShared && at - newest.at <= this.#sharedMs) {
      newest.sends++
      return newest
    }
    const deadline = new Deadline(at, caller)
    if (this.#stopped) deadline.stop(this.#stopped.reason)
    if (deadline.signal.aborted) return deadline
    // A send in progress keeps the process alive until its deadline. Without one, the timer does not.
    if (this.#ms <= LONGEST_MS) this.#timer ??= setTimeout(this.#look, this.#ms)
    this.#timer?.ref()
    deadline.older = newest
    if (newest) newest.newer = deadline
    else this.#oldest = deadline
    this.#newest = deadline
    return deadline
  }

  /** Ends one of its sends. */
  end(deadline: Deadline): void {
    if (--deadline.sends > 0) return
    deadline.clear()
    const { older, newer } = deadline
    if (older) older.newer = newer
    else if (this.#oldest === deadline) this.#oldest = newer
    if (newer) newer.older = older
    else if (this.#newest === deadline) this.#newest = older
    deadline.older = deadline.newer = undefined
    if (!this.#oldest) this.#timer?.unref()
  }

  /** Ends everything in progress now, and everything that starts later at once. */
  stop(reason: unknown): void {
    this.#stopped = { reason }
    for (let next = this.#oldest; next; next = next.newer) next.stop(reason)
  }

  readonly #look = (): void => {
    this.#timer = undefined
    const now = performance.now()
    for (let next = this.#oldest; next; next = next.newer) {
      if (next.at > now) {
        this.#timer = setTimeout(this.#look, next.at - now)
        return
      }
      next.stop(new DOMException('The deadline passed', 'TimeoutError'))
    }
  }
}

/** Ends the sends that share it when their time is over, or a single send when its caller aborts. */
export class Deadline {
  older: Deadline | undefined
  newer: Deadline | undefined
  /** How many of its sends are not over. */
  sends = 1
  /** When it passes, on the clock of `performance.now()`. */
  readonly at: number
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal | undefined
  readonly #stopped: ((nothing?: undefined) => void)[] = []
  readonly #giveUp: ((nothing?: undefined) => void)[] = []
  #grace: NodeJS.Timeout | undefined

  constructor(at: number, caller: AbortSignal | undefined) {
    this.at = at
    this.#caller = caller
    if (caller?.aborted) this.stop(caller.reason)
    else caller?.addEventListener('abort', this.#heed)
  }

  get mayBeShared(): boolean {
    return this.#caller === undefined && !this.signal.aborted
  }

  /** Its reason is a `TimeoutError` if the time is over, otherwise the caller's. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Waits for a promise, but not longer than the deadline: then it resolves to undefined, whatever the promise does. */
  untilStopped<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise<T | undefined>((resolve, reject) => {
      // A listener on the signal would be looked for among those of all sends that share it.
      if (this.signal.aborted) resolve(undefined)
      else this.#stopped.push(resolve)
      promise.then(resolve, reject)
    })
  }

  /** Waits for a promise. After the deadline, it waits a little longer and then resolves to undefined. */
  race<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise<T | undefined>((resolve, reject) => {
      this.onGivenUp(resolve)
      promise.then(resolve, reject)
    })
  }

  /** Calls this a little after the deadline, unless all its sends are over. */
  onGivenUp(call: (nothing?: undefined) => void): void {
    this.#giveUp.push(call)
  }

  stop(reason: unknown): void {
    this.#controller.abort(reason)
    for (const stopped of this.#stopped) stopped()
    this.#stopped.length = 0
    this.#grace ??= setTimeout(() => {
      for (const giveUp of this.#giveUp) giveUp()
    }, GRACE_MS)
  }

  clear(): void {
    clearTimeout(this.#grace)
    // Long-lived objects must not keep sent messages in memory.
    this.#stopped.length = 0
    this.#giveUp.length = 0
    this.#caller?.removeEventListener('abort', this.#heed)
  }

  readonly #heed = (): void => this.stop(this.#caller!.reason)
}
