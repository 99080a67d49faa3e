import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { UsageError } from '../usage-error.ts'

/**
 * The value of an environment variable, or else of the same name in `.env` in the current folder.
 *
 * @param option the option that names it, for the error
 * @throws UsageError if it is set in neither. The name is shown only if it cannot be a secret in the wrong place.
 */
export function variable(name: string, option: string): string {
  const value = process.env[name] ?? dotEnv()[name]
  if (value !== undefined) return value
  const shown = /^[A-Z][A-Z0-9_]*$/.test(name)
    ? `${name}, which ${option} names,`
    : `the variable that ${option} names`
  throw new UsageError(
    `${shown} is not set, neither in the environment nor in .env. ${option} takes the name of a variable, not its value`,
  )
}

function dotEnv(): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new UsageError(`.env cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`)
  }
}
