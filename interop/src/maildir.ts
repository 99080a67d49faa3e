import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How much of a message is searched. */
const HEAD = 8192

/** Reads new mail. A server puts only complete messages there and never changes them. */
export class Maildir {
  readonly #folder: string
  readonly #heads = new Map<string, string>()

  constructor(folder: string) {
    this.#folder = join(folder, 'new')
  }

  /** The files of messages with these words near their beginning. */
  async find(words: string): Promise<string[]> {
    const files = await readdir(this.#folder).catch(() => [])
    for (const file of files)
      if (!this.#heads.has(file)) this.#heads.set(file, await head(join(this.#folder, file)))
    return files.filter((file) => this.#heads.get(file)!.includes(words))
  }

  async first(words: string): Promise<Buffer | undefined> {
    const [file] = await this.find(words)
    return file === undefined ? undefined : readFile(join(this.#folder, file))
  }
}

async function head(path: string): Promise<string> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0)
  return buffer.toString('latin1', 0, bytesRead)
}
