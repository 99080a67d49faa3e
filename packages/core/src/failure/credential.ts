import { configError } from './config-error.ts'
import { MailError } from './mail-error.ts'

/**
 * Checks an option that holds a secret or what belongs to one, such as a client's id.
 *
 * @param owner how errors call whom it is for, such as `google()`
 * @throws MailError `config/missing-credentials` if it is missing, `config/invalid-config` if it cannot be right
 */
export function credential(owner: string, name: string, value: unknown): string {
  if (value === undefined || value === null || value === '')
    throw missingCredential(`${owner} ${name} is missing or empty`)
  if (typeof value !== 'string') throw configError(`${owner} ${name} must be a string`)
  // oxlint-disable-next-line no-control-regex
  if (/^\s|\s$|[\x00-\x1F\x7F]/.test(value)) {
    throw configError(
      `${owner} ${name} begins or ends with white space, or contains a line break or a control character`,
    )
  }
  return value
}

/** A credential that is not there. The text names the option. */
export function missingCredential(summary: string): MailError {
  return new MailError({
    stage: 'config',
    kind: 'missing-credentials',
    summary,
    hint: 'Set the option that this error names, and check that the environment variable it comes from is set.',
  })
}
