import type { Stage } from '../failure/vocabulary.ts'

const STAGES: Readonly<Record<string, Stage>> = {
  EHLO: 'ehlo',
  HELO: 'ehlo',
  LHLO: 'ehlo',
  STARTTLS: 'tls',
  AUTH: 'auth',
  MAIL: 'mail-from',
  RCPT: 'rcpt-to',
  DATA: 'data',
  BDAT: 'body',
  // The methods of HTTP with which the APIs of providers are called.
  GET: 'submit',
  POST: 'submit',
}

/** The step that a command belongs to, by its verb in capitals; undefined if it is none of those of a send, such as NOOP. */
export function stageOfCommand(verb: string): Stage | undefined {
  return Object.hasOwn(STAGES, verb) ? STAGES[verb] : undefined
}
