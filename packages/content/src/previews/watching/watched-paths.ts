import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configError } from '@loudmail/core/transport'

/** @throws MailError `config/invalid-config` if the option `watch` has something else than paths and `file:` URLs */
export function watchedPaths(watch: unknown): readonly string[] {
  if (watch === undefined) return []
  return (Array.isArray(watch) ? watch : [watch]).map(pathOf)
}

function pathOf(given: unknown): string {
  if (typeof given === 'string' && given !== '' && !/^[a-z][a-z\d+.-]+:\/\//i.test(given))
    return resolve(given)
  try {
    return fileURLToPath(given as string | URL)
  } catch {
    throw configError('watch of previews() must have paths or file: URLs of files and folders')
  }
}
