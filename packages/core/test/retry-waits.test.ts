import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  Mailer,
  MailError,
  retry,
  type Message,
  type RecipientOutcome,
  type Transport,
} from '../src/index.ts'
import type { RetryOptions, TransportContext } from '../src/index.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  failureOf,
  greylisted,
  lost,
  noSuchUser,
  refuses,
  scripted,
  three,
  toThree,
  type Act,
} from './scripted.ts'

const MINUTE = 60_000

const asked = (address: string, seconds: number): RecipientOutcome => ({
  ...greylisted(address),
  reply: { protocol: 'smtp', code: 450, text: `Greylisted for ${seconds} seconds` },
})

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** What was sent to whom, and how many ms after the beginning. */
async function timeline(
  acts: Act[],
  options: RetryOptions,
  {
    chance = 0,
    context = {},
    message = toThree(),
  }: { chance?: number; context?: TransportContext; message?: Message } = {},
) {
  vi.spyOn(Math, 'random').mockReturnValue(chance)
  const began = performance.now()
  const inner = scripted(...acts)
  const attempts: [ms: number, ...to: string[]][] = []
  const clocked: Transport = {
    ...inner,
    send(sent, given) {
      attempts.push([Math.round(performance.now() - began), ...sent.envelope.to])
      return inner.send(sent, given)
    },
  }
  const sending = retry(clocked, options)
    .send(message, context)
    .catch((error: unknown) => error as MailError)
  await vi.runAllTimersAsync()
  return { attempts, result: await sending, ms: Math.round(performance.now() - began) }
}

describe('a server that asks to wait', () => {
  it.each<[title: string, seconds: number, chance: number, ms: number]>([
    ['gets that time', 90, 0, 90_000],
    ['gets a little more, by chance', 90, 0.5, 94_500],
    ['gets a tenth more at the most', 90, 1, 99_000],
    ['gets the usual pause if that is longer', 1, 1, 4_000],
    ['gets more than the longest pause', 300, 0, 300_000],
    ['gets a day at the most', 999_999, 0, 86_400_000],
  ])('%s', async (_title, seconds, chance, ms) => {
    const { attempts } = await timeline(
      [refuses(asked(BOB, seconds), accepted(CAROL), accepted(DAVE))],
      { delayMs: 4_000, maxDelayMs: MINUTE },
      { chance },
    )
    expect(attempts).toEqual([
      [0, BOB, CAROL, DAVE],
      [ms, BOB],
    ])
  })
})

describe('each recipient', () => {
  it('has attempts and pauses of its own: one who has to wait holds up nobody', async () => {
    const { attempts, result } = await timeline(
      [
        refuses(asked(BOB, 600), greylisted(CAROL), greylisted(DAVE)),
        refuses(greylisted(CAROL), greylisted(DAVE)),
        refuses(greylisted(CAROL), accepted(DAVE)),
        refuses(asked(BOB, 600)),
      ],
      { attempts: 3, delayMs: 1_000 },
      { chance: 0.5 },
    )
    expect(attempts).toEqual([
      [0, BOB, CAROL, DAVE],
      [500, CAROL, DAVE],
      [1_500, CAROL, DAVE],
      [630_000, BOB],
      [1_260_000, BOB],
    ])
    expect(result).toMatchObject({
      recipients: [
        { address: BOB, status: 'accepted' },
        { address: CAROL, kind: 'greylisted' },
        { address: DAVE, status: 'accepted' },
      ],
    })
    expect(result.failures).toHaveLength(4)
  })

  it('goes together with those who are due at the same time', async () => {
    const { attempts } = await timeline(
      [refuses(asked(BOB, 60), asked(CAROL, 60), asked(DAVE, 120)), refuses(asked(BOB, 60), accepted(CAROL))],
      {},
    )
    expect(attempts).toEqual([
      [0, BOB, CAROL, DAVE],
      [60_000, BOB, CAROL],
      [120_000, DAVE, BOB],
    ])
  })

  it('has no more attempts than allowed, whenever they are', async () => {
    const acts = Array.from(
      { length: 9 },
      (): Act => (message) =>
        refuses(...message.envelope.to.map((to) => asked(to, to === BOB ? 60 : 90)))(message),
    )
    const { attempts } = await timeline(acts, { attempts: 3 })
    for (const address of [BOB, CAROL, DAVE])
      expect(attempts.filter(([, ...to]) => to.includes(address))).toHaveLength(3)
  })

  it('is not tried again because a transport names it once more', async () => {
    const { attempts } = await timeline(
      [
        refuses(accepted(BOB), greylisted(CAROL), noSuchUser(DAVE)),
        refuses(greylisted(BOB), greylisted(CAROL), greylisted(DAVE)),
      ],
      { delayMs: 0 },
    )
    expect(attempts.map(([, ...to]) => to)).toEqual([[BOB, CAROL, DAVE], [CAROL], [CAROL]])
  })
})

describe('the deadline', () => {
  const until = (ms: number): { context: TransportContext } => ({
    context: { deadlineAt: performance.now() + ms },
  })

  it.each<[title: string, ms: number, attempts: number, took: number]>([
    ['leaves time', 60_000, 2, 60_000],
    ['comes first: the send settles at once', 59_999, 1, 0],
  ])('%s', async (_title, ms, attempts, took) => {
    const run = await timeline([refuses(asked(BOB, 60), accepted(CAROL), accepted(DAVE))], {}, until(ms))
    expect(run.attempts).toHaveLength(attempts)
    expect(run.ms).toBe(took)
  })

  it('comes before the wait of one: the others go on, and then the send settles', async () => {
    const { attempts, result, ms } = await timeline(
      [refuses(asked(BOB, 600), asked(CAROL, 30), accepted(DAVE))],
      {},
      until(120_000),
    )
    expect(attempts.slice(1)).toEqual([[30_000, CAROL]])
    expect(ms).toBe(30_000)
    expect(result).toMatchObject({
      delivered: 'some',
      retryable: true,
      retryAfterMs: 600_000,
      recipients: [{ address: BOB, kind: 'greylisted' }, accepted(CAROL), accepted(DAVE)],
    })
  })

  it('also stops a usual pause that would end after it', async () => {
    const { attempts, ms } = await timeline([lost], { delayMs: 9_000 }, { chance: 0.5, ...until(4_000) })
    expect(attempts).toHaveLength(1)
    expect(ms).toBe(0)
  })

  it('of a Mailer is known to the transport', async () => {
    const seen: TransportContext[] = []
    const transport: Transport = {
      name: 'seeing()',
      async send(_message, context) {
        seen.push(context!)
        return { transport: 'seeing()', state: 'sent', failures: [] }
      },
    }
    await new Mailer({ transport, deadlineMs: 5_000 }).send(three)
    await new Mailer({ transport, deadlineMs: Infinity }).send(three)
    expect(seen[0]!.deadlineAt).toBeCloseTo(performance.now() + 5_000, -1)
    expect(seen[1]!.deadlineAt).toBe(Infinity)
  })

  it('of a Mailer settles a send at once that the server asked to wait longer', async () => {
    const transport = retry(scripted(refuses(asked(BOB, 600), accepted(CAROL), accepted(DAVE))))
    const mailer = new Mailer({ transport })
    const began = performance.now()
    // No timer runs here: the time does not go on.
    expect(await failureOf(mailer.send(three))).toMatchObject({ retryAfterMs: 600_000, delivered: 'some' })
    expect(performance.now()).toBe(began)
  })
})

it('an attempt that was told is one that another follows', async () => {
  const told: MailError[] = []
  const { result } = await timeline(
    [
      refuses(asked(BOB, 60), greylisted(CAROL), accepted(DAVE)),
      refuses(noSuchUser(CAROL)),
      refuses(noSuchUser(BOB)),
    ],
    {},
    { context: { failed: (error) => void told.push(error) } },
  )
  expect(told).toHaveLength(2)
  expect((result as MailError).failures).toEqual([...told, expect.anything()])
})
