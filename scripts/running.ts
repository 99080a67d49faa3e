import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Makes a folder with a package.json. */
export function program(folder: string, manifest: object): void {
  mkdirSync(folder)
  writeFileSync(`${folder}/package.json`, JSON.stringify({ private: true, ...manifest }))
}

/** A port of this machine on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when a program answers at a URL. @throws Error if it ended, or does not answer in 15 s */
export async function answering(url: string, hasEnded: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !hasEnded(); tries++) {
    try {
      await fetch(url, { headers: { connection: 'close' } })
      return
    } catch {
      await delay(50)
    }
  }
  throw new Error(hasEnded() ? 'it ended' : 'it did not answer')
}

export function expect(what: string, found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`)
}
