import type { Stage } from '@loudmail/core'

const STAGES: Readonly<Record<string, Stage>> = {
  EHLO: 'ehlo',
  HELO: 'ehlo',
  STARTTLS: 'tls',
  AUTH: 'auth',
  MAIL: 'mail-from',
  RCPT: 'rcpt-to',
  DATA: 'data',
}

/** The step that a line of a client belongs to; undefined if it is none of those of a send, such as NOOP. */
export function stageOf(command: string | undefined, octets: number | undefined): Stage | undefined {
  if (octets !== undefined) return 'body'
  // A line without a command answers a challenge.
  if (command === undefined) return 'auth'
  return Object.hasOwn(STAGES, command) ? STAGES[command] : undefined
}
