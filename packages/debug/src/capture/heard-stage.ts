import type { Stage } from '@loudmail/core'
import { stageOfCommand } from '@loudmail/core/transport'

/** The step that a line of a client belongs to; undefined if it is none of those of a send, such as NOOP. */
export function stageOf(command: string | undefined, octets: number | undefined): Stage | undefined {
  if (octets !== undefined) return 'body'
  // A line without a command answers a challenge.
  return command === undefined ? 'auth' : stageOfCommand(command)
}
