import { dirname } from 'node:path'
import { MailError } from '@loudmail/core'
import { storageError } from '../store/storage-error.ts'

/** What went wrong, as far as it matters for what to do. */
type Reason = 'busy' | 'snapshot' | 'full' | 'readonly' | 'missing' | 'io' | 'corrupt' | 'notadb' | 'files'

/** The primary result codes of SQLite, and the codes of Node for files. */
const REASONS: Readonly<Record<string | number, Reason>> = {
  5: 'busy',
  6: 'busy',
  517: 'snapshot',
  8: 'readonly',
  10: 'io',
  11: 'corrupt',
  13: 'full',
  14: 'missing',
  23: 'readonly',
  26: 'notadb',
  SQLITE_BUSY: 'busy',
  SQLITE_LOCKED: 'busy',
  SQLITE_BUSY_SNAPSHOT: 'snapshot',
  SQLITE_READONLY: 'readonly',
  SQLITE_IOERR: 'io',
  SQLITE_CORRUPT: 'corrupt',
  SQLITE_FULL: 'full',
  SQLITE_CANTOPEN: 'missing',
  SQLITE_NOTADB: 'notadb',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EACCES: 'readonly',
  EPERM: 'readonly',
  EROFS: 'readonly',
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EIO: 'io',
  EMFILE: 'files',
  ENFILE: 'files',
}

const TEXTS: Readonly<Record<Reason, readonly [summary: string, hint: (file: string) => string]>> = {
  busy: [
    'another connection is writing to the file for too long',
    () =>
      'Keep transactions on this file short, and pass the connection of an open transaction as `using`. If other processes need longer, raise `busyMs`.',
  ],
  snapshot: [
    'the transaction cannot write, because the file was changed after the transaction began to read',
    () => 'Begin the transaction with BEGIN IMMEDIATE, and try the whole transaction again.',
  ],
  full: [
    'the disk is full',
    (file) => `Make room on the disk of ${file}. The outbox goes on by itself once there is room.`,
  ],
  readonly: [
    'the file cannot be written',
    (file) =>
      `This process needs the permission to write ${file} and to create files in ${dirname(file)}, and the disk must not be mounted read-only.`,
  ],
  missing: [
    'the file cannot be opened',
    (file) =>
      `Check that this process may read and write ${file} and create files in ${dirname(file)}, and that the disk is not mounted read-only.`,
  ],
  io: [
    'the disk reports an error',
    (file) =>
      `Look into the log of the system for errors of the disk of ${file}, and check that it is still there.`,
  ],
  corrupt: [
    'the file is damaged',
    (file) =>
      `Stop every process that uses ${file}, keep a copy of it, and restore a backup, or save what is readable with the command .recover of the sqlite3 program.`,
  ],
  notadb: [
    'the file is not a SQLite database',
    (file) =>
      `Check the path. If ${file} is not meant to be something else, move it away: a new one is created.`,
  ],
  files: [
    'this process has too many open files',
    () => 'Raise the limit of open files (ulimit -n), or find what does not close its files.',
  ],
}

/** Another connection has the lock that is needed. It can be tried again. */
export function isBusy(error: unknown): boolean {
  return reasonOf(error) === 'busy'
}

/** A COMMIT that failed in this way may be on disk nevertheless. */
export function leavesDoubt(error: unknown): boolean {
  return reasonOf(error) === 'io'
}

/** What SQLite or the file system said, as a failure of the store. */
export function sqliteFailure(
  store: string,
  file: string,
  error: unknown,
  isAdded: 'no' | 'unknown' = 'no',
): MailError {
  if (MailError.is(error)) return error
  const reason = reasonOf(error)
  if (!reason)
    return storageError(store, 'the store failed', 'Look at the cause of this error.', error, isAdded)
  const [summary, hint] = TEXTS[reason]
  return storageError(store, summary, hint(file), error, isAdded)
}

function reasonOf(error: unknown): Reason | undefined {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') return REASONS[errcode] ?? REASONS[errcode & 0xff]
  if (typeof code !== 'string') return undefined
  // An extended code: SQLITE_IOERR_WRITE.
  return REASONS[code] ?? REASONS[/^SQLITE_[A-Z]+/.exec(code)?.[0] ?? '']
}
