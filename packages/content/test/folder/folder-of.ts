import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder with files that is there for one test. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string
  /** The absolute path of a file in it. */
  at(name: string): string
  /** Writes a file in it. */
  write(name: string, text: string): Promise<void>
}

/** Makes a folder with these files. */
export async function folderOf(files: Readonly<Record<string, string>>): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'templates-'))
  const at = (name: string): string => join(path, name)
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(dirname(at(name)), { recursive: true })
    await writeFile(at(name), text)
  }
  for (const [name, text] of Object.entries(files)) await write(name, text)
  return { path, at, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
