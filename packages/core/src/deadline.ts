/** How long a transport has, after it was told to stop, to say how far it had come. */
const GRACE_MS = 1_000
/** The longest a Node timer runs. */
const LONGEST_MS = 2 ** 31 - 1

/** Ends a send when its time is over or its caller says so. */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param ms the time it may take; `Infinity` for no limit */
  constructor(ms: number, caller: AbortSignal | undefined) {
    this.#caller = caller
    if (caller?.aborted) this.#controller.abort(caller.reason)
    else {
      caller?.addEventListener('abort', this.#onAbort, { once: true })
      if (ms <= LONGEST_MS) this.#timer = setTimeout(this.#onTimeout, ms)
    }
  }

  /** Its reason is a `TimeoutError` where the time was over, else the caller's. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Waits for a promise, and once the time is over a moment longer; then settles with what `giveUp` says. */
  async race<T>(promise: Promise<T>, giveUp: () => T): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    let onAbort: (() => void) | undefined
    const over = new Promise<true>((resolve) => {
      onAbort = () => {
        timer = setTimeout(() => resolve(true), GRACE_MS)
      }
      this.signal.addEventListener('abort', onAbort, { once: true })
    })
    try {
      const first = await Promise.race([promise.then((value) => ({ value })), over])
      return first === true ? giveUp() : first.value
    } finally {
      clearTimeout(timer)
      this.signal.removeEventListener('abort', onAbort!)
    }
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => {
    this.#controller.abort(this.#caller!.reason)
  }

  readonly #onTimeout = (): void => {
    this.#controller.abort(new DOMException('The deadline passed', 'TimeoutError'))
  }
}
