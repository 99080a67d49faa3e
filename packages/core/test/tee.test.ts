import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi, type Mock } from 'vitest'
import {
  discard,
  Mailer,
  MailError,
  memory,
  redirect,
  retry,
  tee,
  type Delivery,
  type MailEvent,
  type Transport,
  type TransportContext,
} from '../src/index.ts'
import { failAll, toMessage } from '../src/transport.ts'
import { healthOf } from '../src/transports/transport-health.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  envelopes,
  failureOf,
  greylisted,
  lost,
  noSuchUser,
  notAttempted,
  refuses,
  scripted,
  three,
  toThree,
  unknown,
} from './scripted.ts'

let printed: string[]
let warnings: string[]
beforeEach(() => {
  printed = []
  warnings = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
  vi.spyOn(process, 'emitWarning').mockImplementation((line) => void warnings.push(String(line)))
})
afterEach(() => void vi.restoreAllMocks())

/** A copy that never answers, not even when it is aborted, unless the test ends it. */
function stalled(): Transport & { contexts: TransportContext[]; end: (error?: MailError) => void } {
  const contexts: TransportContext[] = []
  const waiting: ((error?: MailError) => void)[] = []
  return {
    name: 'stalled()',
    contexts,
    end: (error) => waiting.shift()!(error),
    send: (_message, context) =>
      new Promise<Delivery>((resolve, reject) => {
        contexts.push(context!)
        waiting.push((error) => {
          if (error) reject(error)
          else resolve({ transport: 'stalled()', state: 'sent', failures: [] })
        })
      }),
  }
}

describe('the copy', () => {
  const cases: [string, Parameters<typeof refuses>, string[][]][] = [
    ['is for all recipients of a message that was sent', [], [[BOB, CAROL, DAVE]]],
    ['is for those that were accepted', [accepted(BOB), noSuchUser(CAROL), greylisted(DAVE)], [[BOB]]],
    [
      'is also for those that may have the message',
      [accepted(BOB), unknown(CAROL), notAttempted(DAVE)],
      [[BOB, CAROL]],
    ],
    [
      'is not sent where nobody has the message',
      [noSuchUser(BOB), notAttempted(CAROL), greylisted(DAVE)],
      [],
    ],
  ]
  it.each(cases)('%s', async (_what, outcomes, expected) => {
    const copy = scripted()
    const transport = tee(scripted(...(outcomes.length > 0 ? [refuses(...outcomes)] : [])), copy)
    const message = toThree()
    await transport.send(message).catch(() => {})
    await transport.close!()
    expect(envelopes(copy)).toEqual(expected)
    expect(copy.tries.every(({ messageId }) => messageId === message.messageId)).toBe(true)
  })

  it('is sent once, whatever it took to send the message', async () => {
    const copy = scripted()
    const transport = tee(
      retry(scripted(refuses(accepted(BOB), greylisted(CAROL), accepted(DAVE))), { delayMs: 1 }),
      copy,
    )
    const message = toThree()
    await transport.send(message)
    await transport.close!()
    expect(copy.tries).toHaveLength(1)
    expect(copy.tries[0]).toBe(message)
  })

  it('goes to an archive with redirect(), which names the hidden recipients as well', async () => {
    const archive = memory()
    const transport = tee(memory(), redirect(archive, { to: 'archive@example.com' }))
    await transport.send(toMessage({ ...three, to: BOB, bcc: CAROL }))
    await transport.close!()
    expect(archive.messages).toMatchObject([
      {
        envelope: { to: ['archive@example.com'] },
        headers: [
          ['X-Original-To', BOB],
          ['X-Original-To', CAROL],
        ],
      },
    ])
  })

  it('is sent after the receipt, and nobody waits for it', async () => {
    const copy = stalled()
    const transport = tee(memory(), copy)
    await transport.send(toThree())
    expect(copy.contexts).toHaveLength(0)
    const closing = transport.close!()
    await vi.waitFor(() => expect(copy.contexts).toHaveLength(1))
    copy.end()
    await closing
  })

  it('may be tried again within its own two minutes, although the deadline of the message is near', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    try {
      const copy = scripted(lost)
      const transport = tee(memory(), retry(copy, { delayMs: 60_000 }))
      await transport.send(toThree(), { deadlineAt: performance.now() + 5_000 })
      await new Promise((resolve) => setImmediate(resolve))
      await vi.advanceTimersByTimeAsync(30_000)
      await transport.close!()
      expect(copy.tries).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('has no part in the transcript and the late replies of the message', async () => {
    const copy = stalled()
    const context = {
      trace: { add: () => {} },
      late: () => {},
      signal: new AbortController().signal,
      failed: () => {},
    }
    const transport = tee(memory(), copy)
    await transport.send(toThree(), context)
    await vi.waitFor(() => expect(copy.contexts).toHaveLength(1))
    const { trace, late, signal, failed } = copy.contexts[0]!
    expect([trace, late, failed]).toEqual([undefined, undefined, context.failed])
    expect(signal).not.toBe(context.signal)
    copy.end()
    await transport.close!()
  })
})

describe('a copy that fails', () => {
  const events: MailEvent[] = []
  beforeEach(() => void events.splice(0))

  it.each([
    ['sent', undefined, true],
    ['partly sent', refuses(accepted(BOB), noSuchUser(CAROL), noSuchUser(DAVE)), false],
  ])('is told to observers and counted, and the message is %s as before', async (_how, act, ok) => {
    const main = scripted(...(act ? [act] : []))
    const observe = (event: MailEvent): void => void (event.error, events.push(event))
    const mailer = new Mailer({ transport: tee(main, scripted(lost)), failure: 'silent', observe })
    const receipt = await mailer.send(three)
    await mailer.close()
    expect(receipt).toMatchObject({ ok, failures: [] })
    expect(events.map(({ type }) => type)).toEqual([ok ? 'sent' : 'failed', 'attempt-failed'])
    expect(events[1]!.error).toMatchObject({
      code: 'connect/connection-refused',
      transport: 'scripted()',
      messageId: receipt.messageId,
      summary: expect.stringMatching(/^the copy was not kept: /),
      hint: expect.stringMatching(/^This is only about the copy/),
    })
    expect(mailer.stats).toMatchObject({ attemptsFailed: 1, failed: ok ? 0 : 1 })
    expect([printed, warnings]).toEqual([[], []])
  })

  it('is printed where no observer takes it', async () => {
    const mailer = new Mailer({ transport: tee(memory(), scripted(lost)), observe: () => {} })
    const { messageId } = await mailer.send(three)
    expect(printed).toEqual([])
    await mailer.close()
    expect(printed).toEqual([
      expect.stringMatching(
        /^loudmail: after the send, connect\/connection-refused: the copy was not kept: .* This is only/,
      ),
    ])
    expect(printed[0]).toContain(messageId)
  })

  it('is a process warning where nobody listens', async () => {
    const transport = tee(memory(), scripted(lost))
    await transport.send(toThree())
    await transport.close!()
    expect(warnings).toEqual([
      expect.stringMatching(/^connect\/connection-refused: the copy was not kept: .* - This is only/),
    ])
  })

  it('keeps what it says about itself', async () => {
    const failed = vi.fn<NonNullable<TransportContext['failed']>>()
    const says = { permanence: 'permanent', hint: 'Ask Ann.' } as const
    const transport = tee(
      memory(),
      scripted((message) => lost(message)!.with(says)),
    )
    await transport.send(toThree(), { failed })
    await transport.close!()
    expect(failed.mock.calls[0]![0]).toMatchObject({
      permanence: 'permanent',
      hint: expect.stringMatching(/Ask Ann\.$/),
    })
  })

  it('because the content could be read only once says so', async () => {
    const failed = vi.fn<NonNullable<TransportContext['failed']>>()
    const copy = scripted()
    const main: Transport = {
      ...memory(),
      async send(message) {
        if (!message.raw) for await (const _ of message.attachments[0]!.open());
        return { transport: 'reading()', state: 'sent', failures: [] }
      },
    }
    const transport = tee(main, copy)
    await transport.send(toMessage({ ...three, attachments: [{ content: Readable.from(['once']) }] }), {
      failed,
    })
    await transport.close!()
    expect(copy.tries).toHaveLength(0)
    expect(failed.mock.calls).toMatchObject([
      [{ code: 'compose/attachment', summary: expect.stringContaining('only once') }],
    ])
  })

  it('because it does not answer ends after two minutes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const failed = vi.fn<NonNullable<TransportContext['failed']>>()
      const copy = stalled()
      const transport = tee(memory(), copy)
      await transport.send(toThree(), { failed })
      await new Promise((resolve) => setImmediate(resolve))
      await vi.advanceTimersByTimeAsync(119_999)
      expect(copy.contexts[0]!.signal!.aborted).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(copy.contexts[0]!.signal!.aborted).toBe(true)
      await vi.advanceTimersByTimeAsync(2_000)
      expect(failed.mock.calls).toMatchObject([
        [{ code: 'submit/timeout', delivered: 'unknown', transport: 'stalled()' }],
      ])
      await transport.close!()
    } finally {
      vi.useRealTimers()
    }
  })

  it('only because of its own time, not after it was kept', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const copy = stalled()
      const transport = tee(memory(), copy)
      await transport.send(toThree())
      await new Promise((resolve) => setImmediate(resolve))
      copy.end()
      await transport.close!()
      await vi.advanceTimersByTimeAsync(200_000)
      expect(copy.contexts[0]!.signal!.aborted).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })

  it('because too many are under way does not wait for its turn', async () => {
    const failed = vi.fn<NonNullable<TransportContext['failed']>>()
    const copy = stalled()
    const transport = tee(memory(), copy)
    const message = toThree()
    for (let n = 0; n < 10_001; n++) await transport.send(message, { failed })
    await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce())
    expect(failed.mock.calls).toMatchObject([[{ code: 'queue/queue-full' }]])
    for (let n = 0; n < 10_000; n++) copy.end()
    await new Promise((resolve) => setImmediate(resolve))
    await transport.send(message, { failed })
    await vi.waitFor(() => expect(copy.contexts).toHaveLength(10_001))
    copy.end()
    await transport.close!()
    expect(failed).toHaveBeenCalledOnce()
  })
})

describe('close()', () => {
  it('waits for the message, then for its copy, and closes both once', async () => {
    const calls: string[] = []
    const closable = (transport: Transport, name: string): Transport => ({
      ...transport,
      close: async () => void calls.push(name),
    })
    const main = stalled()
    const copy = stalled()
    const transport = tee(closable(main, 'main'), closable(copy, 'copy'))
    const sending = transport.send(toThree())
    const closing = Promise.all([transport.close!(), transport.close!()])
    main.end()
    await sending
    await vi.waitFor(() => expect(copy.contexts).toHaveLength(1))
    expect(calls).toEqual(['main'])
    copy.end()
    await closing
    expect(calls).toEqual(['main', 'copy'])
  })

  it('waits for every copy', async () => {
    const close = vi.fn<() => Promise<void>>(async () => {})
    const copy = { ...stalled(), close }
    const transport = tee(memory(), copy)
    await Promise.all([transport.send(toThree()), transport.send(toThree())])
    const closing = transport.close!()
    await vi.waitFor(() => expect(copy.contexts).toHaveLength(2))
    copy.end()
    await new Promise((resolve) => setImmediate(resolve))
    expect(close).not.toHaveBeenCalled()
    copy.end()
    await closing
    expect(close).toHaveBeenCalledOnce()
  })

  it('closes the copy also where the main one cannot be closed', async () => {
    const close = vi.fn<() => Promise<void>>(async () => {})
    const broken: Transport = { ...memory(), close: () => Promise.reject(new Error('broken')) }
    await expect(tee(broken, { ...memory(), close }).close!()).rejects.toThrow('broken')
    expect(close).toHaveBeenCalledOnce()
  })
})

describe('health', () => {
  const as = (state: 'up' | 'degraded' | 'down'): Transport => ({
    ...memory(),
    health: () => ({ transport: 'memory()', state }),
  })
  it.each([
    ['up', 'up', 'up'],
    ['up', 'down', 'degraded'],
    ['up', 'degraded', 'degraded'],
    ['degraded', 'up', 'degraded'],
    ['down', 'up', 'down'],
  ] as const)('is that of the main one: %s, with a copy that is %s, is %s', (main, copy, expected) => {
    expect(tee(as(main), as(copy)).health!()).toMatchObject({
      transport: 'tee(memory(), memory())',
      state: expected,
      parts: [{ state: main }, { state: copy }],
    })
  })

  it('is degraded after a copy failed, until one is kept again', async () => {
    const transport = tee(memory(), scripted(lost))
    const states: string[] = []
    for (let n = 0; n < 2; n++) {
      await transport.send(toThree())
      await vi.waitFor(async () => expect(warnings).toHaveLength(1))
      await new Promise((resolve) => setImmediate(resolve))
      states.push(healthOf(transport).state)
    }
    expect(states).toEqual(['degraded', 'up'])
    expect(healthOf(transport).lastFailure).toMatchObject({ code: 'connect/connection-refused' })
  })
})

describe('verify()', () => {
  const verifying = (
    error?: Error,
  ): { transport: Transport; verify: Mock<NonNullable<Transport['verify']>> } => {
    const verify = vi.fn<NonNullable<Transport['verify']>>(async () => {
      if (error) throw error
    })
    return { transport: { ...memory(), verify }, verify }
  }

  it('asks the main one about recipients, and the copy only whether it is there', async () => {
    const [main, copy] = [verifying(), verifying()]
    const { envelope } = toThree()
    await tee(main.transport, copy.transport).verify!({ envelope })
    expect(main.verify.mock.calls).toMatchObject([[{ envelope }]])
    expect(copy.verify.mock.calls).toMatchObject([[{ envelope: undefined }]])
    expect(warnings).toEqual([])
  })

  it('can ask about recipients if the main one can', () => {
    const cannot: Transport = { ...memory(), verifiesEnvelope: undefined }
    expect(tee(memory(), cannot).verifiesEnvelope).toBe(true)
    expect(tee(cannot, memory()).verifiesEnvelope).toBe(false)
  })

  it.each([
    ['a failure', new MailError({ stage: 'dns', kind: 'host-not-found' }), 'dns/host-not-found'],
    ['a bug', new TypeError('bug'), 'bug'],
  ])('warns of a copy that is not there: %s', async (_what, error, expected) => {
    await tee(verifying().transport, verifying(error).transport).verify!()
    await vi.waitFor(() => expect(warnings).toEqual([expect.stringContaining(expected)]))
  })

  it('fails where the main one fails, and does not wait for the copy', async () => {
    const copy: Transport = { ...memory(), verify: () => new Promise(() => {}) }
    await expect(tee(verifying(new TypeError('bug')).transport, copy).verify!()).rejects.toThrow('bug')
    await tee(verifying().transport, copy).verify!()
  })
})

it('a failure beside that of the send is printed, also where the send throws', async () => {
  const transport: Transport = {
    name: 'two()',
    async send(message, context) {
      const part = failAll(message, 'not-attempted', { stage: 'connect', kind: 'timeout' })
      const deep = failAll(message, 'not-attempted', { stage: 'dns', kind: 'dns-temporary' })
      context!.failed!(part)
      context!.failed!(deep)
      context!.failed!(new MailError({ stage: 'submit', kind: 'storage' }))
      throw part.with({ failures: [part.with({ failures: [deep] }), part] })
    },
  }
  await failureOf(new Mailer({ transport }).send(three))
  expect(printed).toEqual([expect.stringMatching(/^loudmail: beside the failure, submit\/storage/)])
  printed.splice(0)
  await failureOf(new Mailer({ transport, observe: (event) => void event.error }).send(three))
  expect(printed).toEqual([])
})

it('does not promise that a key keeps a copy from being sent twice', () => {
  const keyed = { ...memory(), honoursIdempotencyKey: true }
  expect(tee(keyed, keyed).honoursIdempotencyKey).toBe(false)
})

it('prints as the expression that made it, and needs two transports', () => {
  expect(tee(memory(), discard()).name).toBe('tee(memory(), discard())')
  expect(() => tee(memory(), undefined as never)).toThrow('tee() needs a transport')
})

it.each([
  ['one after the other', 'awaited'],
  ['all at once', 'at once'],
])('keeps the copies of more messages than may be under way: %s', async (_title, how) => {
  const copies = memory({ limit: 20_000 })
  const failed: MailError[] = []
  const transport = tee(memory({ limit: 1 }), copies)
  const context = { failed: (error: MailError): void => void failed.push(error) }
  const message = toThree()
  const sends: Promise<unknown>[] = []
  for (let n = 0; n < 12_000; n++) {
    const sending = transport.send(message, context)
    if (how === 'awaited') await sending
    else sends.push(sending)
  }
  await Promise.all(sends)
  await transport.close!()
  expect([copies.messages.length, failed.length]).toEqual([12_000, 0])
})
