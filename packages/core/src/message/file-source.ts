import { basename } from 'node:path'
import { always, type FoundSource } from './content-source.ts'
import type { Reading } from './message.ts'

/** How many octets of a file are read at once. */
const READ_SIZE = 262_144

/** A file that is opened for every attempt. */
export function fileSource(path: string): FoundSource {
  const fs = (): typeof import('node:fs') => process.getBuiltinModule('node:fs')
  const open = ({ reuse = false }: Reading = {}) => fileChunks(path, reuse)
  const size = (): number | undefined => {
    const found = fs().statSync(path)
    if (found.isDirectory()) throw Object.assign(new Error(`${path} is a folder`), { code: 'EISDIR' })
    return found.isFile() ? found.size : undefined
  }
  // Opening a pipe would wait for its other end, and what is read from it is gone.
  const head = (octets: number) => (size() === undefined ? undefined : fileHead(fs(), path, octets))
  return { open, size, head, replayable: always, filename: basename(path) }
}

function fileHead(fs: typeof import('node:fs'), path: string, octets: number): Uint8Array {
  const file = fs.openSync(path, 'r')
  try {
    const head = Buffer.allocUnsafe(Math.min(octets, fs.fstatSync(file).size))
    let length = 0
    while (length < head.length) {
      const read = fs.readSync(file, head, length, head.length - length, null)
      if (read === 0) break
      length += read
    }
    return head.subarray(0, length)
  } finally {
    fs.closeSync(file)
  }
}

async function* fileChunks(path: string, reuse: boolean): AsyncGenerator<Uint8Array> {
  const file = await process.getBuiltinModule('node:fs').promises.open(path)
  try {
    let buffer: Buffer | undefined
    for (;;) {
      buffer = reuse && buffer ? buffer : Buffer.allocUnsafeSlow(READ_SIZE)
      const { bytesRead } = await file.read(buffer, 0, READ_SIZE)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}
