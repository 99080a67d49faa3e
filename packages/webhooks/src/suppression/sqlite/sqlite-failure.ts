import { dirname } from 'node:path'
import { MailError } from '@loudmail/core'
import { storageError } from '../storage-error.ts'

/** What went wrong, as far as it matters for what to do. */
type Reason = 'busy' | 'full' | 'readonly' | 'missing' | 'io' | 'corrupt' | 'notadb' | 'files'

/** The primary result codes of SQLite, and the codes of Node for files. */
const REASONS: Readonly<Record<string | number, Reason>> = {
  5: 'busy',
  6: 'busy',
  8: 'readonly',
  10: 'io',
  11: 'corrupt',
  13: 'full',
  14: 'missing',
  23: 'readonly',
  26: 'notadb',
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
    'another connection writes to the file for too long',
    () => 'Keep transactions on this file short. If other processes need longer, raise `busyMs`.',
  ],
  full: ['the disk is full', (file) => `Make room on the disk of ${file}.`],
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

/** What SQLite or the file system said, as a failure of the list. */
export function sqliteFailure(store: string, file: string, error: unknown): MailError {
  if (MailError.is(error)) return error
  const reason = reasonOf(error)
  if (!reason) return storageError(store, 'the store failed', 'Look at the cause of this error.', error)
  const [summary, hint] = TEXTS[reason]
  return storageError(store, summary, hint(file), error)
}

function reasonOf(error: unknown): Reason | undefined {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') return REASONS[errcode & 0xff]
  return typeof code === 'string' ? REASONS[code] : undefined
}
