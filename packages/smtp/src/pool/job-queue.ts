import type { Job } from './job.ts'

/** Messages that wait, the oldest first; taking one costs the same however many wait. */
export class JobQueue {
  #jobs: (Job | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#jobs.length - this.#head
  }

  /** Whether nobody waits any more; looks at each, so it is for the end. */
  get isEmpty(): boolean {
    return this.#jobs.every((job) => !job || job.settled)
  }

  push(job: Job): void {
    this.#jobs.push(job)
  }

  unshift(job: Job): void {
    if (this.#head > 0) this.#jobs[--this.#head] = job
    else this.#jobs.unshift(job)
  }

  /** The next that is still wanted. */
  shift(): Job | undefined {
    while (this.#head < this.#jobs.length) {
      const job = this.#jobs[this.#head]!
      this.#jobs[this.#head++] = undefined
      if (this.#head === this.#jobs.length) {
        this.#jobs = []
        this.#head = 0
      } else if (this.#head >= 4_096 && this.#head * 2 > this.#jobs.length) {
        this.#jobs = this.#jobs.slice(this.#head)
        this.#head = 0
      }
      if (!job.settled) return job
    }
    return undefined
  }

  /** Takes all but the first `count`. */
  takeAfter(count: number): Job[] {
    return this.#jobs.splice(this.#head + count).filter((job) => job !== undefined)
  }
}
