import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file that is read for a mail. */
export interface LocalFile {
  /** The absolute path, without links. */
  readonly path: string
  readonly name: string
  readonly bytes: Buffer
}

/** Why a file is not read, in words that follow its name. */
export class FileRefusal extends Error {}

/** Whether a URL means a file: a relative path, an absolute one or `file:`. */
export function meansFile(url: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)
  return scheme ? scheme[1]!.toLowerCase() === 'file' : url !== '' && !/^(?:\/\/|\\\\|#)/.test(url)
}

/**
 * The path that a URL means. Query and fragment do not count.
 *
 * @throws FileRefusal if it leaves the folder
 */
export function pathOfUrl(url: string, base: string, folder: string): string {
  let path: string
  try {
    path = /^file:/i.test(url)
      ? fileURLToPath(new URL(url))
      : resolve(base, decodeURIComponent(url.replace(/[?#].*$/s, '')))
  } catch {
    throw new FileRefusal('is not a path, because its percent-encoding is wrong')
  }
  if (path.includes('\0')) throw new FileRefusal('is not a path')
  if (!isInside(path, folder)) throw new FileRefusal('is outside of the folder of the images')
  return path
}

/**
 * Reads a file of a folder.
 *
 * @throws FileRefusal if it is not there, is no file, is too large, or is a link that leaves the folder
 */
export async function readLocal(path: string, folder: string, mostOctets: number): Promise<LocalFile> {
  try {
    const real = await realpath(path)
    if (!isInside(real, await realpath(folder)))
      throw new FileRefusal('is a link that leaves the folder of the images')
    // To open a pipe would wait for a program that writes into it.
    const found = await stat(real)
    if (!found.isFile()) throw new FileRefusal('is not a file')
    if (found.size > mostOctets) throw new FileRefusal(`is larger than ${mostOctets / 1_048_576} MiB`)
    return { path: real, name: basename(path), bytes: await readFile(real) }
  } catch (cause) {
    if (cause instanceof FileRefusal) throw cause
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new FileRefusal(`is missing: there is no file ${relative('', path)}`)
    throw new FileRefusal(`cannot be read (${code ?? 'unknown'})`)
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
