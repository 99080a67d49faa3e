/**
 * The events of a conversation that can have an action, in the order they happen. `AUTHCMD` is the AUTH command, `AUTH`
 * the decision about complete credentials. `BODY` is the first content to arrive, `DOT` the end of the content (or its last
 * BDAT chunk), `BDAT` any chunk before that. `*` is every command that has no action of its own.
 */
export const eventNames = [
  'CONNECT',
  'EHLO',
  'HELO',
  'LHLO',
  'STARTTLS',
  'AUTHCMD',
  'AUTH',
  'MAIL',
  'RCPT',
  'DATA',
  'BODY',
  'BDAT',
  'DOT',
  'RSET',
  'NOOP',
  'VRFY',
  'QUIT',
  '*',
] as const

/** The name of an event that can have an action. */
export type EventName = (typeof eventNames)[number]
