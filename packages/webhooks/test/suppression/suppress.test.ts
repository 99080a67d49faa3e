import { describe, expect, it, vi } from 'vitest'
import {
  Mailer,
  memory,
  silenceRecipients,
  type MailEvent,
  type Transport,
  type TransportContext,
} from '@loudmail/core'
import { transportContract } from '@loudmail/testing'
import { memorySuppressions, suppress, type Suppression, type SuppressionStore } from '../../src/index.ts'
import {
  ANN,
  bounced,
  BOB,
  CAROL,
  DAVE,
  envelopes,
  failureOf,
  greylisted,
  listOf,
  lost,
  noSuchUser,
  refuses,
  scripted,
  statuses,
  three,
  toThree,
  unknown,
} from './setup.ts'

describe('suppress(memory()) with an empty list', () => {
  const contract = transportContract({
    create: () => {
      const inner = memory()
      const arrived = () => inner.messages.map(({ envelope }) => ({ to: envelope.to }))
      return { transport: suppress(inner, memorySuppressions()), arrived }
    },
  })
  for (const { title, run } of contract) it(title, run)
})

describe('nobody is on the list', () => {
  it('the message and the delivery are those of the transport', async () => {
    const inner = scripted()
    const message = toThree()
    const context = { signal: new AbortController().signal }
    expect(await suppress(inner, memorySuppressions()).send(message, context)).toMatchObject({
      transport: 'scripted()',
      failures: [],
    })
    expect(inner.tries).toEqual([message])
    expect(inner.tries[0]).toBe(message)
    expect(inner.contexts[0]).toBe(context)
  })

  it('a failure is that of the transport', async () => {
    const error = await failureOf(suppress(scripted(lost), memorySuppressions()).send(toThree()))
    expect([error.code, error.transport, error.failures.length]).toEqual([
      'connect/connection-refused',
      'scripted()',
      0,
    ])
  })
})

describe('one of three is on the list', () => {
  it('the others get the message, and the failure says who did not, why, since when and what to do', async () => {
    const inner = scripted()
    const error = await failureOf(suppress(inner, await listOf(bounced)).send(toThree()))
    expect(envelopes(inner)).toEqual([[CAROL, DAVE]])
    expect(error).toMatchObject({
      code: 'rcpt-to/suppressed',
      scope: 'recipient',
      permanence: 'permanent',
      delivered: 'some',
      retryable: false,
      transport: 'suppress(scripted())',
      messageId: inner.tries[0]!.messageId,
    })
    expect(statuses(error)).toEqual({ [BOB]: 'rejected suppressed', [CAROL]: 'accepted', [DAVE]: 'accepted' })
    expect(error.recipients[0]).toMatchObject({ scope: 'recipient', permanence: 'permanent' })
    expect(error.summary).toBe(
      'on the suppression list: bob@rcpt.example, because mail to it bounced for good on 2026-11-20 (rcpt-to/mailbox-unknown, says postmark)',
    )
    expect(error.hint).toBe(
      'Remove this address from your recipients. If it is right after all, take it off with `remove("bob@rcpt.example")` of the suppression list, and off the list of the provider if it keeps one. The other recipients have the message.',
    )
    expect(error.failures).toEqual([])
  })

  it('the part for the others is the same message with the same key', async () => {
    const inner = scripted()
    const message = toThree({ idempotencyKey: 'order-1' })
    await failureOf(suppress(inner, await listOf(bounced)).send(message))
    const { envelope: _, ...part } = { ...inner.tries[0]! }
    const { envelope: __, ...whole } = { ...message }
    expect(part).toEqual(whole)
    expect(part.idempotencyKey).toBe('order-1')
  })

  it('who was taken off the list gets the next message', async () => {
    const inner = scripted()
    const store = await listOf(bounced)
    const transport = suppress(inner, store)
    await failureOf(transport.send(toThree({ to: BOB })))
    await store.remove(BOB)
    await transport.send(toThree({ to: BOB }))
    expect(envelopes(inner)).toEqual([[BOB]])
  })

  it('addresses are compared without case, and the outcome has the address as it was written', async () => {
    const error = await failureOf(
      suppress(scripted(), await listOf(bounced)).send(toThree({ to: 'Bob@RCPT.Example' })),
    )
    expect(statuses(error)).toEqual({ 'Bob@RCPT.Example': 'rejected suppressed' })
  })

  it.each<[reason: string, suppression: Partial<Suppression>, words: string]>([
    [
      'complained',
      { reason: 'complained', code: undefined },
      'its owner complained on 2026-11-20 (says postmark)',
    ],
    [
      'unsubscribed',
      { reason: 'unsubscribed', code: undefined, from: undefined },
      'its owner unsubscribed on 2026-11-20',
    ],
    [
      'was put there',
      { reason: 'manual', code: undefined, from: undefined },
      'somebody put it there on 2026-11-20',
    ],
    [
      'bounced for a time',
      { until: new Date('2996-11-20T00:00:00Z') },
      'mail to it bounced again and again on 2026-11-20 (rcpt-to/mailbox-unknown, says postmark), until 2996-11-20',
    ],
  ])('who %s is told as such', async (_reason, changes, words) => {
    const { code: _, from: __, ...bare } = bounced
    const kept = Object.fromEntries(
      Object.entries({ ...bounced, ...changes }).filter(([, value]) => value !== undefined),
    )
    const store = await listOf({ ...bare, ...kept })
    const error = await failureOf(suppress(memory(), store).send(toThree()))
    expect(error.summary).toBe(`on the suppression list: ${BOB}, because ${words}`)
  })
})

describe('everybody is on the list', () => {
  it('nothing is sent', async () => {
    const inner = scripted()
    const store = await listOf(...[BOB, CAROL, DAVE].map((address) => ({ ...bounced, address })))
    const beforeTransmission = vi.fn<() => Promise<void>>(async () => {})
    const error = await failureOf(suppress(inner, store).send(toThree(), { beforeTransmission }))
    expect(inner.tries).toEqual([])
    expect(beforeTransmission).not.toHaveBeenCalled()
    expect(error).toMatchObject({ code: 'rcpt-to/suppressed', delivered: 'none', permanence: 'permanent' })
    expect(error.hint).toContain('`remove(address)`')
    expect(error.hint).not.toContain('other recipients')
    for (const address of [BOB, CAROL, DAVE])
      expect(error.summary).toContain(`${address}, because mail to it bounced`)
  })

  it('ten of them are named', async () => {
    const to = Array.from({ length: 25 }, (_, n) => `user${n}@rcpt.example`)
    const store = await listOf(...to.map((address) => ({ ...bounced, address })))
    const error = await failureOf(suppress(scripted(), store).send(toThree({ to })))
    expect(error.summary).toMatch(/user9@rcpt.example, [^;]*; and 15 more$/)
    expect(error.recipients).toHaveLength(25)
  })
})

describe('the transport fails as well, and the outcome of each recipient is kept', () => {
  const sent = async (...script: Parameters<typeof scripted>) =>
    failureOf(suppress(scripted(...script), await listOf(bounced)).send(toThree()))

  it('refused for good', async () => {
    const error = await sent(refuses({ address: CAROL, status: 'accepted' }, noSuchUser(DAVE)))
    expect(error).toMatchObject({
      code: 'rcpt-to/mailbox-unknown',
      delivered: 'some',
      permanence: 'permanent',
    })
    expect(statuses(error)).toEqual({
      [BOB]: 'rejected suppressed',
      [CAROL]: 'accepted',
      [DAVE]: 'rejected mailbox-unknown',
    })
    expect(error.failures.map(({ code }) => code)).toEqual(['rcpt-to/suppressed', 'rcpt-to/mailbox-unknown'])
    expect(error.hint).toContain(
      `Nothing was sent to ${BOB}, because of the suppression list: \`failures\` says why.`,
    )
  })

  it('refused for now: only those can be tried again', async () => {
    const error = await sent(refuses({ address: CAROL, status: 'accepted' }, greylisted(DAVE)))
    expect(error).toMatchObject({ code: 'rcpt-to/greylisted', permanence: 'transient', retryable: true })
    expect(error.recipients.find(({ address }) => address === BOB)).toMatchObject({ permanence: 'permanent' })
  })

  it('not attempted', async () => {
    const error = await sent(lost)
    expect(error).toMatchObject({ code: 'connect/connection-refused', scope: 'transport', delivered: 'none' })
    expect(statuses(error)).toEqual({
      [BOB]: 'rejected suppressed',
      [CAROL]: 'not-attempted',
      [DAVE]: 'not-attempted',
    })
  })

  it('in doubt', async () => {
    const error = await sent(refuses(unknown(CAROL), unknown(DAVE)))
    expect(error).toMatchObject({ delivered: 'unknown', retryable: false })
    expect(statuses(error)).toMatchObject({ [BOB]: 'rejected suppressed', [CAROL]: 'unknown' })
    expect(error.hint).toMatch(/may have been delivered.*Nothing was sent to bob@rcpt\.example/)
  })

  it('suppressed by the provider', async () => {
    const provider = refuses(
      { address: CAROL, status: 'accepted' },
      { ...noSuchUser(DAVE), kind: 'suppressed' },
    )
    const error = await sent(provider)
    expect(error).toMatchObject({ code: 'rcpt-to/suppressed', delivered: 'some' })
    expect(statuses(error)[DAVE]).toBe('rejected suppressed')
    expect(error.hint).toContain("provider's suppression list")
    expect(error.hint).toContain(`Nothing was sent to ${BOB}`)
  })

  it('a late reply is told for the whole message', async () => {
    const late = vi.fn<NonNullable<TransportContext['late']>>()
    const inner = scripted(refuses(unknown(CAROL), unknown(DAVE)))
    await failureOf(suppress(inner, await listOf(bounced)).send(toThree(), { late }))
    inner.contexts[0]!.late!({ transport: 'scripted()', state: 'sent', failures: [] })
    expect(late).toHaveBeenCalledTimes(1)
    const said = late.mock.calls[0]![0] as never
    expect(said).toMatchObject({ code: 'rcpt-to/suppressed', delivered: 'some' })
    expect((said as Error & { hint: string }).hint).toContain('remove("bob@rcpt.example")')
  })
})

describe('a Mailer', () => {
  it('counts and reports the failure under a silent policy', async () => {
    const events: MailEvent[] = []
    const mailer = new Mailer({
      transport: suppress(memory(), await listOf(bounced)),
      failure: 'silent',
      observe: (event) => void (event.error, events.push(event)),
    })
    const receipt = await mailer.send(three)
    expect(receipt).toMatchObject({
      ok: false,
      silenced: true,
      error: { code: 'rcpt-to/suppressed', delivered: 'some' },
    })
    expect(mailer.stats).toMatchObject({ sent: 0, failed: 1, silenced: 1 })
    expect(events.map(({ type, error }) => [type, error?.code])).toEqual([['failed', 'rcpt-to/suppressed']])
    await mailer.close()
  })

  it('with silenceRecipients is silent about who is on the list, and loud about the rest', async () => {
    const transport = suppress(
      scripted(() => undefined, lost),
      await listOf(bounced),
    )
    const mailer = new Mailer({ transport, failure: silenceRecipients, observe: ({ error }) => void error })
    expect(await mailer.send(three)).toMatchObject({ ok: false, silenced: true })
    await expect(mailer.send(three)).rejects.toMatchObject({ code: 'connect/connection-refused' })
  })

  it('checks recipients as a send would', async () => {
    const asked: unknown[] = []
    const inner: Transport = {
      ...memory(),
      verify: async (context) => void asked.push(context?.envelope?.to),
    }
    const mailer = new Mailer({ transport: suppress(inner, await listOf(bounced)), defaults: { from: ANN } })
    await expect(mailer.verify({ to: [BOB, CAROL] })).rejects.toMatchObject({ code: 'rcpt-to/suppressed' })
    await expect(mailer.verify({ to: [BOB] })).rejects.toMatchObject({ code: 'rcpt-to/suppressed' })
    await mailer.verify({ to: CAROL })
    await mailer.verify()
    expect(asked).toEqual([[CAROL], undefined, [CAROL], undefined])
  })
})

it('close() waits for the sends that read the list, and begins no others', async () => {
  let answer: (() => void) | undefined
  const store: SuppressionStore = {
    ...memorySuppressions(),
    find: () => new Promise((resolve) => (answer = () => resolve([]))),
  }
  const inner = memory()
  const transport = suppress(inner, store)
  const sending = transport.send(toThree())
  const closing = transport.close!()
  const error = await failureOf(transport.send(toThree()))
  expect(error).toMatchObject({
    code: 'queue/pool-closed',
    delivered: 'none',
    transport: 'suppress(memory())',
  })
  answer!()
  expect(await sending).toMatchObject({ state: 'captured' })
  await closing
  expect(inner.messages).toHaveLength(1)
})

describe('when it is made', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['no list', () => suppress(memory(), undefined as never), /suppression list as its second argument/],
    [
      'an option of another name',
      () => suppress(memory(), memorySuppressions(), { whenFails: 'send' } as never),
      /whenFails/,
    ],
    [
      'an option of another value',
      () => suppress(memory(), memorySuppressions(), { whenStoreFails: 'ignore' as never }),
      /'fail' or 'send'/,
    ],
    [
      'no transport',
      () => suppress(undefined as never, memorySuppressions()),
      /suppress\(\) needs a transport/,
    ],
  ])('%s is refused', (_what, make, words) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'config/invalid-config', message: expect.stringMatching(words) }),
    )
  })

  it('its name is the expression that made it', () => {
    expect(suppress(memory(), memorySuppressions()).name).toBe('suppress(memory())')
  })
})
