import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { retry, type MailError, type RetryOptions } from '../src/index.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  failureOf,
  greylisted,
  lost,
  refuses,
  scripted,
  toThree,
  unknown,
  type Act,
} from './scripted.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

const always = (act: Act): Act[] => Array.from({ length: 9_999 }, () => act)
/** Always allowed in ten seconds. */
const FLOOR = 30

/** How many attempts so many sends make, all at once. */
async function attempts(sends: number, options: RetryOptions, act: Act = lost): Promise<number> {
  const transport = scripted(...always(act))
  const wrapped = retry(transport, { delayMs: 0, ...options })
  const all = Array.from({ length: sends }, () => failureOf(wrapped.send(toThree())))
  await vi.runAllTimersAsync()
  await Promise.all(all)
  return transport.tries.length
}

describe('of a server that is down', () => {
  it.each<[options: RetryOptions, sends: number, expected: number]>([
    [{}, 1_000, 1_200 + FLOOR],
    [{ budget: 0.2 }, 100, 120 + FLOOR],
    [{ budget: 0.5 }, 1_000, 1_500 + FLOOR],
    [{ budget: 0 }, 1_000, 1_000 + FLOOR],
    [{ budget: 0 }, 5, 15],
    [{ budget: false }, 1_000, 3_000],
    [{ budget: Infinity }, 1_000, 3_000],
  ])('%j: %i sends are %i attempts', async (options, sends, expected) => {
    expect(await attempts(sends, options)).toBe(expected)
  })

  it('a send without budget settles at once, as retryable as before', async () => {
    const transport = scripted(...always(lost))
    const wrapped = retry(transport, { delayMs: 60_000, budget: 0 })
    const first = Array.from({ length: FLOOR }, () =>
      wrapped.send(toThree()).catch((error: unknown) => error),
    )
    const one = await failureOf(wrapped.send(toThree()))
    expect(one).toMatchObject({ code: 'connect/connection-refused', retryable: true, failures: [] })
    await vi.runAllTimersAsync()
    await Promise.all(first)
  })

  it('the budget comes back after ten seconds', async () => {
    const transport = scripted(...always(lost))
    const wrapped = retry(transport, { delayMs: 0, budget: 0, attempts: 2 })
    const burst = async (): Promise<number> => {
      const before = transport.tries.length
      const all = Array.from({ length: 100 }, () => failureOf(wrapped.send(toThree())))
      await vi.advanceTimersByTimeAsync(1)
      await Promise.all(all)
      return transport.tries.length - before - 100
    }
    expect(await burst()).toBe(FLOOR)
    expect(await burst()).toBe(0)
    await vi.advanceTimersByTimeAsync(8_900)
    expect(await burst()).toBe(0)
    await vi.advanceTimersByTimeAsync(1_200)
    expect(await burst()).toBe(FLOOR)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(await burst()).toBe(FLOOR)
  })

  it('the sends of the last ten seconds count, and no others', async () => {
    const acts = [...Array.from({ length: 1_000 }, (): Act => () => undefined), ...always(lost)]
    const transport = scripted(...acts)
    const wrapped = retry(transport, { delayMs: 0, budget: 0.2, attempts: 2 })
    await Promise.all(Array.from({ length: 1_000 }, () => wrapped.send(toThree())))
    await vi.advanceTimersByTimeAsync(9_000)
    const fail = async (): Promise<number> => {
      const before = transport.tries.length
      const all = Array.from({ length: 500 }, () => failureOf(wrapped.send(toThree())))
      await vi.advanceTimersByTimeAsync(0)
      await Promise.all(all)
      return transport.tries.length - before - 500
    }
    expect(await fail()).toBe(300 + FLOOR)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await fail()).toBe(100 + FLOOR)
  })
})

describe('costs no budget', () => {
  it.each<[title: string, act: Act]>([
    ['a recipient who is greylisted', refuses(greylisted(BOB), greylisted(CAROL), greylisted(DAVE))],
    ['a partial refusal', refuses(greylisted(BOB), accepted(CAROL), greylisted(DAVE))],
  ])('%s', async (_title, act) => {
    const again: Act = (message) =>
      message.envelope.to.length === 3
        ? act(message)
        : refuses(...message.envelope.to.map(greylisted))(message)
    expect(await attempts(200, { budget: 0 }, again)).toBe(600)
  })

  it('a failure after which nobody is tried again', async () => {
    const final: Act = (message) => refuses(...message.envelope.to.map(unknown))(message)
    const transport = scripted(...Array.from({ length: 100 }, () => final), lost, lost)
    const wrapped = retry(transport, { delayMs: 0, budget: 0 })
    for (let n = 0; n < 100; n++) await failureOf(wrapped.send(toThree()))
    const sending = wrapped.send(toThree())
    await vi.runAllTimersAsync()
    expect(await sending).toMatchObject({ state: 'sent' })
  })

  it('a pause that the deadline does not allow', async () => {
    const transport = scripted(...always(lost))
    const wrapped = retry(transport, { delayMs: 1, budget: 0, attempts: 2 })
    const deadlineAt = performance.now() - 1
    for (let n = 0; n < 100; n++) await failureOf(wrapped.send(toThree(), { deadlineAt }))
    const sending = failureOf(wrapped.send(toThree()))
    await vi.runAllTimersAsync()
    expect(((await sending) satisfies MailError).failures).toHaveLength(2)
  })
})
