import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ShownPreviews } from '@loudmail/debug'
import { defaultOf } from '../module/default-of.ts'
import { quietConsole, watchLoading } from '../module/foreign-code.ts'
import { importFailure } from '../module/import-failure.ts'
import { learnSecrets } from '../module/learn-secrets.ts'
import { placeIn } from '../module/place-in.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'

const METHODS = ['list', 'show', 'checkLinks', 'watch', 'axe'] as const
const HINT =
  'Correct the file, or start it where the application starts: in the same folder, with the same variables.'

/**
 * Imports the previews of an application: the default export of a file, or its export `previews`. What the file prints goes to
 * standard error.
 *
 * @throws UsageError that says what is wrong with the file
 */
export async function readPreviews(path: string, terminal: Terminal): Promise<ShownPreviews> {
  const file = resolve(path)
  if (!existsSync(file)) throw new UsageError(`--previews ${path}: there is no such file`)
  learnSecrets(terminal.secrets, process.env)
  quietConsole(terminal)()
  const loaded = watchLoading(terminal, path)
  let exported: Record<string, unknown>
  let value: unknown
  try {
    exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>
    value = (await defaultOf(exported)) ?? exported['previews']
  } catch (error) {
    const { summary, hint } = importFailure(error, terminal, HINT)
    throw new UsageError(`--previews ${path}: ${summary}${placeIn(error, file)}. ${hint}`)
  } finally {
    loaded()
  }
  if (isPreviews(value)) return value
  throw new UsageError(
    `--previews ${path}: ${problemOf(value, exported)}. Write \`export default previews({ … })\`, with previews of @loudmail/content/previews`,
  )
}

function isPreviews(value: unknown): value is ShownPreviews {
  return (
    typeof value === 'object' &&
    value !== null &&
    METHODS.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  )
}

function problemOf(value: unknown, exported: Readonly<Record<string, unknown>>): string {
  if (value === undefined) {
    const names = Object.keys(exported)
    const there = names.length === 0 ? 'nothing' : names.join(', ')
    return `the file has no default export and no export named previews: it exports ${there}`
  }
  if (typeof value !== 'object' || value === null)
    return `it exports ${value === null ? 'null' : `a ${typeof value}`}, which is not what previews() returns`
  const names = Object.keys(value).slice(0, 10)
  const kind = names.length === 0 ? 'an empty object' : `an object with ${names.join(', ')}`
  return `it exports ${kind}, which is not what previews() returns`
}
