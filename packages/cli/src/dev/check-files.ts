import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import { UsageError } from '../usage-error.ts'

/**
 * Makes sure that mails can be kept in a folder: otherwise it would only show when the first one is lost.
 *
 * @throws UsageError
 */
export async function checkStore(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new UsageError(`--store ${folder}: no mail can be kept there: ${reasonOf(error)}`)
  }
}

/** @throws UsageError if the file cannot be written */
export async function writeAuthority(file: string, certificate: string): Promise<void> {
  await writeFile(file, certificate).catch((error: unknown) => {
    throw new UsageError(`--ca ${file}: the file cannot be written: ${reasonOf(error)}`)
  })
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file, not a folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  ENOENT: 'a folder of the path does not exist',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the disk is read-only',
}

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? message
}
