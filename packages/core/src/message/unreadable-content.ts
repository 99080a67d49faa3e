import { ContentError } from './content-chunks.ts'
import { MailError, type MailErrorInit } from '../failure/mail-error.ts'

/** What to do about the reasons for which the file system refuses. */
const HINTS: Readonly<Record<string, string>> = {
  ENOENT:
    'Check the path, and that the file was not removed before the message was sent. A path that is not absolute begins in the current folder of the process.',
  ENOTDIR: 'Check the path: a part of it is a file, not a folder.',
  EISDIR: 'Name a file, not a folder. To send a folder, pack it into one file first.',
  EACCES: 'Let the user that this program runs as read the file and enter its folders.',
  EPERM: 'Let the user that this program runs as read the file.',
  ENAMETOOLONG:
    'Check the path: it is longer than the file system allows. If it is the content itself, pass it as `content`.',
  ELOOP: 'Check the symbolic links on this path: they lead in a circle.',
  ENXIO: 'Name a file: this is a device or a socket.',
  EMFILE:
    'This program has too many files open. Send fewer messages at once, close what is not needed, or raise the limit (`ulimit -n`).',
  ENFILE: 'This machine has too many files open. Try again later, or raise its limit.',
  EBUSY: 'Another program uses the file. Try again when it is done.',
}

/** Nothing of this changes by itself. */
const PERMANENT: readonly unknown[] = [
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EACCES',
  'EPERM',
  'ENAMETOOLONG',
  'ELOOP',
  'ENXIO',
  'ENODEV',
  'EINVAL',
  'EFBIG',
  'EOVERFLOW',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_ARG_VALUE',
  'ERR_INVALID_URL',
]

/**
 * What an error means that reading content ended with: `compose/attachment`. A file that does not exist or may not be read
 * is permanent, and so is something that is not content. Anything else, such as a disk or a server that fails for now, is
 * transient. A `MailError` stays what it is.
 */
export function unreadableContent(
  error: unknown,
): Pick<MailErrorInit, 'stage' | 'kind' | 'permanence' | 'hint' | 'cause'> & { readonly reason: string } {
  if (MailError.is(error)) {
    const { stage, kind, permanence, hint, summary } = error
    return { stage, kind, permanence, hint, reason: summary, cause: error }
  }
  const code = codeOf(error)
  return {
    stage: 'compose',
    kind: 'attachment',
    permanence: error instanceof ContentError || PERMANENT.includes(code) ? 'permanent' : 'transient',
    hint: error instanceof ContentError ? error.hint : code && HINTS[code],
    reason: error instanceof Error ? error.message : String(error),
    cause: error,
  }
}

function codeOf(error: unknown): string | undefined {
  try {
    const { code } = (error ?? {}) as { code?: unknown }
    return typeof code === 'string' ? code : undefined
  } catch {
    return undefined
  }
}
