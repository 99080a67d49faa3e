import { describe, expect, it, vi } from 'vitest'
import { failover, Mailer, memory, retry, type MailEvent, type TransportContext } from '@loudmail/core'
import { memorySuppressions, suppress, type SuppressionStore } from '../../src/index.ts'
import {
  bounced,
  BOB,
  CAROL,
  DAVE,
  noSuchUser,
  refuses,
  broken,
  envelopes,
  failureOf,
  listOf,
  lost,
  scripted,
  statuses,
  three,
  toThree,
} from './setup.ts'

const closedList = async (): Promise<SuppressionStore> => {
  const store = await listOf(bounced)
  await store.close()
  return store
}

describe('a list that cannot be read', () => {
  it.each<[string, () => SuppressionStore | Promise<SuppressionStore>, RegExp]>([
    ['rejects', () => broken(), /^the suppression list cannot be read$/],
    ['is closed', closedList, /cannot be read: the suppression list is closed/],
    [
      'throws',
      () => ({
        ...memorySuppressions(),
        find: () => {
          throw new TypeError('no')
        },
      }),
      /cannot be read/,
    ],
    [
      'answers with nothing',
      () => ({ ...memorySuppressions(), find: async () => null as never }),
      /cannot be read/,
    ],
    [
      'keeps dates as text',
      () => ({
        ...memorySuppressions(),
        find: async () => [{ ...bounced, at: '2026-11-20T10:00:00Z' as never }],
      }),
      /cannot be read/,
    ],
  ])('that %s: nothing is sent, and the message can be sent later', async (_how, make, summary) => {
    const inner = scripted()
    const error = await failureOf(suppress(inner, await make()).send(toThree()))
    expect(inner.tries).toEqual([])
    expect(error).toMatchObject({
      code: 'submit/storage',
      scope: 'transport',
      permanence: 'transient',
      delivered: 'none',
      retryable: true,
      transport: 'suppress(scripted())',
      summary: expect.stringMatching(summary) as unknown,
      cause: expect.anything() as unknown,
    })
    expect(new Set(Object.values(statuses(error)))).toEqual(new Set(['not-attempted']))
    expect(error.hint).toMatch(/^Nothing was sent/)
  })

  it('is asked again by retry(), and by the next way of failover()', async () => {
    let calls = 0
    const list = await listOf(bounced)
    const store: SuppressionStore = {
      ...list,
      find: (addresses) => (++calls === 1 ? Promise.reject(new Error('busy')) : list.find(addresses)),
    }
    const inner = scripted()
    expect(await failureOf(retry(suppress(inner, store), { delayMs: 1 }).send(toThree()))).toMatchObject({
      code: 'rcpt-to/suppressed',
    })
    calls = 0
    const second = scripted()
    await failureOf(failover(suppress(inner, store), suppress(second, store)).send(toThree()))
    expect([envelopes(inner).length, envelopes(second).length]).toEqual([1, 1])
    expect([...envelopes(inner), ...envelopes(second)].flat()).not.toContain(BOB)
  })

  it('makes the transport unhealthy until it can be read, and fails verify()', async () => {
    let isBroken = true
    const store: SuppressionStore = {
      ...memorySuppressions(),
      find: async () => (isBroken ? Promise.reject(new Error('gone')) : []),
    }
    const transport = suppress(memory(), store)
    expect(transport.health!().state).toBe('up')
    expect(await failureOf(transport.verify!())).toMatchObject({ code: 'submit/storage', delivered: 'none' })
    expect(transport.health!()).toMatchObject({ state: 'down', lastFailure: { code: 'submit/storage' } })
    isBroken = false
    await transport.send(toThree())
    expect(transport.health!()).toMatchObject({ state: 'up', transport: 'suppress(memory())' })
    expect(transport.health!().lastFailure).toBeUndefined()
  })

  it('that never answers ends with the deadline, and nothing is sent', async () => {
    const inner = scripted()
    const store: SuppressionStore = { ...memorySuppressions(), find: () => new Promise(() => {}) }
    const mailer = new Mailer({ transport: suppress(inner, store), deadlineMs: 50 })
    const error = await failureOf(mailer.send(three))
    expect(error).toMatchObject({ code: 'queue/timeout', delivered: 'none', retryable: true })
    expect(error.hint).toContain('suppression list')
    expect(inner.tries).toEqual([])
    const controller = new AbortController()
    const sending = failureOf(suppress(inner, store).send(toThree(), { signal: controller.signal }))
    controller.abort()
    expect(await sending).toMatchObject({ code: 'queue/aborted', delivered: 'none' })
  })

  it('that never answers is not asked for a message that nobody wants any more', async () => {
    const store: SuppressionStore = { ...memorySuppressions(), find: () => new Promise(() => {}) }
    const sending = suppress(memory(), store).send(toThree(), { signal: AbortSignal.abort() })
    expect(await failureOf(sending)).toMatchObject({ code: 'queue/aborted', delivered: 'none' })
  })

  it('that answers after the caller gave up: nothing is sent', async () => {
    const inner = scripted()
    const controller = new AbortController()
    const store: SuppressionStore = {
      ...memorySuppressions(),
      async find() {
        controller.abort()
        return []
      },
    }
    const error = await failureOf(suppress(inner, store).send(toThree(), { signal: controller.signal }))
    expect([error.code, inner.tries.length]).toEqual(['queue/aborted', 0])
  })
})

describe("whenStoreFails: 'send'", () => {
  it('sends to everybody, and the failure of the list is reported', async () => {
    const events: MailEvent[] = []
    const inner = scripted()
    const mailer = new Mailer({
      transport: suppress(inner, broken(), { whenStoreFails: 'send' }),
      observe: (event) => void (event.error, events.push(event)),
    })
    const receipt = await mailer.send(three)
    expect(envelopes(inner)).toEqual([three.to])
    expect(receipt).toMatchObject({ ok: true, state: 'sent', failures: [{ code: 'submit/storage' }] })
    expect(events.map(({ type }) => type)).toEqual(['attempt-failed', 'sent'])
    expect(mailer.stats).toMatchObject({ sent: 1, attemptsFailed: 1 })
    expect(mailer.health()).toMatchObject({
      state: 'degraded',
      lastFailure: { code: 'submit/storage' },
    })
  })

  it('the failure of the list is told before the message is sent', async () => {
    const inner = scripted()
    const told: [code: string, tries: number][] = []
    const failed: TransportContext['failed'] = ({ code }) => void told.push([code, inner.tries.length])
    await suppress(inner, broken(), { whenStoreFails: 'send' }).send(toThree(), { failed })
    expect(told).toEqual([['submit/storage', 0]])
  })

  it('a message that nobody wants any more is not sent', async () => {
    const inner = scripted()
    const transport = suppress(inner, broken(), { whenStoreFails: 'send' })
    const error = await failureOf(transport.send(toThree(), { signal: AbortSignal.abort() }))
    expect([error.code, inner.tries.length]).toEqual(['queue/aborted', 0])
  })

  it('if the transport fails, both failures are told', async () => {
    const transport = suppress(scripted(lost), broken(), { whenStoreFails: 'send' })
    const error = await failureOf(transport.send(toThree()))
    expect(error).toMatchObject({ code: 'connect/connection-refused', delivered: 'none' })
    expect(error.failures.map(({ code }) => code)).toEqual(['submit/storage', 'connect/connection-refused'])
    expect(error.hint).not.toContain('suppression')
  })

  it('a late reply is about the message that was sent', async () => {
    const late = vi.fn<(said: unknown) => void>()
    const inner = scripted(({ envelope }) =>
      lost({ envelope } as never)!.with({
        recipients: envelope.to.map((address) => ({ address, status: 'unknown' })),
      }),
    )
    const transport = suppress(inner, broken(), { whenStoreFails: 'send' })
    expect(await failureOf(transport.send(toThree(), { late }))).toMatchObject({ delivered: 'unknown' })
    inner.contexts[0]!.late!(refuses(noSuchUser(BOB), noSuchUser(CAROL), noSuchUser(DAVE))(toThree())!)
    inner.contexts[0]!.late!({ transport: 'scripted()', state: 'sent', failures: [] })
    expect(late.mock.calls).toMatchObject([
      [{ code: 'rcpt-to/mailbox-unknown', delivered: 'none' }],
      [{ state: 'sent' }],
    ])
  })

  it('verify() warns, and checks the transport', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const verify = vi.fn<() => Promise<void>>(async () => {})
    await suppress({ ...memory(), verify }, broken(), { whenStoreFails: 'send' }).verify!()
    expect(verify).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]![0]).toContain('the suppression list cannot be read')
    vi.restoreAllMocks()
  })

  it('still refuses who is on a list that can be read', async () => {
    const transport = suppress(memory(), await listOf(bounced), { whenStoreFails: 'send' })
    expect(await failureOf(transport.send(toThree()))).toMatchObject({ code: 'rcpt-to/suppressed' })
  })
})
