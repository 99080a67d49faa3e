import type { Socket } from 'node:net'
import type { DetailedPeerCertificate } from 'node:tls'
import type { Reply, Stage } from '@loudmail/core'
import type { Situation } from '@loudmail/core/transport'
import type { Recorder } from '../conversation/recorder.ts'
import type { TimedStage } from '../options.ts'
import { OpeningFailure } from './opening-failure.ts'

/** One step of an opening, as its code sees it. */
export interface Step<T> {
  done(value: T): void
  fail(init: OpeningFailure['init']): void
  /** The step enters another stage with its own time-out. */
  enter(stage: TimedStage, timeoutMs: number): void
}

/** What can keep the process alive. */
interface Handle {
  ref(): unknown
  unref(): unknown
}

/** What the two sides agreed on, and what the server showed. */
interface Encryption {
  readonly protocol: string
  readonly cipher: string
  readonly certificate: DetailedPeerCertificate
  readonly verified: boolean
}

/** Hears of what happens on the way, as it happens. */
export interface OpeningWatch {
  connected(socket: Socket, durationMs: number): void
  /** Also before a failure, if the certificate is not accepted. */
  encrypted(tls: Encryption, durationMs: number): void
  answered(stage: Stage, reply: Reply, durationMs: number): void
}

/** A connection that is being opened: its current stage, and one way to end it in any stage. */
export class Opening {
  stage: Stage = 'connect'
  recorder: Recorder | undefined
  readonly watch: OpeningWatch | undefined
  /** For the hint of a failure. */
  situation: Situation | undefined
  /** The socket, or what replaced it. */
  handle: Handle | undefined
  #timer: NodeJS.Timeout | undefined
  #isHeld = true
  #stop: ((failure: OpeningFailure) => void) | undefined
  #ended: OpeningFailure | undefined

  constructor(watch?: OpeningWatch) {
    this.watch = watch
  }

  get ended(): boolean {
    return this.#ended !== undefined
  }

  /** Ends it at once: the current step fails, and so does every later one. */
  end(why: Pick<OpeningFailure['init'], 'kind' | 'summary'> = { kind: 'aborted' }): void {
    this.#ended ??= new OpeningFailure({ stage: this.stage, ...why })
    this.#stop?.(this.#ended)
  }

  /** Whether it keeps the process alive. */
  hold(held: boolean): void {
    if (this.#isHeld === held) return
    this.#isHeld = held
    for (const handle of [this.#timer, this.handle])
      if (held) handle?.ref()
      else handle?.unref()
  }

  /**
   * Runs one step. It ends with a value, with a failure, at its time-out, or when the opening is ended.
   *
   * @param begin starts it, and returns a function that undoes it; this is called unless the step ends with a value
   * @param late the failure at its time-out
   */
  step<T>(
    stage: TimedStage,
    timeoutMs: number,
    begin: (step: Step<T>) => () => void,
    late: (stage: Stage) => Omit<OpeningFailure['init'], 'stage'> = () => ({ kind: 'timeout' }),
  ): Promise<T> {
    this.stage = stage
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      let undo: (() => void) | undefined
      let isOpen = true
      let hasFailed = false
      const settle = (): boolean => {
        if (!isOpen) return false
        isOpen = false
        clearTimeout(this.#timer)
        this.#stop = undefined
        return true
      }
      const fail = (failure: OpeningFailure): void => {
        if (!settle()) return
        hasFailed = true
        undo?.()
        reject(failure)
      }
      const arm = (ms: number): void => {
        clearTimeout(this.#timer)
        if (ms === Infinity) return
        const onTimeout = (): void => fail(new OpeningFailure({ stage: this.stage, ...late(this.stage) }))
        this.#timer = setTimeout(onTimeout, ms)
        if (!this.#isHeld) this.#timer.unref()
      }
      this.#stop = fail
      arm(timeoutMs)
      try {
        undo = begin({
          done: (value) => settle() && resolve(value),
          fail: (init) => fail(new OpeningFailure(init)),
          enter: (next, ms) => {
            this.stage = next
            if (isOpen) arm(ms)
          },
        })
      } catch (failure) {
        settle()
        return reject(failure)
      }
      if (hasFailed) undo()
      if (!this.#isHeld) this.handle?.unref()
    })
  }
}
