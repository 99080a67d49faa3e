import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { message, scene } from './scene.ts'
import { smtp } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** More than the system buffers of a connection, and no two lines alike. */
const content = Buffer.from(
  Uint32Array.from({ length: 3_000_000 }, (_, index) => index * 2_654_435_761).buffer,
)
const path = join(folder, 'large.bin')
writeFileSync(path, content)

/** Passes bytes on, with a pause now and then, so that the sender has to wait. */
async function slowProxy(target: number): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const slowly = async function* (bytes: AsyncIterable<Buffer>) {
      let passed = 0
      for await (const chunk of bytes) {
        yield chunk
        passed += chunk.length
        if (passed > 1_000_000) await delay(20)
        passed %= 1_000_000
      }
    }
    pipeline(client, slowly, upstream).catch(() => {})
    pipeline(upstream, client).catch(() => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) }
}

describe('a file that the network takes slowly', () => {
  it.each([
    ['DATA', []],
    ['BDAT', ['PIPELINING', 'CHUNKING']],
  ] as const)('arrives octet for octet by %s, though its memory is used again', async (sentWith, caps) => {
    await using here = await scene({ caps })
    await using proxy = await slowProxy(here.server.port)
    const transport = smtp({ host: '127.0.0.1', port: proxy.port, tls: 'none' })
    await transport.send(message({ attachments: [{ path }] }))
    await transport.close!()
    const [captured] = here.server.messages
    expect(captured!.sentWith).toBe(sentWith)
    const parts = captured!.content.toString('latin1').split(/\r\n\r\n|\r\n--/)
    const encoded = parts.reduce((longest, part) => (part.length > longest.length ? part : longest))
    expect(Buffer.from(encoded, 'base64').equals(content)).toBe(true)
  })
})
