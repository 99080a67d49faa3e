import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { MailError, type MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'

const MEBIBYTE = 1_048_576

const base = {
  from: 'a@example.com',
  to: 'b@example.com',
  messageId: 'id@example.com',
  date: new Date(0),
} as const

async function collected(input: Partial<MessageInput>): Promise<Buffer> {
  const { chunks } = compose(toMessage({ ...base, ...input }))
  const all: Buffer[] = []
  for await (const chunk of chunks!) all.push(chunk)
  return Buffer.concat(all)
}

/** Boundaries are the only thing that differs from one composing to the next. */
function withoutBoundaries(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/=_[a-z]_[0-9a-f-]{36}/g, 'boundary')
}

async function* cut(content: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0
  for (const size of sizes) {
    yield content.subarray(at, at + size)
    at = Math.min(at + size, content.length)
  }
  yield content.subarray(at)
}

const noise = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * index) >> 5))

describe('a streamed attachment', () => {
  it('is composed to the same octets as in memory, in any chunks', async () => {
    const sizes = fc.array(fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 100_000 })), { maxLength: 20 })
    const length = fc.oneof(
      fc.nat({ max: 200 }),
      fc.nat({ max: 300_000 }),
      fc.constantFrom(47_880, 47_881, 95_760),
    )
    await fc.assert(
      fc.asyncProperty(sizes, length, async (cuts, octets) => {
        const content = noise.subarray(0, octets)
        const whole = compose(toMessage({ ...base, attachments: [{ content }, { content: 'b' }] })).bytes!
        const streamed = await collected({
          attachments: [{ content: () => cut(content, cuts) }, { content: 'b' }],
        })
        expect(withoutBoundaries(streamed) === withoutBoundaries(whole)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('has chunks of at most 64 KiB, even if other parts are in memory', async () => {
    const text = 'Grüße an alle, die das lesen.\n'.repeat(10_000)
    const attachments = [
      { filename: 'a', content: () => cut(noise, [10, 200_000]) },
      { filename: 'b', content: noise },
      { filename: 'm.eml', content: `Subject: x\n\n${'hi\n'.repeat(50_000)}` },
    ]
    const { chunks, size } = compose(toMessage({ ...base, text, attachments }))
    expect(size).toBeUndefined()
    const lengths: number[] = []
    for await (const chunk of chunks!) lengths.push(chunk.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(65_536)
    expect(lengths.length).toBeLessThan(45)
  })

  it('is read no faster than it is used, and is never held as a whole', { timeout: 60_000 }, async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const held = () => {
      collectGarbage()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    }
    let read = 0
    async function* huge(): AsyncGenerator<Buffer> {
      for (; read < 100 * MEBIBYTE; read += 65_536) yield Buffer.alloc(65_536, read / 65_536)
    }
    const { chunks } = compose(toMessage({ ...base, attachments: [{ filename: 'huge.bin', content: huge }] }))
    const before = held()
    let taken = 0
    let most = 0
    for await (const chunk of chunks!) {
      taken += chunk.length
      expect(read).toBeLessThanOrEqual((taken * 3) / 4 + 2 * 65_536)
      if (taken % (4 * MEBIBYTE) < 65_536) most = Math.max(most, held() - before)
    }
    expect(taken).toBeGreaterThan(136 * MEBIBYTE)
    expect(most).toBeLessThan(16 * MEBIBYTE)
  })

  it('is closed if nobody reads the rest', async () => {
    let closed = false
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield noise
      } finally {
        closed = true
      }
    }
    for await (const chunk of compose(toMessage({ ...base, attachments: [{ content: endless }] })).chunks!) {
      if (chunk.length > 60_000) break
    }
    expect(closed).toBe(true)
  })

  it('can be read again if a function opens it', async () => {
    const { chunks } = compose(toMessage({ ...base, attachments: [{ content: () => cut(noise, [7]) }] }))
    const twice: Buffer[][] = [[], []]
    for (const all of twice) for await (const chunk of chunks!) all.push(chunk)
    expect(Buffer.concat(twice[0]!).equals(Buffer.concat(twice[1]!))).toBe(true)
  })
})

async function failure(attachment: NonNullable<MessageInput['attachments']>[number]): Promise<MailError> {
  const error: unknown = await collected({ attachments: [attachment] }).catch((reason: unknown) => reason)
  expect(MailError.is(error)).toBe(true)
  return error as MailError
}

describe('the memory of a chunk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loudmail-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'large.bin')
  writeFileSync(path, Buffer.concat([noise, noise, noise]))
  const input = { ...base, attachments: [{ path: fileURLToPath(import.meta.url) }, { path }] }

  it('is not reused by default', async () => {
    const all: Buffer[] = []
    const copies: Buffer[] = []
    for await (const chunk of compose(toMessage(input)).chunks!) {
      all.push(chunk)
      copies.push(Buffer.from(chunk))
    }
    expect(Buffer.concat(all).equals(Buffer.concat(copies))).toBe(true)
  })

  it('is reused for the next chunk if that is allowed, with the same octets', async () => {
    const copies: Buffer[] = []
    const memory = new Set<ArrayBufferLike>()
    for await (const chunk of compose(toMessage(input), { reuseChunks: true }).chunks!) {
      memory.add(chunk.buffer)
      copies.push(Buffer.from(chunk))
    }
    const whole = await collected(input)
    expect(withoutBoundaries(Buffer.concat(copies)) === withoutBoundaries(whole)).toBe(true)
    expect(copies.length).toBeGreaterThan(10)
    expect(memory.size).toBeLessThan(6)
  })
})

async function* broken(): AsyncGenerator<Buffer> {
  yield noise
  throw new Error('the disk is gone')
}

describe('an attachment that cannot be read', () => {
  it('because the file does not exist fails with an error that names it', async () => {
    const error = await failure({ path: '/nowhere/to/be/found/report.pdf' })
    expect(error).toMatchObject({
      code: 'compose/attachment',
      delivered: 'none',
      messageId: '<id@example.com>',
    })
    expect(error.message).toContain('"report.pdf"')
    expect(error.cause).toMatchObject({ code: 'ENOENT' })
  })

  it('because its stream fails, names it, after the chunks before', async () => {
    const error = await failure({ filename: 'a.txt', content: broken })
    expect(error).toMatchObject({ code: 'compose/attachment', cause: { message: 'the disk is gone' } })
    expect(error.message).toContain('"a.txt"')
  })

  it('may be tried again only if it can be opened again', async () => {
    expect(await failure({ content: broken })).toHaveProperty('retryable', true)
    expect(await failure({ content: broken() })).toHaveProperty('retryable', false)
  })

  it.each([
    [
      'a chunk is no bytes',
      () =>
        (async function* () {
          yield 5
        })(),
    ],
    ['it does not open', () => Promise.reject(new Error('no'))],
    ['it opens nothing', () => undefined],
  ])('because %s', async (_, content) => {
    const error = await failure({ contentId: 'logo', content: content as () => AsyncIterable<Uint8Array> })
    expect(error.code).toBe('compose/attachment')
    expect(error.message).toContain('the attachment with content id logo')
  })

  it('because a bare stream was already read is not tried again', async () => {
    const message = toMessage({ ...base, attachments: [{ filename: 'a', content: cut(noise, []) }] })
    const read = async () => {
      for await (const chunk of compose(message).chunks!) expect(chunk.length).toBeGreaterThan(0)
    }
    await read()
    await expect(read()).rejects.toMatchObject({ code: 'compose/attachment', retryable: false })
  })

  it('because its type is not ASCII, is refused at once', () => {
    const attachments = [{ filename: 'x', content: 'x', contentType: 'text/plain; x="ü"' }]
    const composing = () => compose(toMessage({ ...base, attachments }))
    expect(composing).toThrow(
      expect.objectContaining({ code: 'compose/attachment', permanence: 'permanent' }),
    )
  })
})

describe('the size of a message with files', () => {
  it('is known before they are read, and is exact', async () => {
    const path = fileURLToPath(import.meta.url)
    const input = { from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hi', attachments: [{ path }] }
    const composed = compose(toMessage(input))
    let octets = 0
    for await (const chunk of composed.chunks!) octets += chunk.length
    expect(composed.size).toBe(octets)
  })

  const input = { from: 'ann@sender.example', to: 'bob@rcpt.example' }

  it('is unknown with a stream', () => {
    const attachments = [{ content: async function* () {} }]
    expect(compose(toMessage({ ...input, attachments })).size).toBeUndefined()
  })

  it.each([
    ['is not there', '/does/not/exist', /ENOENT/],
    ['is a folder', tmpdir(), /is a folder/],
    ['cannot be', '/\0', /null bytes/],
  ])('is asked for first: of a file that %s', (_what, path, words) => {
    const message = toMessage({ ...input, attachments: [{ filename: 'x', path }] })
    expect(() => compose(message)).toThrow(
      expect.objectContaining({ code: 'compose/attachment', message: expect.stringMatching(words) }),
    )
  })
})
