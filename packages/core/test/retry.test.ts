import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Mailer, MailError, retry, type RecipientOutcome, type RetryOptions } from '../src/index.ts'
import { toMessage } from '../src/transport.ts'
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

const quick: RetryOptions = { delayMs: 0 }

describe('which recipients of a failed attempt are tried again', () => {
  const refusedForNow = (address: string): RecipientOutcome => ({ address, status: 'rejected' })
  const table: [title: string, first: RecipientOutcome[], again: string[] | undefined][] = [
    ['one who is greylisted goes again', [greylisted(BOB)], [BOB]],
    ['one who was not attempted goes again', [notAttempted(BOB), greylisted(CAROL)], [BOB, CAROL]],
    [
      'one refused without a word of how long goes again',
      [refusedForNow(BOB), greylisted(CAROL)],
      [BOB, CAROL],
    ],
    ['those who were accepted never do', [accepted(BOB), greylisted(CAROL), accepted(DAVE)], [CAROL]],
    ['one who was refused for good never does', [noSuchUser(BOB), greylisted(CAROL)], [CAROL]],
    ['one whose outcome is unknown never does', [unknown(BOB), greylisted(CAROL)], [CAROL]],
    ['nobody goes again where all were refused for good', [noSuchUser(BOB), noSuchUser(CAROL)], undefined],
    ['nobody goes again where every outcome is unknown', [unknown(BOB), unknown(CAROL)], undefined],
    ['nobody goes again where the others have it or may have it', [accepted(BOB), unknown(CAROL)], undefined],
  ]
  it.each(table)('%s', async (_title, first, again) => {
    const transport = scripted(refuses(...first))
    const to = first.map(({ address }) => address)
    await retry(transport, quick)
      .send(toMessage({ ...three, to }))
      .catch(() => {})
    expect(envelopes(transport)).toEqual(again ? [to, again] : [to])
  })

  it('and not those who were accepted, also if the transport writes their domain in another case', async () => {
    const outcomes = [accepted('bob@EXAMPLE.com'), greylisted('carol@Example.Com'), accepted(DAVE)]
    const transport = scripted(refuses(...outcomes))
    await retry(transport, quick).send(toThree())
    expect(envelopes(transport)).toEqual([[BOB, CAROL, DAVE], [CAROL]])
  })

  it('none if the whole message was refused permanently', async () => {
    const transport = scripted(
      (message) =>
        new MailError({
          stage: 'auth',
          kind: 'bad-credentials',
          recipients: message.envelope.to.map(notAttempted),
        }),
    )
    await failureOf(retry(transport, quick).send(toThree()))
    expect(transport.tries).toHaveLength(1)
  })

  it('fewer each time, and the receipt has the last outcome of each', async () => {
    const transport = scripted(
      refuses(greylisted(BOB), greylisted(CAROL), greylisted(DAVE)),
      refuses(accepted(BOB), greylisted(CAROL), noSuchUser(DAVE)),
      refuses(greylisted(CAROL)),
    )
    const error = await failureOf(retry(transport, quick).send(toThree()))
    expect(envelopes(transport)).toEqual([[BOB, CAROL, DAVE], [BOB, CAROL, DAVE], [CAROL]])
    expect(error.recipients).toMatchObject([
      { address: BOB, status: 'accepted' },
      { address: CAROL, kind: 'greylisted' },
      { address: DAVE, kind: 'mailbox-unknown' },
    ])
  })
})

describe('a message that is tried again', () => {
  it('is the same message, with fewer recipients', async () => {
    const transport = scripted(refuses(accepted(BOB), greylisted(CAROL), accepted(DAVE)))
    const message = toMessage({ ...three, headers: { 'X-Order': '7' } })
    await retry(transport, quick).send(message)
    const [first, second] = transport.tries
    const different = { envelope: undefined, forRecipients: undefined }
    expect({ ...second, ...different }).toEqual({ ...first, ...different })
    expect(second!.envelope).toEqual({ ...message.envelope, to: [CAROL] })
  })

  it('is sent with the signal, the trace and the observers of the send', async () => {
    const contexts: unknown[] = []
    const transport = scripted(lost)
    const watching = {
      ...transport,
      send: (...[message, context]: Parameters<typeof transport.send>) => {
        contexts.push(context)
        return transport.send(message)
      },
    }
    const context = { signal: new AbortController().signal, trace: { add() {} }, failed() {}, late() {} }
    await retry(watching, quick).send(toThree(), context)
    const same = { ...context, late: expect.any(Function) as unknown }
    expect(contexts).toEqual([same, same])
  })

  it('was reported before, once per attempt; the last failure is thrown and not reported', async () => {
    const told: MailError[] = []
    const error = await failureOf(
      retry(scripted(lost, lost, lost), quick).send(toThree(), {
        failed: (failed) => void told.push(failed),
      }),
    )
    expect(told).toHaveLength(2)
    expect(error.failures.slice(0, 2)).toEqual(told)
  })
})

describe('how often', () => {
  it.each([
    [{}, 3],
    [{ attempts: 1 }, 1],
    [{ attempts: 2 }, 2],
    [{ attempts: 5 }, 5],
  ])('%j makes %i attempts', async (options, tries) => {
    const transport = scripted(...Array.from({ length: 9 }, () => lost))
    expect(await failureOf(retry(transport, { ...quick, ...options }).send(toThree()))).toMatchObject({
      code: 'connect/connection-refused',
      retryable: true,
    })
    expect(transport.tries).toHaveLength(tries)
  })

  it('no more often than needed', async () => {
    const transport = scripted(lost)
    const delivery = await retry(transport, { ...quick, attempts: 9 }).send(toThree())
    expect(delivery).toMatchObject({
      state: 'sent',
      transport: 'scripted()',
      failures: [{ stage: 'connect' }],
    })
    expect(transport.tries).toHaveLength(2)
  })

  it.each([
    [{ attempts: 1.5 }],
    [{ attempts: -1 }],
    [{ delayMs: -1 }],
    [{ maxDelayMs: '1' as never }],
    [{ budget: -0.1 }],
    [{ budget: true as never }],
  ])('%j is a mistake', (options) => {
    const name = Object.keys(options)[0]!
    expect(() => retry(scripted(), options)).toThrow(
      expect.objectContaining({
        code: 'config/invalid-config',
        message: expect.stringContaining(`retry() ${name}`),
      }),
    )
  })
})

describe('the pause', () => {
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  /** The ms between attempts, with this random number. */
  async function pauses(options: RetryOptions, chance: number): Promise<number[]> {
    vi.useFakeTimers()
    vi.spyOn(Math, 'random').mockReturnValue(chance)
    const at: number[] = []
    const transport = scripted(...Array.from({ length: 6 }, () => lost))
    const clocked = {
      ...transport,
      send: (...[message]: Parameters<typeof transport.send>) => {
        at.push(Date.now())
        return transport.send(message)
      },
    }
    const sending = failureOf(retry(clocked, options).send(toThree()))
    await vi.runAllTimersAsync()
    await sending
    return at.slice(1).map((time, index) => time - at[index]!)
  }

  it.each([
    ['is at most a second, and doubles', { attempts: 4 }, 1, [1_000, 2_000, 4_000]],
    ['is a random part of that', { attempts: 4 }, 0.5, [500, 1_000, 2_000]],
    ['may be nothing', { attempts: 3 }, 0, [0, 0]],
    ['doubles from what was set', { attempts: 4, delayMs: 80 }, 0.5, [40, 80, 160]],
    ['has a longest', { attempts: 4, delayMs: 80, maxDelayMs: 100 }, 1, [80, 100, 100]],
    ['is a minute at the longest', { attempts: 3, delayMs: 100_000 }, 1, [60_000, 60_000]],
    ['can be left out', { attempts: 3, delayMs: 0 }, 1, [0, 0]],
  ])('%s', async (_title, options, chance, expected) => {
    expect(await pauses(options, chance)).toEqual(expected)
  })

  it('leaves nothing behind: no timer, and no listener on the signal', async () => {
    const { signal } = new AbortController()
    const transport = scripted(lost, () => {
      expect(getEventListeners(signal, 'abort')).toHaveLength(0)
      return undefined
    })
    await retry(transport, { delayMs: 1 }).send(toThree(), { signal })
    expect(transport.tries).toHaveLength(2)
  })
})

describe('a send that ends in the pause', () => {
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0.5))
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it.each(['aborted', 'timed out'])('fails at once with the failure so far if it was %s', async (how) => {
    vi.useFakeTimers()
    const controller = new AbortController()
    const transport = scripted(lost)
    const sending = failureOf(
      retry(transport, { delayMs: 60_000 }).send(toThree(), { signal: controller.signal }),
    )
    await vi.advanceTimersByTimeAsync(1_000)
    expect(vi.getTimerCount()).toBe(1)
    controller.abort(how === 'aborted' ? undefined : new DOMException('', 'TimeoutError'))
    expect(await sending).toMatchObject({
      code: 'connect/connection-refused',
      delivered: 'none',
      retryable: true,
    })
    expect(transport.tries).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('because of what it was told about has no pause', async () => {
    vi.useFakeTimers()
    const controller = new AbortController()
    const { signal } = controller
    const transport = scripted(lost)
    const failed = (): void => controller.abort()
    await failureOf(retry(transport, { delayMs: 60_000 }).send(toThree(), { signal, failed }))
    expect(transport.tries).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('by the deadline of the mailer settles at the deadline, not after the pause', async () => {
    const mailer = new Mailer({ transport: retry(scripted(lost), { delayMs: 60_000 }), deadlineMs: 20 })
    expect(await failureOf(mailer.send(three))).toMatchObject({
      code: 'connect/connection-refused',
      delivered: 'none',
    })
  })

  it('during an attempt has no pause and no further attempt', async () => {
    const controller = new AbortController()
    const told: MailError[] = []
    const transport = scripted((message) => {
      controller.abort()
      return lost(message)
    })
    await failureOf(
      retry(transport, { delayMs: 60_000 }).send(toThree(), {
        signal: controller.signal,
        failed: (error) => void told.push(error),
      }),
    )
    expect(transport.tries).toHaveLength(1)
    expect(told).toEqual([])
  })
})

describe('a bare stream', () => {
  const withStream = () => {
    const content = (async function* () {
      yield 'content'
    })()
    return toMessage({ ...three, attachments: [{ content }] })
  }

  it('that was read is not sent again', async () => {
    const transport = scripted((message) => {
      if (!message.raw) void message.attachments[0]!.open()[Symbol.asyncIterator]().next()
      return lost(message)
    })
    expect(await failureOf(retry(transport, quick).send(withStream()))).toMatchObject({ retryable: false })
    expect(transport.tries).toHaveLength(1)
  })

  it('that was not read yet is sent again', async () => {
    const transport = scripted(lost)
    await retry(transport, quick).send(withStream())
    expect(transport.tries).toHaveLength(2)
  })
})
