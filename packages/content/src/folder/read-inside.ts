import { realpathSync } from 'node:fs'
import { sep } from 'node:path'
import { readText } from './read-text.ts'

/**
 * The text of a file that is in a folder, also after all links are followed; undefined if there is none.
 *
 * @throws Error if it is outside of the folder or cannot be read
 */
export function readInside(folder: string, file: string): string | undefined {
  try {
    const root = realpathSync(folder)
    const real = realpathSync(file)
    if (!real.startsWith(root.endsWith(sep) ? root : root + sep))
      throw new Error(`${file} is a link out of the folder of the templates`)
    return readText(real)
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}
