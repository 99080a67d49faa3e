import { MailError } from '@loudmail/core'

type Facts = readonly [summary: string, hint: string, permanence?: 'permanent']

const GRANT =
  'Grant the role what it needs, or let an owner create the tables first with the SQL of pgBossSchema().'
const RESTART = 'It works again once the server does: try again in a moment.'

/** By SQLSTATE (PostgreSQL, appendix A), or by the code of an error of Node. */
const BY_CODE: Readonly<Record<string, Facts>> = {
  '28P01': ['PostgreSQL refuses the password', 'Check user and password of the URL.', 'permanent'],
  '28000': [
    'PostgreSQL does not let this user in',
    'Check the user of the URL, and pg_hba.conf of the server.',
    'permanent',
  ],
  '3D000': [
    'the database does not exist',
    'Create it, or correct the name at the end of the URL.',
    'permanent',
  ],
  '42501': ['PostgreSQL does not permit it to this role', GRANT, 'permanent'],
  '3F000': ['a schema of the outbox is missing', GRANT, 'permanent'],
  '42P01': ['a table of the outbox is missing', GRANT, 'permanent'],
  '53100': ['the disk of PostgreSQL is full', 'Make room on the server. Nothing that was kept is lost.'],
  '53200': ['PostgreSQL has no memory left', 'Give the server more memory, or fewer connections.'],
  '53300': [
    'PostgreSQL takes no more connections',
    'Lower `connections` of pgBoss(), or raise max_connections of the server.',
  ],
  '25006': [
    'PostgreSQL only reads: it is a standby, or set to read only',
    'Connect to the primary: after a failover, the URL has to lead to the new one.',
  ],
  '25P02': ['an earlier statement of the transaction failed', 'Roll the transaction back, and run it again.'],
  '40001': ['another transaction was in the way', 'Run the whole transaction again.'],
  '40P01': ['the transaction and another one waited for each other', 'Run the whole transaction again.'],
  '55P03': ['another transaction holds what is needed', 'Try again once it has ended.'],
  '57014': [
    'a statement took too long, or was cancelled',
    'Look at statement_timeout of the role, and at what the server is busy with.',
  ],
  '57P01': ['PostgreSQL is being stopped', RESTART],
  '57P02': ['PostgreSQL has crashed', RESTART],
  '57P03': ['PostgreSQL is starting or stopping', RESTART],
  ECONNREFUSED: [
    'nobody listens at the address of PostgreSQL',
    'Check host and port of the URL, and that the server runs.',
  ],
  ENOENT: ['the socket of PostgreSQL is not there', 'Check the URL, and that the server runs.'],
  ENOTFOUND: ['the host of PostgreSQL is not known', 'Check the host of the URL.'],
  EAI_AGAIN: ['the host of PostgreSQL cannot be looked up now', 'Check the name server of this machine.'],
}

const LOST: Facts = [
  'the connection to PostgreSQL was lost, or could not be made',
  'Check that the server runs and can be reached.',
]

const SILENT: Facts = [
  'PostgreSQL did not answer in time',
  'Check that the server is not overloaded, stopped or cut off. If it only needs longer, raise `timeoutMs` of pgBoss().',
]

/** A failure of the database, without any secret. @param isUnknown whether the change may have been made */
export function databaseError(store: string, cause: unknown, isUnknown = false): MailError {
  if (MailError.is(cause)) return cause
  const code = codeOf(cause)
  const [summary, hint, permanence = 'transient'] =
    BY_CODE[code] ??
    (!isLost(cause)
      ? ['PostgreSQL refuses it', `Look up ${code} in the manual of PostgreSQL.`]
      : isSilence(cause)
        ? SILENT
        : LOST)
  return new MailError({
    stage: 'submit',
    kind: 'storage',
    summary: code === '' ? summary : `${summary} (${code})`,
    hint: isUnknown
      ? `${hint} Nobody knows whether the change was made. If it was a new message, look for its Message-ID in the outbox before you send it again.`
      : hint,
    transport: store,
    permanence: isUnknown ? 'unknown' : permanence,
    delivered: isUnknown ? 'unknown' : 'none',
    cause,
  })
}

/** The tables are not there, and `migrate` is false. */
export function tablesMissing(store: string): MailError {
  return new MailError({
    stage: 'submit',
    kind: 'storage',
    summary: 'the tables of the outbox are missing or older than this version, and `migrate` is false',
    hint: 'Let an owner run the SQL of pgBossSchema() in an empty database, or leave out `migrate: false` once, with a role that may create tables.',
    permanence: 'permanent',
    transport: store,
  })
}

/** `pg` has no code for it. */
function isSilence(error: unknown): boolean {
  return error instanceof Error && /\btime-?out\b/i.test(error.message)
}

/** Whether the connection was lost, or could not be made: the server did not refuse anything. */
export function isLost(error: unknown): boolean {
  if (MailError.is(error)) return false
  const code = codeOf(error)
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|57P0)/.test(code)
}

/** Whether the server gave up a transaction that can be run again. */
export function isConflict(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error))
}

/** Whether a failure is that of one of the entries in a statement: of its data, or because another transaction has its key. */
export function isOfOneEntry(error: unknown): boolean {
  return /^(22|23|54|55P03)/.test(codeOf(MailError.is(error) ? error.cause : error))
}

function codeOf(error: unknown): string {
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  const { code } = (inner ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}
