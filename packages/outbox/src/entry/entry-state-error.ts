import type { EntryState } from './entry.ts'

/** An entry is not in a state in which what was asked for is possible. Nothing was changed. */
export class EntryStateError extends Error {
  /** Always `EntryStateError`. */
  override readonly name = 'EntryStateError'
  /** That of the entry. */
  readonly id: string
  /** What became of it; undefined if there is no such entry. */
  readonly state: EntryState | undefined

  constructor(id: string, state: EntryState | undefined) {
    super(state === undefined ? `there is no entry ${id} in the outbox` : `the entry ${id} is ${state}`)
    this.id = id
    this.state = state
  }
}
