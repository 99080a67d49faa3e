import type { Job } from './job.ts'

/** Messages that wait, the oldest first. Taking one costs the same, however many wait. */
export class JobQueue {
  /** Those that only a fresh connection may take. They come first. */
  #moved: Job[] = []
  #jobs: (Job | undefined)[] = []
  #head = 0
  #submitted = 0
  /** How many of `#jobs` were settled meanwhile. */
  #settled = 0

  /** How many wait. */
  get size(): number {
    return this.#moved.length + this.sizeForAny
  }

  /** How many wait that any connection may take. */
  get sizeForAny(): number {
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

  /** A message that moves: only a fresh connection may take it. */
  pushMoved(job: Job): void {
    this.#enter(job)
    this.#moved.push(job)
  }

  /** There is no fresh connection for the messages that moved: any connection may take them. */
  releaseMoved(): void {
    if (this.#moved.length === 0) return
    const waiting = this.#jobs.slice(this.#head)
    this.#jobs = [...this.#moved, ...waiting]
    this.#moved = []
    this.#head = 0
  }

  /** Takes the first message that is not settled. @param fresh whether a fresh connection takes it */
  shift(fresh: boolean): Job | undefined {
    const moved = fresh ? this.#moved.shift() : undefined
    const job = moved ?? this.#first
    if (!job) return undefined
    if (!moved) this.#leave()
    job.isWaiting = false
    return job
  }

  /** A waiting message was settled. It leaves the queue when its turn comes. */
  drop(job: Job): void {
    if (!job.isWaiting) return
    job.isWaiting = false
    const at = this.#moved.indexOf(job)
    if (at < 0) this.#settled++
    else this.#moved.splice(at, 1)
  }

  /** Whether a waiting message was already here when so many had been submitted. */
  hasWaitedSince(submitted: number): boolean {
    if (this.#moved.some(({ waitsSince }) => waitsSince <= submitted)) return true
    // They are in their order, but for those that were released.
    if (!this.#first) return false
    for (let at = this.#head; at < this.#jobs.length; at++) {
      const job = this.#jobs[at]!
      if (job.settled) continue
      if (job.waitsSince <= submitted) return true
      if (!job.moved && !job.without) return false
    }
    return false
  }

  /** Takes out the waiting messages for which `isTaken` returns true. */
  take(isTaken: (job: Job, position: number) => boolean): Job[] {
    const others = this.#jobs.slice(this.#head).filter((job) => job !== undefined && !job.settled) as Job[]
    const taken: Job[] = []
    let position = 0
    const stays = (job: Job): boolean => !isTaken(job, position++) || taken.push(job) === 0
    this.#moved = this.#moved.filter(stays)
    this.#jobs = others.filter(stays)
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
