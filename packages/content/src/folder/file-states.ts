import { statSync, type Stats } from 'node:fs'
import { readText } from './read-text.ts'

/** File systems know a change to two seconds at worst. What changed so lately is compared by its text. */
const LATELY_MS = 2500

interface State {
  /** When and where it was written; undefined for a file that does not exist. */
  stamp: string | undefined
  isFresh: boolean
  readonly text: string | undefined
}

/** The files of something that was compiled, as they were then. */
export class FileStates {
  readonly #states = new Map<string, State>()

  has(file: string): boolean {
    return this.#states.has(file)
  }

  /**
   * Takes down what was read, so that any later change shows.
   *
   * @param text undefined if the file does not exist
   */
  note(file: string, text: string | undefined): void {
    // A change between reading and this call is a fresh one: its text is compared.
    this.#states.set(file, { ...stampOf(file), text })
  }

  /** Whether a file has another text now, or has come or gone. */
  haveChanged(): boolean {
    for (const [file, state] of this.#states) {
      const { stamp, isFresh } = stampOf(file)
      if (stamp === state.stamp && !state.isFresh) continue
      if (textOf(file) !== state.text) return true
      Object.assign(state, { stamp, isFresh })
    }
    return false
  }
}

/** The text of a file; undefined if it does not exist or cannot be read. */
export function textOf(file: string): string | undefined {
  try {
    return readText(file)
  } catch {
    return undefined
  }
}

/** When and where a file or folder was written. */
export function stampOf(file: string): { readonly stamp: string | undefined; readonly isFresh: boolean } {
  const found = statOf(file)
  if (!found) return { stamp: undefined, isFresh: false }
  const { mtimeMs, size, ino } = found
  return { stamp: `${mtimeMs} ${size} ${ino}`, isFresh: Date.now() - mtimeMs < LATELY_MS }
}

/** Undefined if it does not exist or cannot be reached. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
