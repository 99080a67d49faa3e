import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The path of a program. Debian puts those of Postfix into a folder that is only on root's path. */
export function findProgram(name: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  for (const folder of folders) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not there.
    }
  }
  throw new Error(`${name} is not installed`)
}

export function hasProgram(name: string): boolean {
  try {
    return Boolean(findProgram(name))
  } catch {
    return false
  }
}
