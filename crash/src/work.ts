import { messagePlan } from './message-plan.ts'
import type { ScenePlan } from './scene-plan.ts'

/** Few, so that a process that dies leaves few that nobody may enqueue again. */
const BATCH = 8
const BATCH_WITHOUT_KILLS = 200

/** The messages that are still to be enqueued. They are given out as processes die, so that all deaths have work to meet. */
export class Work {
  readonly #plan: ScenePlan
  readonly #left: number[]
  readonly #all: number
  readonly #batch: number
  #waiting: (() => void)[] = []

  constructor(plan: ScenePlan) {
    this.#plan = plan
    this.#batch = plan.kills === 0 ? BATCH_WITHOUT_KILLS : BATCH
    this.#left = Array.from({ length: plan.messages }, (_, number) => number)
    // One with a key is enqueued twice, soon after each other: mostly by two processes.
    for (let number = plan.messages - 1; number >= 0; number--)
      if (this.#hasKey(number)) this.#left.splice(number + this.#batch, 0, number)
    this.#all = this.#left.length
  }

  get isOver(): boolean {
    return this.#left.length === 0
  }

  /** Resolves to the next messages, once so many processes were killed that it is their turn. */
  async next(kills: () => number, isDead: () => boolean): Promise<readonly number[]> {
    while (!this.isOver && !isDead() && this.#isEarly(kills()))
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return isDead() ? [] : this.#left.splice(0, this.#batch)
  }

  /** A process died: those that it was given and had not begun are to be enqueued by another one, and those with a key. */
  giveBack(given: readonly number[], started: ReadonlySet<number>, settled: ReadonlySet<number>): void {
    const isOpen = (number: number): boolean =>
      !settled.has(number) && (this.#hasKey(number) || !started.has(number))
    this.#left.unshift(...given.filter(isOpen))
    this.wake()
  }

  /** Something has changed for those who wait. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const each of waiting) each()
  }

  #isEarly(kills: number): boolean {
    const { kills: most } = this.#plan
    return kills < most && this.#all - this.#left.length > (this.#all * (kills + 3)) / most
  }

  #hasKey(number: number): boolean {
    return messagePlan(this.#plan.seed, this.#plan.number, number).hasKey
  }
}
