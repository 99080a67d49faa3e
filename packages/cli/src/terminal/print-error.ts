import { EXIT } from '../exit-status.ts'
import { UsageError } from '../usage-error.ts'
import type { Terminal } from './terminal.ts'

const ISSUES = 'https://github.com/loudmail/loudmail/issues'

/**
 * Writes why the program ends: what to change on the command line or in the settings, or a mistake of our own, which is
 * shown as a report needs it.
 *
 * @returns the exit status
 */
export async function printError(error: unknown, terminal: Terminal): Promise<number> {
  await terminal.keepSecrets()
  const { MailError } = await import('@loudmail/core')
  const name = terminal.styledNote('red', 'loudmail:')
  if (error instanceof UsageError) {
    terminal.note(`${name} ${error.message}`)
    if (error.command !== undefined)
      terminal.note(`Run \`${error.command} --help\` for the options and examples.`)
    return EXIT.usage
  }
  if (MailError.is(error)) {
    terminal.note(`${name} ${error.message}`)
    terminal.note(error.hint)
    return error.stage === 'config' ? EXIT.usage : EXIT.failed
  }
  if (isFullDisk(error)) {
    terminal.note(`${name} the output cannot be written: ${error.message}`)
    return EXIT.failed
  }
  terminal.note(`${name} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  terminal.note(`\nThis is a mistake in loudmail itself. Please report it with the lines above:\n${ISSUES}`)
  return EXIT.failed
}

/** The reader of the output, such as a file on a full disk, takes no more. That is no mistake of ours. */
function isFullDisk(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  return syscall === 'write' && /^(?:ENOSPC|EDQUOT|EFBIG|EIO)$/.test(code ?? '')
}
