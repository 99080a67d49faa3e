import { describe, expect, it } from 'vitest'
import {
  discard,
  Mailer,
  MailError,
  memory,
  type MailEvent,
  type SendOptions,
  type Transport,
} from '@loudmail/core'

const hello = { from: 'ann@example.com', to: 'bob@example.com', subject: 'Hello', text: 'Hi' }

const failing: Transport = {
  name: 'failing()',
  send: () => Promise.reject(new MailError({ stage: 'connect', kind: 'connection-refused' })),
}

/** Sends nothing, and waits for its signal. */
const waiting: Transport = {
  name: 'waiting()',
  send: (_message, context) =>
    new Promise((_resolve, reject) => {
      context!.signal!.addEventListener('abort', () =>
        reject(new MailError({ stage: 'queue', kind: 'aborted' })),
      )
    }),
}

describe('mailer.with()', () => {
  it('gives every send its context, merged with that of the send', async () => {
    const events: MailEvent[] = []
    const mailer = new Mailer({ transport: memory(), observe: (event) => void events.push(event) })
    const view = mailer.with({ context: { requestId: 'r1', tenant: 'tea' } })
    await view.send(hello)
    await view.with({ context: { step: 1 } }).send(hello, { context: { tenant: 'coffee' } })
    await mailer.send(hello)
    expect(events.map(({ context }) => context)).toEqual([
      { requestId: 'r1', tenant: 'tea' },
      { requestId: 'r1', tenant: 'coffee', step: 1 },
      undefined,
    ])
  })

  it('gives every send its policy, unless the send has its own', async () => {
    const view = new Mailer({ transport: failing, observe: (event) => void event.error }).with({
      failure: 'silent',
    })
    expect((await view.send(hello)).ok).toBe(false)
    expect((await view.send(hello, { failure: undefined })).ok).toBe(false)
    await expect(view.send(hello, { failure: 'loud' })).rejects.toMatchObject({ kind: 'connection-refused' })
  })

  it.each(['of the view', 'of the send'])('ends a send with the signal %s', async (which) => {
    const [ofView, ofSend] = [new AbortController(), new AbortController()]
    const view = new Mailer({ transport: waiting }).with({ signal: ofView.signal })
    const sending = view.send(hello, { signal: ofSend.signal })
    ;(which === 'of the view' ? ofView : ofSend).abort()
    await expect(sending).rejects.toMatchObject({ kind: 'aborted' })
  })

  it('also applies to sendMany()', async () => {
    const events: MailEvent[] = []
    const view = new Mailer({ transport: memory(), observe: (event) => void events.push(event) }).with({
      context: { job: 7 },
    })
    for await (const { receipt } of view.sendMany([hello, hello], { concurrency: 1 }))
      expect(receipt.ok).toBe(true)
    expect(events.map(({ context }) => context)).toEqual([{ job: 7 }, { job: 7 }])
  })

  it('costs little: the options of the mailer are not looked at again', () => {
    let reads = 0
    const mailer = new Mailer({
      transport: memory(),
      get defaults() {
        reads++
        return {}
      },
    })
    const before = reads
    for (let n = 0; n < 3; n++) mailer.with({ context: { n } }).with({ failure: 'silent' })
    expect(reads).toBe(before)
  })

  it('keeps its options, whatever becomes of the object that it was given', async () => {
    const seen: unknown[] = []
    const mailer = new Mailer({ transport: memory(), observe: ({ context }) => void seen.push(context) })
    const context: Record<string, unknown> = { requestId: 'r1' }
    const view = mailer.with({ context })
    context.requestId = 'r2'
    await view.send(hello)
    expect(seen).toEqual([{ requestId: 'r1' }])
  })

  it('is the same mailer: counts, checks and closes as one', async () => {
    let verified = 0
    const transport: Transport = { ...memory(), verify: async () => void verified++ }
    const mailer = new Mailer({ transport })
    const view = mailer.with({})
    expect(view).toBeInstanceOf(Mailer)
    await view.send(hello)
    await view.verify()
    expect([mailer.stats.sent, view.stats.sent, verified]).toEqual([1, 1, 1])
    await view.close()
    await expect(mailer.send(hello)).rejects.toMatchObject({ code: 'queue/pool-closed' })
  })

  it.each([
    [{ failure: 'quiet' as never }, /failure/],
    [{ signal: {} as never }, /AbortSignal/],
    [{ retries: 3 } as never, /no option "retries"/],
    [null as never, /needs an object/],
  ])('refuses %o', (options: SendOptions, words) => {
    expect(() => new Mailer({ transport: discard() }).with(options)).toThrow(words)
  })

  it('does not hide options of a send that are not valid', async () => {
    const view = new Mailer({ transport: memory() }).with({ context: {} })
    await expect(view.send(hello, null as never)).rejects.toMatchObject({ code: 'config/invalid-config' })
    await expect(view.send(hello, { signal: 5 as never })).rejects.toMatchObject({
      code: 'config/invalid-config',
    })
  })
})
