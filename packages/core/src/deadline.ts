/** How long a transport has, after it was told to stop, to say how far it had come. */
const GRACE_MS = 1_000
/** The longest a Node timer runs. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Starts deadlines that all take the same time; one timer serves them, since the oldest is the first to pass. They are
 * a linked list: a Set that things come to and go from all the time keeps the garbage collector from freeing them.
 */
export class Deadlines {
  readonly #ms: number
  #oldest: Deadline | undefined
  #newest: Deadline | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param ms the time a send may take; `Infinity` for no limit */
  constructor(ms: number) {
    this.#ms = ms
  }

  /** @param caller ends it as well, with its own reason */
  start(caller?: AbortSignal): Deadline {
    const deadline = new Deadline(performance.now() + this.#ms, caller)
    if (this.#ms > LONGEST_MS || deadline.signal.aborted) return deadline
    // A send under way keeps the process until its deadline; a timer that nobody waits for does not.
    this.#timer ??= setTimeout(this.#look, this.#ms)
    this.#timer.ref()
    deadline.older = this.#newest
    if (this.#newest) this.#newest.newer = deadline
    else this.#oldest = deadline
    this.#newest = deadline
    return deadline
  }

  /** The send is over. */
  end(deadline: Deadline): void {
    deadline.clear()
    const { older, newer } = deadline
    if (older) older.newer = newer
    else if (this.#oldest === deadline) this.#oldest = newer
    if (newer) newer.older = older
    else if (this.#newest === deadline) this.#newest = older
    deadline.older = deadline.newer = undefined
    if (!this.#oldest) this.#timer?.unref()
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

/** Ends one send when its time is over or its caller says so. */
export class Deadline {
  older: Deadline | undefined
  newer: Deadline | undefined
  /** When it passes, on the clock of `performance.now()`. */
  readonly at: number
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal | undefined
  #giveUp: ((nothing?: undefined) => void) | undefined
  #grace: NodeJS.Timeout | undefined

  constructor(at: number, caller: AbortSignal | undefined) {
    this.at = at
    this.#caller = caller
    if (caller?.aborted) this.stop(caller.reason)
    else caller?.addEventListener('abort', this)
  }

  /** Its reason is a `TimeoutError` where the time was over, else the caller's. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Waits for a promise, and once it was stopped a moment longer; then undefined says that it gave up. */
  race<T>(promise: Promise<T>): Promise<T | undefined> {
    const { promise: settled, resolve, reject } = Promise.withResolvers<T | undefined>()
    this.#giveUp = resolve
    promise.then(resolve, reject)
    return settled
  }

  stop(reason: unknown): void {
    this.#controller.abort(reason)
    if (this.#giveUp) this.#grace ??= setTimeout(this.#giveUp, GRACE_MS)
  }

  clear(): void {
    clearTimeout(this.#grace)
    this.#caller?.removeEventListener('abort', this)
  }

  /** For the caller's signal. */
  handleEvent(): void {
    this.stop(this.#caller!.reason)
  }
}
