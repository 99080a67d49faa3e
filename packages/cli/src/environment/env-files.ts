import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { UsageError } from '../usage-error.ts'

/** A file with variables. */
export interface EnvFile {
  /** As a person would write it. */
  readonly name: string
  readonly text: string
  /** It was not named on the command line. */
  readonly isUsual: boolean
  /** As `node --env-file` and dotenv read it. */
  readonly values: Readonly<Record<string, string>>
}

/**
 * Reads the files that applications take their variables from. Of two that have the same variable, the one that comes first
 * in the result counts.
 *
 * @param given the files of `--dotenv`; the last one counts most, as with `node --env-file`. Empty: those that are usual
 * @throws UsageError if one of `given` cannot be read
 */
export function readEnvFiles(
  folder: string,
  given: readonly string[],
  nodeEnv: string | undefined,
): EnvFile[] {
  if (given.length > 0) return given.toReversed().map((name) => readGiven(name))
  return usualNames(nodeEnv).flatMap((name) => {
    const text = readIfThere(resolve(folder, name))
    return text === undefined ? [] : [envFile(name, text, true)]
  })
}

/** The files that frameworks read, the most important one first. dotenv itself reads `.env` alone. */
export function usualNames(nodeEnv: string | undefined): string[] {
  const own = nodeEnv === undefined || !/^[\w-]+$/.test(nodeEnv) ? undefined : `.env.${nodeEnv}`
  return [
    ...(own === undefined ? [] : [`${own}.local`]),
    // Frameworks leave it out in tests, so that they are the same for everybody.
    ...(nodeEnv === 'test' ? [] : ['.env.local']),
    ...(own === undefined ? [] : [own]),
    '.env',
  ]
}

function readGiven(name: string): EnvFile {
  const text = readIfThere(resolve(name))
  if (text === undefined) throw new UsageError(`--dotenv ${name}: the file cannot be read`)
  return envFile(name, text, false)
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch {
    return undefined
  }
}

function envFile(name: string, text: string, isUsual: boolean): EnvFile {
  return { name, text, isUsual, values: parseEnv(text) as Record<string, string> }
}
