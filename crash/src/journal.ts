import { openSync, readFileSync, writeSync } from 'node:fs'

/** What processes write down, one line each, before they go on. */
export type Line =
  /** A process is about to enqueue a message, which is not to be sent before `dueAt`. */
  | { readonly what: 'started'; readonly number: number; readonly dueAt: number }
  /** `send()` has settled: the message must not be lost. */
  | {
      readonly what: 'settled'
      readonly number: number
      readonly id?: string | undefined
      readonly messageId?: string | undefined
    }
  /** `send()` has failed. `isKept`: whether the failure says that the message may be in the outbox. */
  | { readonly what: 'failed'; readonly number: number; readonly isKept: boolean; readonly code: string }
  /**
   * A worker was given a lease at this time, and nobody else may have it before `until`. `isInDoubt`: an earlier one began to
   * send it, and did not say how that ended.
   */
  | {
      readonly what: 'leased'
      readonly id: string
      readonly life: string
      readonly at: number
      readonly until: number
      readonly isInDoubt: boolean
    }
  /** A worker was given more time. */
  | { readonly what: 'extended'; readonly id: string; readonly life: string; readonly until: number }
  /** A worker is about to end its lease. */
  | { readonly what: 'ending'; readonly id: string; readonly life: string }
  /** The end of a lease was recorded. */
  | { readonly what: 'ended'; readonly id: string; readonly life: string }
  /** The server took a message, for these recipients. */
  | {
      readonly what: 'accepted'
      readonly number: number
      readonly messageId: string
      readonly recipients: readonly string[]
      readonly octets: number
      readonly isWhole: boolean
      readonly at: number
      readonly life: string
    }
  /** The server read the final dot of a message that it did not take. */
  | { readonly what: 'dropped'; readonly number: number }

/** Opens a journal that several processes share. A line is in the file when the function returns. */
export function openJournal(file: string): (line: Line) => void {
  const handle = openSync(file, 'a')
  return (line) => void writeSync(handle, `${JSON.stringify(line)}\n`)
}

export function readJournal(file: string): readonly Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}
