import { readFile } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { UsageError } from '../usage-error.ts'

/** How standard input is written where a file is expected. */
export const STANDARD_INPUT = '-'

/**
 * Reads a file, or standard input for `-`.
 *
 * @param signal ends the wait for standard input
 * @throws UsageError if it cannot be read
 */
export async function readInput(path: string, signal: AbortSignal): Promise<Buffer> {
  if (path === STANDARD_INPUT) return buffer(addAbortSignal(signal, process.stdin))
  try {
    return await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(
      code === 'ENOENT'
        ? `there is no file ${path}`
        : code === 'EISDIR'
          ? `${path} is a folder, not a file`
          : `${path} cannot be read: ${code ?? 'unknown error'}`,
    )
  }
}

/**
 * Reads text in UTF-8. A byte order mark is left out.
 *
 * @throws UsageError if it cannot be read, or is not UTF-8
 */
export async function readTextInput(path: string, signal: AbortSignal): Promise<string> {
  return decodeText(await readInput(path, signal), path)
}

/** @throws UsageError if it is not UTF-8 */
export function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError(`${nameOf(path)} is not text in UTF-8`)
  }
}

/** What errors call a file. */
export function nameOf(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path
}
