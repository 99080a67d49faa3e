import { MailError, type RecipientOutcome } from '@loudmail/core'
import { damaged } from '../message/read-failures.ts'
import { keptFailure, restoredFailure, type KeptFailure } from './kept-failure.ts'

/** What is known about the message of an entry without reading it: kept as JSON, and not encrypted. */
export interface Progress {
  /** The reverse-path. */
  readonly from: string
  /** The forward-paths. */
  readonly to: readonly string[]
  /** For people who look at the queue. */
  readonly subject?: string | undefined
  /** When nobody tries it again by itself, in ms since 1970. */
  readonly giveUpAt: number
  /** Those who are to get the message with the next attempt. Nobody else is ever tried again by itself. */
  readonly open: readonly string[]
  /** What became of each recipient that was tried. */
  readonly recipients: readonly RecipientOutcome[]
  /** Why the attempts failed, the last one last. */
  readonly failures: readonly MailError[]
  /** The server's final reply. */
  readonly response?: string | undefined
}

/** Failures that are kept: with more, an entry that is tried for days would grow. */
const MOST_FAILURES = 10

/** The latest time that a Date can have. JSON has no Infinity. */
const LATEST = 8_640_000_000_000_000

interface KeptProgress extends Omit<Progress, 'failures'> {
  readonly failures: readonly KeptFailure[]
}

export function writeProgress(progress: Progress): string {
  const failures = progress.failures.slice(-MOST_FAILURES).map(keptFailure)
  const giveUpAt = Math.min(progress.giveUpAt, LATEST)
  return JSON.stringify({ ...progress, giveUpAt, failures } satisfies KeptProgress)
}

/** @throws MailError `submit/storage` if it was not written by `writeProgress` */
export function readProgress(json: string): Progress {
  try {
    const { failures, ...progress } = JSON.parse(json) as KeptProgress
    const { from, to, giveUpAt, open, recipients } = progress
    const isWhole = typeof from === 'string' && typeof giveUpAt === 'number' && Array.isArray(recipients)
    if (isWhole && areAddresses(to) && areAddresses(open))
      return { ...progress, failures: failures.map(restoredFailure) }
  } catch {
    // The error would show what is in it.
  }
  throw damaged('what is known about its recipients has another form')
}

function areAddresses(list: unknown): boolean {
  return Array.isArray(list) && list.every((address) => typeof address === 'string')
}
