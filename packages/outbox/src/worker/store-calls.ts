import { storageError } from '../store/storage-error.ts'

/** A worker that stops waits no longer than this for an answer, in ms. */
export const LAST_ANSWER_MS = 5_000

const LOOK_MS = 100

/** The calls of a worker to its store. Once it stops, those that are not answered fail, so that it can end. */
export class StoreCalls {
  readonly #store: string
  /** What gives up a call, and when it was made. */
  readonly #open = new Map<() => void, number>()
  #timer: NodeJS.Timeout | undefined

  /** @param store its name */
  constructor(store: string) {
    this.#store = store
  }

  /** Waits for a call. */
  answer<Result>(call: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(noAnswer(this.#store))
      this.#open.set(giveUp, performance.now())
      void call.then(resolve, reject).finally(() => this.#open.delete(giveUp))
    })
  }

  /** The worker stops. */
  stop(): void {
    const stoppedAt = performance.now()
    this.#timer ??= setInterval(() => {
      const latest = performance.now() - LAST_ANSWER_MS
      for (const [giveUp, madeAt] of this.#open) if (Math.max(madeAt, stoppedAt) < latest) giveUp()
    }, LOOK_MS)
  }

  /** Nothing waits any more. */
  end(): void {
    clearInterval(this.#timer)
  }
}

function noAnswer(store: string): Error {
  const hint = 'Check that the store can be reached. What it was told may have been written nevertheless.'
  return storageError(store, 'the store did not answer before the worker had to stop', hint)
}
