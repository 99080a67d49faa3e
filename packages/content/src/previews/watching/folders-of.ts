import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What counts in a folder: everything, or entries with these names. */
export type Entries = 'all' | ReadonlySet<string>

/** A folder to watch. */
export interface WatchedFolder {
  readonly entries: Entries
  /** Another folder at the same path has another one. */
  readonly inode: number
}

/** Folders below one. More would use up what the system can watch. */
const MOST_FOLDERS = 1_000

/** They hold what is installed and what versions there were. */
const IGNORED: readonly string[] = ['node_modules', '.git']

/**
 * The folders in which changes of files and folders are seen. A file that is saved by renaming another one is seen only in
 * its folder, and so is a folder that is made anew.
 *
 * @param missing is called with what cannot be watched, and why
 */
export function foldersOf(
  paths: readonly string[],
  missing: (path: string, why: unknown) => void,
): ReadonlyMap<string, WatchedFolder> {
  const found = new Map<string, WatchedFolder>()
  const add = (folder: string, entry?: string): void => {
    const { entries: before, inode } = found.get(folder) ?? { entries: [], inode: inodeOf(folder) }
    if (inode === undefined) return
    const entries = entry === undefined || before === 'all' ? 'all' : new Set([...before, entry])
    found.set(folder, { entries, inode })
  }
  for (const path of new Set(paths)) {
    try {
      if (dirname(path) !== path) add(dirname(path), basename(path))
      if (statSync(path).isDirectory()) for (const folder of withSubfolders(path)) add(folder)
    } catch (error) {
      missing(path, error)
    }
  }
  return found
}

/** Undefined for something that is not there. */
function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino
}

/** Folders that vanish meanwhile are left out. */
function withSubfolders(root: string): readonly string[] {
  const folders = [root]
  for (const folder of folders) {
    for (const entry of entriesOf(folder)) {
      if (folders.length >= MOST_FOLDERS) return folders
      if (entry.isDirectory() && !IGNORED.includes(entry.name)) folders.push(join(folder, entry.name))
    }
  }
  return folders
}

function entriesOf(folder: string): readonly import('node:fs').Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
