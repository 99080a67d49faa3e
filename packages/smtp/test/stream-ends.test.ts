import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { MailError, MessageInput } from '@loudmail/core'
import { closedPort, type ServerScript } from '@loudmail/server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { SmtpOptions } from '../src/index.ts'
import { BASIC, failure, message, scene } from './scene.ts'

type Attachment = NonNullable<MessageInput['attachments']>[number]

/** Content that something has to close once it was opened. */
interface Source {
  readonly attachment: Attachment
  readonly opened: () => boolean
  /** How many of its openings are still open. */
  readonly open: () => number | Promise<number>
}

const CHUNK = Buffer.alloc(65_536, 'x'.repeat(62) + '\r\n')
const CHUNKS = 12

/** A stream of Node that gives so many chunks, and then ends or stalls. */
function readable(chunks: number, stalls: boolean, onRead = (): void => {}): Readable {
  let given = 0
  return new Readable({
    read() {
      onRead()
      if (given++ < chunks) this.push(CHUNK)
      else if (!stalls) this.push(null)
    },
  })
}

function fromFunction(chunks: number, stalls: boolean): Source {
  const streams: Readable[] = []
  const content = (): Readable => {
    const stream = readable(chunks, stalls)
    streams.push(stream)
    return stream
  }
  return {
    attachment: { content },
    opened: () => streams.length > 0,
    open: () => streams.filter(({ destroyed }) => !destroyed).length,
  }
}

function bare(chunks: number, stalls: boolean): Source {
  let wasRead = false
  const content = readable(chunks, stalls, () => (wasRead = true))
  return {
    attachment: { content },
    opened: () => wasRead,
    open: () => (wasRead && !content.destroyed ? 1 : 0),
  }
}

function generator(): Source {
  let opened = 0
  let closed = 0
  async function* content(): AsyncGenerator<Buffer> {
    opened++
    try {
      for (let chunk = 0; chunk < CHUNKS; chunk++) yield CHUNK
    } finally {
      closed++
    }
  }
  return { attachment: { content }, opened: () => opened > 0, open: () => opened - closed }
}

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'loudmail-'))
})
afterAll(() => rm(folder, { recursive: true }))

let copies = 0

/** A file of its own for every test, so that its descriptors can be told from others. */
async function file(): Promise<Source> {
  const name = path.join(folder, `${copies++}.txt`)
  await writeFile(name, Buffer.alloc(CHUNKS * CHUNK.length, CHUNK))
  const open = async (): Promise<number> => {
    const descriptors = await readdir('/proc/self/fd')
    const targets = await Promise.all(
      descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => '')),
    )
    return targets.filter((target) => target === name).length
  }
  return { attachment: { path: name }, opened: () => true, open }
}

const WHOLE: [what: string, make: () => Source | Promise<Source>][] = [
  ['a stream from a function', () => fromFunction(CHUNKS, false)],
  ['a bare stream', () => bare(CHUNKS, false)],
  ['a generator', generator],
  // Which files a process has open can be seen on Linux only.
  ...(process.platform === 'linux' ? [['a file', file] as [string, () => Promise<Source>]] : []),
]

const STALLED: typeof WHOLE = [
  ['a stream from a function that stalls before its first octet', () => fromFunction(0, true)],
  ['a bare stream that stalls before its first octet', () => bare(0, true)],
  ['a stream from a function that stalls half way', () => fromFunction(4, true)],
  ['a bare stream that stalls half way', () => bare(4, true)],
]

interface Ending {
  readonly how: string
  readonly script?: ServerScript
  readonly options?: Partial<SmtpOptions>
  /** The caller ends the send once the content was opened. */
  readonly reason?: unknown
  readonly besides?: Attachment
}

const inTheMiddle = (action: object): ServerScript => ({
  // The first chunk is only a line.
  on: { BODY: { after: 50_000, do: action as never }, BDAT: { nth: [{ pass: true }, action as never] } },
})

const timeOut = new DOMException('The deadline passed', 'TimeoutError')

const ENDINGS: readonly Ending[] = [
  { how: 'is delivered' },
  { how: 'is refused at the recipient', script: { on: { RCPT: '550 5.1.1 Nobody' } } },
  { how: 'is refused at the sender, for now', script: { on: { MAIL: '451 4.3.0 Later' } } },
  { how: 'is refused after its content', script: { on: { DOT: '554 5.6.0 No' } } },
  {
    how: 'is refused in the middle of its content',
    script: inTheMiddle({ seq: ['552 5.3.4 No', { close: 'fin' }] }),
  },
  { how: 'is cut off in the middle of its content', script: inTheMiddle({ close: 'rst' }) },
  {
    how: 'meets a server that stops reading',
    script: inTheMiddle({ pauseRead: true }),
    options: { timeoutMs: 300 },
  },
  {
    how: 'meets a server that never says whether it has it',
    script: { on: { DOT: { stall: true } } },
    options: { timeoutMs: 300 },
  },
  {
    how: 'meets a server that never greets',
    script: { on: { CONNECT: { stall: true } } },
    options: { timeoutMs: 300 },
  },
  { how: 'is aborted', script: { on: { MAIL: { stall: true } } }, reason: new Error('enough') },
  { how: 'is aborted in its content', script: inTheMiddle({ pauseRead: true }), reason: new Error('enough') },
  { how: 'runs out of time', script: { on: { MAIL: { stall: true } } }, reason: timeOut },
  { how: 'has another attachment that cannot be read', besides: { path: '/does/not/exist' } },
]

const ENDINGS_OF_STALLED: readonly Ending[] = [
  { how: 'is aborted', reason: new Error('enough') },
  { how: 'runs out of time', reason: timeOut },
  { how: 'meets the time-out of the transport', options: { timeoutMs: 300 } },
  {
    how: 'is refused at the recipient',
    script: { on: { RCPT: '550 5.1.1 Nobody' } },
    options: { timeoutMs: 300 },
  },
  {
    how: 'is cut off in the middle of its content',
    script: inTheMiddle({ close: 'rst' }),
    options: { timeoutMs: 300 },
  },
]

const WAYS_OF_CONTENT = [
  { way: 'by DATA', caps: ['PIPELINING', ...BASIC], pool: { connections: 1 } },
  {
    way: 'in a window of 4',
    caps: ['PIPELINING', 'CHUNKING', ...BASIC],
    pool: { connections: 1, window: 4 },
  },
]

/** Sends a message with the content, whatever comes of it. */
async function sendWith(
  source: Source,
  ending: Ending,
  way: (typeof WAYS_OF_CONTENT)[number],
): Promise<void> {
  const controller = new AbortController()
  await using here = await scene({ caps: way.caps, ...ending.script }, { pool: way.pool, ...ending.options })
  const attachments = [source.attachment, ...(ending.besides ? [ending.besides] : [])]
  const sending = here.transport.send(message({ attachments }), { signal: controller.signal }).then(
    () => undefined,
    (error: unknown) => error as MailError,
  )
  if ('reason' in ending) {
    await vi.waitFor(() => expect(source.opened()).toBe(true))
    const { on } = ending.script ?? {}
    if (on?.MAIL) await here.server.waitFor('command', ({ command }) => command === 'MAIL')
    if (on?.BODY)
      await vi.waitFor(() => expect(here.server.connections[0]?.octetsReceived).toBeGreaterThan(50_000))
    controller.abort(ending.reason)
  }
  const error = await sending
  if (ending.how === 'is delivered') expect(error).toBeUndefined()
  else expect(error).toMatchObject({ name: 'MailError' })
  // Before the transport is closed: a send that is over leaves nothing open.
  await vi.waitFor(async () => expect(await source.open()).toBe(0))
}

for (const way of WAYS_OF_CONTENT) {
  describe.each(WHOLE)(`%s is closed once its message, sent ${way.way},`, (_what, make) => {
    it.concurrent.each(ENDINGS)('$how', async (ending) => {
      await sendWith(await make(), ending, way)
    })
  })

  describe.each(STALLED)(`%s is closed once its message, sent ${way.way},`, (_what, make) => {
    it.concurrent.each(ENDINGS_OF_STALLED)('$how', async (ending) => {
      await sendWith(await make(), ending, way)
    })
  })
}

describe('a bare stream', () => {
  it('is not read where its server cannot be reached, so it can still be sent', async () => {
    const source = bare(CHUNKS, false)
    await using here = await scene({}, { port: await closedPort(), tls: 'none' })
    const error = await failure(here.transport, message({ attachments: [source.attachment] }))
    expect(error).toMatchObject({ code: 'connect/connection-refused', retryable: true })
    expect(source.opened()).toBe(false)
  })
})
