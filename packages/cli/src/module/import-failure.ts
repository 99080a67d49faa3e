import { MailError } from '@loudmail/core'
import type { Terminal } from '../terminal/terminal.ts'

/**
 * Why a file of the application cannot be loaded, without secrets.
 *
 * @param hint what to do if nothing more is known
 */
export function importFailure(error: unknown, terminal: Terminal, hint: string): MailError {
  if (MailError.is(error)) return error
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return new MailError({
      stage: 'config',
      kind: 'invalid-config',
      summary: `Node ${process.versions.node} does not read files of this kind`,
      hint: 'TypeScript needs Node 22.18 or newer. Otherwise name the compiled file.',
    })
  return new MailError({
    stage: 'config',
    kind: 'invalid-config',
    summary: `the file cannot be loaded: ${typeof message === 'string' ? message : String(error)}`,
    hint,
    redact: terminal.secrets.redact,
    cause: error,
  })
}
