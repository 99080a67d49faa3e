/** How long a transport has, after it was told to stop, to say how far it had come. */
const GRACE_MS = 1_000
/** The longest a Node timer runs. */
const LONGEST_MS = 2 ** 31 - 1

/** Starts deadlines that all take the same time; one timer serves them, since the oldest is the first to pass. */
export class Deadlines {
  readonly #ms: number
  readonly #running = new Set<Deadline>()
  #timer: NodeJS.Timeout | undefined

  /** @param ms the time a send may take; `Infinity` for no limit */
  constructor(ms: number) {
    this.#ms = ms
  }

  /** @param caller ends it as well, with its own reason */
  start(caller?: AbortSignal): Deadline {
    const deadline = new Deadline(performance.now() + this.#ms, caller, (ended) => {
      if (this.#running.delete(ended) && this.#running.size === 0) this.#timer?.unref()
    })
    if (this.#ms <= LONGEST_MS) {
      this.#running.add(deadline)
      // A send under way keeps the process until its deadline; a timer that nobody waits for does not.
      if (this.#running.size === 1) this.#timer = this.#timer?.ref() ?? setTimeout(this.#look, this.#ms)
    }
    return deadline
  }

  readonly #look = (): void => {
    this.#timer = undefined
    for (const deadline of this.#running) {
      const left = deadline.at - performance.now()
      if (left > 0) {
        this.#timer = setTimeout(this.#look, left)
        return
      }
      deadline.stop(new DOMException('The deadline passed', 'TimeoutError'))
    }
  }
}

/** Ends one send when its time is over or its caller says so. */
export class Deadline {
  /** When it passes, on the clock of `performance.now()`. */
  readonly at: number
  /** Why it was stopped: a `TimeoutError` where the time was over, else what the caller said. */
  reason: unknown
  readonly #caller: AbortSignal | undefined
  readonly #ended: (deadline: Deadline) => void
  readonly #listeners = new Set<() => void>()
  #stopped = false
  #controller: AbortController | undefined
  #grace: NodeJS.Timeout | undefined

  constructor(at: number, caller: AbortSignal | undefined, ended: (deadline: Deadline) => void) {
    this.at = at
    this.#caller = caller
    this.#ended = ended
    if (caller?.aborted) this.stop(caller.reason)
    else caller?.addEventListener('abort', this.#onAbort, { once: true })
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Made when somebody reads it: most sends end before anybody would listen. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#stopped) this.#controller.abort(this.reason)
    }
    return this.#controller.signal
  }

  /** Calls the listener when it is stopped; the function that comes back takes it off again. */
  readonly onStop = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Waits for a promise, and once it was stopped a moment longer; then settles with what `giveUp` says. */
  race<T>(promise: Promise<T>, giveUp: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onStop(() => {
        this.#grace = setTimeout(() => {
          try {
            resolve(giveUp())
          } catch (error) {
            reject(error)
          }
        }, GRACE_MS)
      })
      promise.then(resolve, reject)
    })
  }

  stop(reason: unknown): void {
    if (this.#stopped) return
    this.#stopped = true
    this.reason = reason
    this.#ended(this)
    for (const listener of this.#listeners) listener()
    this.#controller?.abort(reason)
  }

  /** The send is over. */
  clear(): void {
    clearTimeout(this.#grace)
    this.#ended(this)
    this.#caller?.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => this.stop(this.#caller!.reason)
}
