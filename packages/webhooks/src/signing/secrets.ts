import { MailError } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'

/** A secret, or several that are valid at once, while a new one replaces an old one. */
export type Secrets = string | readonly string[]

/**
 * The secrets as a list. Their values are in no error.
 *
 * @throws MailError `config/missing-credentials` if there is none, `config/invalid-config` if one cannot be right
 */
export function secretsOf(owner: string, name: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0) throw missing(owner, name)
  return list.map((each) => secretOf(owner, name, each))
}

function secretOf(owner: string, name: string, value: unknown): string {
  if (value === undefined || value === null || value === '') throw missing(owner, name)
  if (typeof value !== 'string') throw configError(`${owner} ${name} must be a string, or a list of strings`)
  // oxlint-disable-next-line no-control-regex
  if (/^\s|\s$|[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]/.test(value))
    throw configError(`${owner} ${name} begins or ends with white space, or contains a control character`)
  return value
}

function missing(owner: string, name: string): MailError {
  return new MailError({
    stage: 'config',
    kind: 'missing-credentials',
    summary: `${owner} ${name} is missing or empty`,
    hint: 'Set the option that this error names, and check that the environment variable it comes from is set.',
  })
}
