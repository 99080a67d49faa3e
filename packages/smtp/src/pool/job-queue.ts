import type { Job } from './job.ts'

/** Messages that wait, the oldest first. Taking one costs the same, however many wait. */
export class JobQueue {
  #jobs: (Job | undefined)[] = []
  #head = 0
  #submitted = 0
  /** How many messages in the queue were settled meanwhile. */
  #settled = 0

  /** How many wait. */
  get size(): number {
    return this.#jobs.length - this.#head - this.#settled
  }

  /** How many have entered the queue so far. */
  get submitted(): number {
    return this.#submitted
  }

  push(job: Job): void {
    this.#enter(job)
    this.#jobs.push(job)
  }

  unshift(job: Job): void {
    this.#enter(job)
    if (this.#head > 0) this.#jobs[--this.#head] = job
    else this.#jobs.unshift(job)
  }

  /** Takes the first message that is not settled. */
  shift(): Job | undefined {
    const job = this.#first
    if (!job) return undefined
    this.#leave()
    job.isWaiting = false
    return job
  }

  /** A waiting message was settled. It leaves the queue when its turn comes. */
  drop(job: Job): void {
    if (job.isWaiting) this.#settled++
    job.isWaiting = false
  }

  /** Whether a waiting message was already here when so many had been submitted. */
  hasWaitedSince(submitted: number): boolean {
    if (!this.#first) return false
    for (let at = this.#head; at < this.#jobs.length; at++) {
      const job = this.#jobs[at]!
      if (job.settled) continue
      if (job.waitsSince <= submitted) return true
      // After the messages that were put back at the front, all others are in their order.
      if (!job.moved) return false
    }
    return false
  }

  /** Takes out the waiting messages for which `isTaken` returns true. */
  take(isTaken: (job: Job, position: number) => boolean): Job[] {
    const waiting = this.#jobs.slice(this.#head).filter((job) => job !== undefined && !job.settled) as Job[]
    const taken: Job[] = []
    this.#jobs = []
    for (const [position, job] of waiting.entries()) (isTaken(job, position) ? taken : this.#jobs).push(job)
    this.#head = 0
    this.#settled = 0
    for (const job of taken) job.isWaiting = false
    return taken
  }

  /** The first message that is not settled. The settled messages before it leave. */
  get #first(): Job | undefined {
    while (this.#head < this.#jobs.length) {
      const job = this.#jobs[this.#head]!
      if (!job.settled) return job
      this.#leave()
      this.#settled--
    }
    return undefined
  }

  #enter(job: Job): void {
    job.waitsSince = ++this.#submitted
    job.isWaiting = true
  }

  #leave(): void {
    this.#jobs[this.#head++] = undefined
    if (this.#head === this.#jobs.length) {
      this.#jobs = []
      this.#head = 0
    } else if (this.#head >= 4_096 && this.#head * 2 > this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#head)
      this.#head = 0
    }
  }
}
