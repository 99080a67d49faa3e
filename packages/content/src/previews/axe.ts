import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The script of axe-core, from the folder where the program runs or from where this package is; undefined without it. */
export async function axeScript(): Promise<string | undefined> {
  for (const base of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return await readFile(createRequire(base).resolve('axe-core/axe.min.js'), 'utf8')
    } catch {
      // It is not there: it is an optional peer.
    }
  }
  return undefined
}
