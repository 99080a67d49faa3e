import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import {
  dedupe,
  Mailer,
  MailError,
  retry,
  type Delivery,
  type DedupeOptions,
  type MailEvent,
  type Message,
  type MessageInput,
  type Transport,
  type TransportContext,
} from '../src/index.ts'
import { failAll, toMessage } from '../src/transport.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  envelopes,
  failureOf,
  greylisted,
  lost,
  notAttempted,
  noSuchUser,
  refuses,
  scripted,
  three,
  unknown,
} from './scripted.ts'

const order = (changes: Partial<MessageInput> = {}): Message =>
  toMessage({ ...three, idempotencyKey: 'order-4711', ...changes })
const toBob = (): Message => order({ to: BOB })

/** A transport whose sends end when the test says so, or when they are aborted. */
function held(): Transport & {
  readonly tries: Message[]
  readonly contexts: TransportContext[]
  readonly end: ((error?: MailError) => void)[]
} {
  const tries: Message[] = []
  const contexts: TransportContext[] = []
  const end: ((error?: MailError) => void)[] = []
  return {
    name: 'held()',
    tries,
    contexts,
    end,
    send(message, context = {}) {
      tries.push(message)
      contexts.push(context)
      return new Promise<Delivery>((resolve, reject) => {
        end.push((error) => {
          if (error) reject(error)
          else
            resolve({
              transport: 'held()',
              state: 'sent',
              response: '250 Ok',
              failures: [new MailError({ stage: 'connect', kind: 'timeout' })],
            })
        })
        const aborted = (): void =>
          reject(failAll(message, 'not-attempted', { stage: 'connect', kind: 'aborted' }))
        if (context.signal?.aborted) aborted()
        else context.signal?.addEventListener('abort', aborted)
      })
    },
  }
}

/** A transport with a message whose late replies the test gives. */
function doubtful() {
  const inner = held()
  const late = (outcome: Delivery | MailError): void => inner.contexts[0]!.late!(outcome)
  return { inner, transport: dedupe(inner), late }
}

const abortable = (): { signal: AbortSignal; abort: () => void } => {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

const statuses = ({ recipients }: MailError): string[] => recipients.map(({ status }) => status)

describe('a second message with the same key', () => {
  it('gets the delivery of the first, and is not sent', async () => {
    const inner = scripted()
    const transport = dedupe(inner)
    const message = order()
    const first = await transport.send(message)
    const second = await transport.send(order())
    expect(second).toEqual({ ...first, messageId: message.messageId })
    expect(inner.tries).toHaveLength(1)
  })

  it('gets the Message-ID that was sent, in its receipt and its event', async () => {
    const ids: (string | undefined)[] = []
    const inner = held()
    const observe = ({ messageId, receipt }: MailEvent): void => {
      if (receipt) ids.push(messageId)
    }
    const mailer = new Mailer({ transport: dedupe(inner), observe })
    const own = { ...three, to: BOB, idempotencyKey: 'order-4711' }
    const both = Promise.all([mailer.send(own), mailer.send(own)])
    await vi.waitFor(() => expect(inner.end).toHaveLength(1))
    inner.end[0]!()
    const receipts = [...(await both), await mailer.send(own)]
    const { messageId } = inner.tries[0]!
    expect(receipts.map((receipt) => receipt.messageId)).toEqual([messageId, messageId, messageId])
    expect(ids).toEqual([messageId, messageId, messageId])
  })

  it('gets its own Message-ID where some of its recipients are new', async () => {
    const inner = scripted()
    const transport = dedupe(inner)
    await transport.send(toBob())
    const message = order()
    expect((await transport.send(message)).messageId).toBe(message.messageId)
  })

  it('waits for the first, and gets its delivery without its attempts', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const both = Promise.all([transport.send(toBob()), transport.send(toBob())])
    inner.end[0]!()
    expect(await both).toMatchObject([
      { response: '250 Ok', failures: [{}] },
      { response: '250 Ok', failures: [] },
    ])
    expect(inner.tries).toHaveLength(1)
  })

  it('waits for the first, and gets its failure with its own Message-ID', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const [first, second] = [order(), order()]
    const both = Promise.all([failureOf(transport.send(first)), failureOf(transport.send(second))])
    const said = refuses(greylisted(BOB), accepted(CAROL), unknown(DAVE))(first)!
    inner.end[0]!(said.with({ failures: [said], retryAfterMs: 5_000 }))
    const [one, other] = await both
    expect([one.failures.length, other.failures.length]).toEqual([1, 0])
    expect([one.retryAfterMs, other.retryAfterMs]).toEqual([5_000, 5_000])
    expect(one).toMatchObject({ messageId: first.messageId, delivered: 'unknown' })
    expect(other).toMatchObject({ messageId: second.messageId, delivered: 'unknown', code: one.code })
    expect(statuses(other)).toEqual(statuses(one))
    expect(inner.tries).toHaveLength(1)
  })

  it.each<[string, Parameters<typeof refuses>, string[][]]>([
    ['was accepted is not sent to again', [accepted(BOB), greylisted(CAROL), accepted(DAVE)], [[CAROL]]],
    ['may have it is not sent to again', [unknown(BOB), greylisted(CAROL), unknown(DAVE)], [[CAROL]]],
    [
      'was refused for good may be sent to again',
      [noSuchUser(BOB), accepted(CAROL), accepted(DAVE)],
      [[BOB]],
    ],
    [
      'was not attempted may be sent to again',
      [notAttempted(BOB), notAttempted(CAROL), accepted(DAVE)],
      [[BOB, CAROL]],
    ],
    ['has it: nobody is left to send to', [accepted(BOB), accepted(CAROL), unknown(DAVE)], []],
  ])('is decided recipient by recipient: who %s', async (_what, outcomes, again) => {
    const inner = scripted(refuses(...outcomes))
    const transport = dedupe(inner)
    await failureOf(transport.send(order()))
    const inDoubt = outcomes.filter(({ status }) => status === 'unknown').map(({ address }) => address)
    const second = await transport.send(order()).catch((error: unknown) => error)
    expect(envelopes(inner).slice(1)).toEqual(again)
    if (inDoubt.length === 0) expect(second).toMatchObject({ state: 'sent' })
    else {
      expect(second).toMatchObject({ delivered: 'unknown', retryable: false })
      const { recipients } = second as MailError
      expect(recipients.map(({ address }) => address).toSorted()).toEqual([BOB, CAROL, DAVE])
      expect(recipients.filter(({ status }) => status === 'unknown').map((each) => each.address)).toEqual(
        inDoubt,
      )
    }
  })

  it('is sent to recipients that the first did not have, while it waits for the others', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const first = transport.send(order({ to: [BOB, CAROL] }))
    const second = transport.send(order({ to: [CAROL, DAVE] }))
    expect(envelopes(inner)).toEqual([[BOB, CAROL], [DAVE]])
    inner.end[1]!()
    inner.end[0]!()
    await first
    await expect(second).resolves.toMatchObject({ state: 'sent' })
  })

  it('knows a mailbox however its domain is written', async () => {
    const inner = scripted()
    const transport = dedupe(inner)
    await transport.send(toBob())
    await transport.send(order({ to: 'bob@EXAMPLE.com' }))
    expect(inner.tries).toHaveLength(1)
  })

  it('whose recipient was accepted beside a failure gets a delivery with the reply to it', async () => {
    const reply = { protocol: 'smtp', code: 250, enhanced: '2.1.5', text: 'Ok' } as const
    const inner = scripted(refuses({ ...accepted(BOB), reply }, noSuchUser(CAROL)))
    const transport = dedupe(inner)
    await failureOf(transport.send(order({ to: [BOB, CAROL] })))
    expect(await transport.send(toBob())).toMatchObject({ state: 'sent', response: '250 2.1.5 Ok' })
  })

  it('whose recipient was refused beside others gets the reason for this one', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const first = failureOf(transport.send(order()))
    const second = failureOf(transport.send(toBob()))
    const third = transport.send(order({ to: DAVE }))
    const said = refuses(noSuchUser(BOB), greylisted(CAROL), accepted(DAVE))(order())!
    inner.end[0]!(said.with({ kind: 'mixed' }))
    expect(await third).toMatchObject({ state: 'sent' })
    expect(await first).toMatchObject({ kind: 'mixed', permanence: 'transient' })
    expect(await second).toMatchObject({
      kind: 'mailbox-unknown',
      permanence: 'permanent',
      delivered: 'none',
    })
  })
})

describe('a message', () => {
  it('without a key passes', async () => {
    const inner = scripted()
    const transport = dedupe(inner)
    await transport.send(toMessage(three))
    await transport.send(toMessage(three))
    expect(inner.tries).toHaveLength(2)
  })

  it('with another key passes', async () => {
    const inner = scripted()
    const transport = dedupe(inner)
    await transport.send(toBob())
    await transport.send(order({ to: BOB, idempotencyKey: 'order-4712' }))
    expect(inner.tries).toHaveLength(2)
  })

  it('has the key that the option says', async () => {
    const inner = scripted()
    const transport = dedupe(inner, { key: (message) => message.messageId })
    const message = order()
    await transport.send(message)
    await transport.send(message)
    await transport.send(order())
    expect(inner.tries).toHaveLength(2)
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('bug')
      },
    ],
    ['answers with a number', () => 7],
  ])('is not sent where the option %s', async (_what, key) => {
    const inner = scripted()
    const error = await failureOf(dedupe(inner, { key: key as never }).send(order()))
    expect(error).toMatchObject({ code: 'config/invalid-config', delivered: 'none', retryable: false })
    expect(inner.tries).toHaveLength(0)
  })
})

describe('a call that gives up', () => {
  it('before anything was delivered leaves the message to the one that waits', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const controller = new AbortController()
    const first = failureOf(transport.send(toBob(), { signal: controller.signal }))
    const waiting = [transport.send(toBob()), transport.send(toBob())]
    controller.abort()
    expect(await first).toMatchObject({ kind: 'aborted', delivered: 'none' })
    await vi.waitFor(() => expect(inner.tries).toHaveLength(2))
    inner.end[1]!()
    expect(await Promise.all(waiting)).toMatchObject([{ state: 'sent' }, { state: 'sent' }])
    expect(inner.tries).toHaveLength(2)
  })

  it('leaves only those that can still be tried to the one that waits', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const controller = new AbortController()
    const first = failureOf(transport.send(order(), { signal: controller.signal }))
    const second = failureOf(transport.send(order()))
    controller.abort(inner.end[0]!(refuses(noSuchUser(BOB), greylisted(CAROL), unknown(DAVE))(order())))
    await first
    await vi.waitFor(() => expect(envelopes(inner)).toEqual([[BOB, CAROL, DAVE], [CAROL]]))
    inner.end[1]!()
    expect(statuses(await second).toSorted()).toEqual(['accepted', 'rejected', 'unknown'])
  })

  it('while it waits does not know whether the message is delivered, and hears of it later', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const controller = new AbortController()
    const late = vi.fn<NonNullable<TransportContext['late']>>()
    const first = transport.send(toBob())
    const second = failureOf(transport.send(toBob(), { signal: controller.signal, late }))
    controller.abort()
    expect(await second).toMatchObject({ code: 'submit/aborted', delivered: 'unknown', retryable: false })
    expect(late).not.toHaveBeenCalled()
    inner.end[0]!()
    await first
    expect(late.mock.calls).toMatchObject([[{ state: 'sent' }]])
    expect(inner.contexts[0]!.signal).toBeUndefined()
  })

  it('while it waits hears nothing later, where nothing is known later', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const { signal, abort } = abortable()
    const late = vi.fn<NonNullable<TransportContext['late']>>()
    const first = failureOf(transport.send(toBob()))
    const second = failureOf(transport.send(toBob(), { signal, late }))
    abort()
    inner.end[0]!(refuses(unknown(BOB))(toBob()))
    await Promise.all([first, second])
    expect(late).not.toHaveBeenCalled()
  })

  it('before it waits does not wait', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const first = transport.send(toBob())
    const { signal, abort } = abortable()
    abort()
    expect(await failureOf(transport.send(toBob(), { signal }))).toMatchObject({ delivered: 'unknown' })
    inner.end[0]!()
    await first
  })

  it('does not listen to its signal any longer', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const { signal } = abortable()
    const both = [transport.send(toBob()), transport.send(toBob(), { signal })]
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    inner.end[0]!()
    await Promise.all(both)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('together with the one that sends knows that nothing was delivered', async () => {
    const inner = held()
    const transport = dedupe(inner)
    const { signal, abort } = abortable()
    const both = [1, 2, 3].map(() => failureOf(transport.send(toBob(), { signal })))
    abort()
    expect((await Promise.all(both)).map(({ kind, delivered }) => [kind, delivered])).toEqual(
      Array.from({ length: 3 }, () => ['aborted', 'none']),
    )
  })
})

describe('a late reply', () => {
  const delivery: Delivery = { transport: 'held()', state: 'sent', response: '250 late', failures: [] }
  const timedOut = (message: Message): MailError =>
    failAll(message, 'unknown', { stage: 'body', kind: 'timeout' })

  it('that it was delivered is remembered', async () => {
    const { transport, inner, late } = doubtful()
    const told = vi.fn<NonNullable<TransportContext['late']>>()
    const first = failureOf(transport.send(toBob(), { late: told }))
    inner.end[0]!(timedOut(inner.tries[0]!))
    await first
    late(delivery)
    expect(told).toHaveBeenCalledExactlyOnceWith(delivery)
    expect(await transport.send(toBob())).toMatchObject({ response: '250 late' })
    expect(inner.tries).toHaveLength(1)
  })

  it.each([
    ['for the recipient', refuses(noSuchUser(BOB))(toBob())!],
    ['for the whole message', new MailError({ stage: 'body', kind: 'spam' })],
  ])('that it was refused lets the next call send: %s', async (_what, refusal) => {
    const { transport, inner, late } = doubtful()
    const first = failureOf(transport.send(toBob()))
    inner.end[0]!(timedOut(inner.tries[0]!))
    await first
    late(refusal)
    const second = transport.send(toBob())
    expect(inner.tries).toHaveLength(2)
    inner.end[1]!()
    await second
  })

  it('about some recipients says nothing about the others', async () => {
    const { transport, inner, late } = doubtful()
    const first = failureOf(transport.send(order({ to: [BOB, CAROL] })))
    inner.end[0]!(refuses(accepted(BOB), unknown(CAROL))(inner.tries[0]!))
    await first
    late(refuses(noSuchUser(CAROL))(inner.tries[0]!)!)
    const second = transport.send(order({ to: [BOB, CAROL] }))
    expect(envelopes(inner)).toEqual([[BOB, CAROL], [CAROL]])
    inner.end[1]!()
    await second
  })

  it('about those who are new to the key is told with what is remembered of the others', async () => {
    const { transport, inner } = doubtful()
    const first = failureOf(transport.send(toBob()))
    inner.end[0]!(timedOut(inner.tries[0]!))
    await first
    const told: (Delivery | MailError)[] = []
    const second = failureOf(transport.send(order({ to: [BOB, CAROL] }), { late: (said) => told.push(said) }))
    inner.end[1]!(timedOut(inner.tries[1]!))
    expect(statuses(await second)).toEqual(['unknown', 'unknown'])
    inner.contexts[1]!.late!(delivery)
    expect(told.map((said) => statuses(said as MailError).toSorted())).toEqual([['accepted', 'unknown']])
  })

  it('that comes before the send has settled counts', async () => {
    const { transport, inner, late } = doubtful()
    const first = transport.send(toBob())
    late(timedOut(inner.tries[0]!))
    inner.end[0]!()
    await first
    expect(await failureOf(transport.send(toBob()))).toMatchObject({ delivered: 'unknown' })
  })

  it('says nothing about what was sent after it', async () => {
    const { transport, inner, late } = doubtful()
    const first = failureOf(transport.send(toBob()))
    inner.end[0]!(lost(inner.tries[0]!))
    await first
    const second = transport.send(toBob())
    late(new MailError({ stage: 'body', kind: 'spam' }))
    const third = transport.send(toBob())
    expect(inner.tries).toHaveLength(2)
    inner.end[1]!()
    await Promise.all([second, third])
    late(timedOut(inner.tries[0]!))
    await expect(transport.send(toBob())).resolves.toMatchObject({ state: 'sent' })
  })
})

describe('a key is forgotten', () => {
  const again = async (
    options: DedupeOptions,
    between: (transport: Transport) => Promise<unknown>,
  ): Promise<number> => {
    const inner = scripted()
    const transport = dedupe(inner, options)
    await transport.send(toBob())
    await between(transport)
    const { length } = inner.tries
    await transport.send(toBob())
    return inner.tries.length - length
  }

  it('after its window, and not before', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const wait = (ms: number) => async (): Promise<void> => void vi.advanceTimersByTime(ms)
      expect(await again({ windowMs: 1_000 }, wait(999))).toBe(0)
      expect(await again({ windowMs: 1_000 }, wait(1_000))).toBe(1)
      expect(await again({}, wait(86_399_999))).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('when there are more of them, the oldest first', async () => {
    const others =
      (count: number) =>
      async (transport: Transport): Promise<void> => {
        for (let n = 0; n < count; n++) await transport.send(order({ idempotencyKey: `other-${n}` }))
      }
    expect(await again({ most: 3 }, others(2))).toBe(0)
    expect(await again({ most: 3 }, others(3))).toBe(1)
  })

  it.each([
    ['abc', 'd', 'a'],
    ['ab', 'cd', 'a'],
    ['abcA', 'd', 'b'],
    ['abcB', 'd', 'a'],
    ['abcB', 'de', 'ac'],
    ['abcC', 'de', 'ab'],
    ['abcBAC', 'd', 'b'],
    ['abcBAC', 'de', 'ba'],
  ])('with three places, after %s and then %s: %s', async (before, after, forgotten) => {
    const inner = scripted()
    const transport = dedupe(inner, { most: 3 })
    // A capital letter stands for the key with another recipient.
    const send = (key: string): Promise<unknown> =>
      transport.send(order({ to: key < 'a' ? CAROL : BOB, idempotencyKey: key.toLowerCase() }))
    for (const key of before + after) await send(key)
    const sentAgain: string[] = []
    // A key that is known is not sent, so looking at those first changes nothing.
    const isForgotten = (key: string): boolean => forgotten.includes(key)
    const keys = [...new Set((before + after).toLowerCase())]
    for (const key of keys.toSorted((a, b) => Number(isForgotten(a)) - Number(isForgotten(b)))) {
      const { length } = inner.tries
      await send(key)
      if (inner.tries.length > length) sentAgain.push(key)
    }
    expect(sentAgain.toSorted()).toEqual(forgotten.split('').toSorted())
  })

  it('although others before it are over as well', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const inner = scripted()
      const transport = dedupe(inner, { windowMs: 1_000 })
      for (const idempotencyKey of ['a', 'b', 'c']) await transport.send(order({ idempotencyKey }))
      vi.advanceTimersByTime(1_000)
      await transport.send(order({ idempotencyKey: 'c' }))
      expect(inner.tries).toHaveLength(4)
    } finally {
      vi.useRealTimers()
    }
  })

  it('at once when nobody got its message, so that it takes no place of another', async () => {
    const inner = held()
    const transport = dedupe(inner, { most: 2 })
    const send = (n: number): Promise<unknown> => transport.send(order({ to: BOB, idempotencyKey: `${n}` }))
    const sent = async (n: number, error?: MailError): Promise<void> => {
      const sending = send(n).catch(() => {})
      inner.end.at(-1)!(error)
      await sending
    }
    await sent(1)
    await sent(0, refuses(unknown(BOB))(toBob()))
    await sent(2, refuses(noSuchUser(BOB))(toBob()))
    inner.contexts[1]!.late!(new MailError({ stage: 'body', kind: 'spam' }))
    await sent(3)
    await send(1)
    expect(inner.tries).toHaveLength(4)
  })

  it('never while its message is on its way', async () => {
    const inner = held()
    const transport = dedupe(inner, { most: 1 })
    const all = [0, 1, 2, 0, 1, 2].map((n) => transport.send(order({ idempotencyKey: `order-${n}` })))
    expect(inner.tries).toHaveLength(3)
    for (const end of inner.end) end()
    await Promise.all(all)
  })
})

it('retry() around it is safe: what may have been delivered is not sent again', async () => {
  const inner = {
    ...scripted(refuses(unknown(BOB), unknown(CAROL), greylisted(DAVE))),
    honoursIdempotencyKey: true,
  }
  const transport = retry(dedupe(inner), { delayMs: 1 })
  expect(statuses(await failureOf(transport.send(order())))).toEqual(['unknown', 'unknown', 'accepted'])
  expect(envelopes(inner)).toEqual([[BOB, CAROL, DAVE], [DAVE]])
  expect(dedupe(inner).honoursIdempotencyKey).toBe(false)
})

it('an unknown outcome is remembered without its conversation and its attempts', async () => {
  const transcript = {
    entries: [{ from: 'client', text: 'DATA', atMs: 1, connection: '1', sequence: 0 }],
  } as const
  const failures = [new MailError({ stage: 'connect', kind: 'timeout', transcript })]
  const inner = scripted(
    () => new MailError({ stage: 'body', kind: 'timeout', delivered: 'unknown', failures, transcript }),
  )
  const transport = dedupe(inner)
  expect((await failureOf(transport.send(toBob()))).transcript).toEqual(transcript)
  expect(await failureOf(transport.send(toBob()))).toMatchObject({
    code: 'body/timeout',
    delivered: 'unknown',
    failures: [],
    transcript: undefined,
  })
})

it('retry() around it does not hide the key of the message', async () => {
  const inner = scripted(refuses(accepted(BOB), greylisted(CAROL), accepted(DAVE)))
  const transport = dedupe(inner)
  await retry(transport, { delayMs: 1 }).send(order())
  await transport.send(order())
  expect(envelopes(inner)).toEqual([[BOB, CAROL, DAVE], [CAROL]])
})

it('what goes to others later has a key that the server has not seen', async () => {
  const inner = scripted(
    refuses(greylisted(BOB), greylisted(CAROL), greylisted(DAVE)),
    refuses(accepted(BOB), greylisted(CAROL), unknown(DAVE)),
    refuses(greylisted(CAROL)),
  )
  const transport = dedupe(inner)
  for (let n = 0; n < 4; n++) await transport.send(order()).catch(() => {})
  await transport.send(order({ to: [BOB, 'erin@example.com'] }))
  expect(inner.tries.map((each) => [each.idempotencyKey, ...each.envelope.to])).toEqual([
    ['order-4711', BOB, CAROL, DAVE],
    ['order-4711', BOB, CAROL, DAVE],
    ['order-4711;dedupe=2', CAROL],
    ['order-4711;dedupe=3', CAROL],
    ['order-4711;dedupe=4', 'erin@example.com'],
  ])
})

it.each([
  [{ windowMs: 0 }, 'windowMs'],
  [{ most: 0.5 }, 'most'],
  [{ key: 'id' as never }, 'key'],
  [{ window: 5 } as never, 'window'],
])('refuses %j', (options, name) => {
  expect(() => dedupe(scripted(), options)).toThrow(name)
})

it('prints as the expression that made it', () => {
  expect(dedupe(scripted()).name).toBe('dedupe(scripted())')
})
