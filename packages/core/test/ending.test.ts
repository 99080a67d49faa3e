import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  Mailer,
  MailError,
  memory,
  type Delivery,
  type MailEvent,
  type MessageInput,
  type Transport,
} from '../src/index.ts'

const hello: MessageInput = { from: 'ann@example.com', to: 'bob@example.com', subject: 'Hello', text: 'Hi' }

const refused = (): MailError => new MailError({ stage: 'connect', kind: 'connection-refused' })

let printed: string[]

beforeEach(() => {
  printed = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
})
afterEach(() => void vi.restoreAllMocks())

describe('ending a send', () => {
  /** A transport that ignores the signal, and settles when the test wants it. */
  const deaf = () => {
    let settle: { resolve: (value: Delivery) => void; reject: (reason: unknown) => void } | undefined
    const transport: Transport = {
      name: 'deaf()',
      send: () => new Promise((resolve, reject) => (settle = { resolve, reject })),
    }
    return {
      transport,
      resolve: (value: Delivery) => settle!.resolve(value),
      reject: (reason: unknown) => settle!.reject(reason),
    }
  }

  it('if the transport ignores an abort, the send settles as unknown, and its late answer is reported', async () => {
    const { transport, resolve } = deaf()
    const seen: string[] = []
    const observe = (event: MailEvent): void => void seen.push(`${event.type} ${event.error?.code ?? ''}`)
    const controller = new AbortController()
    const sending = new Mailer({ transport, observe }).send(hello, { signal: controller.signal })
    controller.abort()
    await expect(sending).rejects.toMatchObject({
      code: 'submit/aborted',
      delivered: 'unknown',
      retryable: false,
    })
    resolve({ transport: 'deaf()', state: 'sent', failures: [] })
    await vi.waitFor(() => expect(seen).toEqual(['failed submit/aborted', 'late-reply ']))
  })

  it('after the deadline a send settles as unknown, and a late failure that nobody takes is printed', async () => {
    const { transport, reject } = deaf()
    const sending = new Mailer({ transport, deadlineMs: 5 }).send(hello)
    await expect(sending).rejects.toMatchObject({
      code: 'submit/timeout',
      delivered: 'unknown',
      permanence: 'unknown',
    })
    expect(printed).toEqual([])
    reject(refused())
    await vi.waitFor(() => expect(printed).toEqual([expect.stringMatching(/a late reply says connect/)]))
  })

  it('a send that begins just as another runs out of time has its own deadline', async () => {
    const never: Transport = { name: 'never()', send: () => new Promise(() => {}) }
    const mailer = new Mailer({ transport: never, deadlineMs: 30 })
    const first = mailer.send(hello, { failure: 'silent' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const second = mailer.send(hello, { failure: 'silent' })
    expect((await first).error?.code).toBe('submit/timeout')
    expect((await second).error?.code).toBe('submit/timeout')
  })

  it('of many sends at once, one is aborted by itself, one succeeds, and the deadline ends the rest', async () => {
    const sends: { resolve: (delivery: Delivery) => void; signal: AbortSignal }[] = []
    const transport: Transport = {
      name: 'deaf()',
      send: (_message, context) =>
        new Promise((resolve) => sends.push({ resolve, signal: context!.signal! })),
    }
    const controller = new AbortController()
    // One moment is a thousandth of the deadline, and a millisecond at most.
    const mailer = new Mailer({ transport, deadlineMs: 2_000, failure: 'silent' })
    const sending = Array.from({ length: 50 }, (_, index) =>
      mailer.send(hello, index === 7 ? { signal: controller.signal } : {}),
    )
    controller.abort()
    sends[9]!.resolve({ transport: 'deaf()', state: 'sent', failures: [] })
    expect((await sending[7])!.error?.code).toBe('submit/aborted')
    expect((await sending[9])!.ok).toBe(true)
    expect(sends.filter(({ signal }) => signal.aborted)).toEqual([sends[7]])
    expect(new Set(sends.map(({ signal }) => signal)).size).toBeLessThan(50)
    const rest = (await Promise.all(sending)).filter((_, index) => index !== 7 && index !== 9)
    expect(rest.map(({ error }) => error?.code)).toEqual(rest.map(() => 'submit/timeout'))
    expect(mailer.stats).toMatchObject({ sent: 1, failed: 49 })
  })

  it('a transport that reacts to the signal reports how far it got', async () => {
    const heeding: Transport = {
      name: 'heeding()',
      send: (_message, context) =>
        new Promise((_resolve, reject) => {
          context!.signal!.addEventListener('abort', () =>
            reject(new MailError({ stage: 'ehlo', kind: 'aborted' })),
          )
        }),
    }
    const error = await new Mailer({ transport: heeding, deadlineMs: 5 })
      .send(hello)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ehlo/aborted',
      delivered: 'none',
      recipients: [{ address: 'bob@example.com', status: 'not-attempted' }],
    })
  })

  it('an abort after the send changes nothing', async () => {
    const controller = new AbortController()
    const mailer = new Mailer({ transport: memory() })
    expect((await mailer.send(hello, { signal: controller.signal })).ok).toBe(true)
    controller.abort()
    expect(mailer.stats).toMatchObject({ sent: 1, failed: 0 })
  })

  it('close waits for a send in progress, and refuses later ones', async () => {
    const { transport, resolve } = deaf()
    const order: string[] = []
    const mailer = new Mailer({
      transport: { ...transport, close: async () => void order.push('transport closed') },
    })
    const sending = mailer.send(hello).then(() => order.push('sent'))
    const closing = mailer.close().then(() => order.push('closed'))
    await expect(mailer.send(hello)).rejects.toMatchObject({
      code: 'queue/pool-closed',
      delivered: 'none',
      retryable: true,
    })
    resolve({ transport: 'deaf()', state: 'sent', failures: [] })
    await Promise.all([sending, closing, mailer.close()])
    expect(order.slice(0, 2).toSorted()).toEqual(['sent', 'transport closed'])
    expect(order[2]).toBe('closed')
  })

  it('a mailer closes itself at the end of an `await using` block', async () => {
    let closed = 0
    {
      await using mailer = new Mailer({ transport: { ...memory(), close: async () => void closed++ } })
      await mailer.send(hello)
    }
    expect(closed).toBe(1)
  })
})
