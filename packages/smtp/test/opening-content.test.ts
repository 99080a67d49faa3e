import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { BASIC, failure, message, scene } from './scene.ts'
import { dkimSigner } from '@loudmail/mime'
import { generateKeyPairSync } from 'node:crypto'
import type { Message, MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'

const PIPELINING = ['PIPELINING', ...BASIC]
const TEXT = 'From: ann@sender.example\r\nTo: bob@rcpt.example\r\n\r\nHello\r\n'
const ENVELOPE = { from: 'ann@sender.example', to: 'bob@rcpt.example' }

function raw(content: MessageInput['raw']): Message {
  return toMessage({ raw: content, envelope: ENVELOPE })
}

async function* slowly(ms: number): AsyncGenerator<string> {
  await delay(ms)
  yield TEXT
}

describe.concurrent('content that is not in memory', () => {
  it.each([
    ['a file', { path: '/does/not/exist' }],
    ['a function', { content: () => Promise.reject(new Error('no such object')) }],
  ])('is asked for before the server is: %s that cannot be opened', async (_what, attachment) => {
    await using here = await scene({ caps: PIPELINING }, { pool: { connections: 1 } })
    await here.transport.send(message())
    const failed = await failure(here.transport, message({ attachments: [attachment] }))
    expect(failed).toMatchObject({ code: 'compose/attachment', delivered: 'none' })
    await here.transport.send(message())
    expect(here.server.connections).toHaveLength(1)
    expect(here.server.connections[0]!.commands.filter((command) => command === 'MAIL')).toHaveLength(2)
  })

  it.each([
    ['a text', () => 'Hello Bob'],
    ['an empty line', () => `\r\n${TEXT}`],
    ['nothing', () => ''],
  ])('that begins with %s instead of a header is refused before the server is asked', async (_, content) => {
    await using here = await scene({ caps: PIPELINING }, { pool: { connections: 1 } })
    await here.transport.send(message())
    const failed = await failure(here.transport, raw(content))
    expect(failed).toMatchObject({
      code: 'compose/invalid-message',
      delivered: 'none',
      permanence: 'permanent',
    })
    await here.transport.send(raw(() => `\ufeff${TEXT}`))
    const [connection] = here.server.connections
    expect(connection!.commands.filter((command) => command === 'MAIL')).toHaveLength(2)
    expect(here.server.messages.at(-1)!.content.toString()).toBe(TEXT)
  })

  it('that does not come keeps nobody else waiting, and no transport from closing', async () => {
    await using here = await scene({ caps: PIPELINING }, { pool: { connections: 1 } })
    const controller = new AbortController()
    const never = raw(() => new Promise<never>(() => {}))
    const stuck = failure(here.transport, never, { signal: controller.signal })
    await here.server.waitFor('connection')
    await delay(50)
    controller.abort()
    expect(await stuck).toMatchObject({ code: 'compose/aborted', delivered: 'none' })
    await here.transport.send(message())
    expect(here.server.connections).toHaveLength(1)
    await here.transport.close!()
  })

  it('that never comes ends in time, without a signal', async () => {
    await using here = await scene({ caps: PIPELINING }, { timeoutMs: 300 })
    const attachments = [{ content: () => new Promise<never>(() => {}) }]
    expect(await failure(here.transport, message({ attachments }))).toMatchObject({
      code: 'compose/timeout',
      delivered: 'none',
    })
    await here.transport.close!()
  })

  it('is not sent where composing it ended it', async () => {
    const controller = new AbortController()
    const transform = (entity: Buffer): Buffer => {
      controller.abort()
      return entity
    }
    await using here = await scene({ caps: PIPELINING }, { transform })
    const failed = await failure(here.transport, message(), { signal: controller.signal })
    expect(failed).toMatchObject({ kind: 'aborted', delivered: 'none' })
    await here.transport.close!()
    expect(here.server.messages).toEqual([])
  })

  it.each([
    ['refused', { RCPT: '550 5.1.1 No such user' }],
    ['refused for now', { MAIL: '451 4.3.0 Try later' }],
    ['lost', { MAIL: { close: 'fin' } }],
  ] as const)('is closed where its message is %s', async (_what, on) => {
    await using here = await scene({ caps: PIPELINING, on })
    let closed = 0
    async function* content(): AsyncGenerator<string> {
      try {
        yield TEXT
        yield TEXT
      } finally {
        closed++
      }
    }
    await failure(here.transport, raw(content))
    await expect.poll(() => closed).toBe(1)
  })

  it('that takes longer than the server waits is tried on one more connection, and told', async () => {
    await using here = await scene({ caps: PIPELINING, idleClose: 100 }, { pool: { connections: 1 } })
    await here.transport.send(message())
    let opened = 0
    const failed = await failure(
      here.transport,
      raw(() => {
        opened++
        return slowly(400)
      }),
    )
    expect(failed).toMatchObject({
      code: 'mail-from/connection-lost',
      delivered: 'none',
      retryable: true,
      failures: [{ code: 'mail-from/connection-lost' }],
    })
    expect(opened).toBe(2)
  })

  it('that can be read once is not tried again', async () => {
    await using here = await scene({ caps: PIPELINING, idleClose: 100 }, { pool: { connections: 1 } })
    await here.transport.send(message())
    expect(await failure(here.transport, raw(slowly(400)))).toMatchObject({
      code: 'mail-from/connection-lost',
      delivered: 'none',
      retryable: false,
      failures: [],
    })
  })

  it('is signed, though it can be read once', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const dkim = dkimSigner({ domain: 'sender.example', selector: 'x', privateKey })
    await using here = await scene({ caps: PIPELINING }, { dkim })
    await here.transport.send(raw(slowly(0)))
    expect(here.server.messages[0]!.content.toString()).toMatch(/^DKIM-Signature: .*\r\nFrom: ann/s)
  })
})
