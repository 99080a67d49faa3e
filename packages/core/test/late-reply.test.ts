import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  failover,
  Mailer,
  MailError,
  memory,
  retry,
  type Delivery,
  type MailEvent,
  type Observer,
  type Transport,
  type TransportContext,
} from '../src/index.ts'
import { failAll } from '../src/transport.ts'
import { BOB, CAROL, DAVE, failureOf, three } from './scripted.ts'

const delivered: Delivery = { transport: 'late()', state: 'sent', response: '250 2.0.0 Ok', failures: [] }
const refused = new MailError({ stage: 'body', kind: 'spam', transport: 'late()' })

/** A transport that fails as unknown, and can report the outcome of the message later. */
function inDoubt(): Transport & { tellLate: NonNullable<TransportContext['late']> } {
  let late: TransportContext['late']
  return {
    name: 'late()',
    tellLate: (outcome) => late!(outcome),
    async send(message, context) {
      late = context?.late
      throw failAll(message, 'unknown', { stage: 'body', kind: 'timeout', transport: 'late()' })
    },
  }
}

let printed: string[]
beforeEach(() => {
  printed = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
})
afterEach(() => void vi.restoreAllMocks())

it('what takes a reply back is reported after it, even if both come together', async () => {
  const events: MailEvent[] = []
  const transport: Transport = {
    name: 'late()',
    async send(_message, context) {
      context?.late?.(refused)
      return delivered
    },
  }
  const mailer = new Mailer({ transport, observe: (event) => void (event.error, events.push(event)) })
  expect(await mailer.send(three)).toMatchObject({ ok: true })
  expect(events.map(({ type }) => type)).toEqual(['sent'])
  await vi.waitFor(() => expect(events.map(({ type }) => type)).toEqual(['sent', 'late-reply']))
})

describe('a reply that arrives after a send settled as unknown', () => {
  it.each([
    ['that the message was delivered', delivered, { delivery: delivered }],
    ['that it was refused', refused, { error: refused }],
  ])('is reported once, and says %s', async (_what, outcome, expected) => {
    const events: MailEvent[] = []
    const transport = inDoubt()
    const observe: Observer = (event) => void (event.error, events.push(event))
    const mailer = new Mailer({ transport, observe })
    const error = await failureOf(mailer.send(three, { context: { order: 7 } }))
    expect(error).toMatchObject({ delivered: 'unknown', retryable: false })
    transport.tellLate(outcome)
    expect(events.map(({ type }) => type)).toEqual(['failed', 'late-reply'])
    expect(events[1]).toMatchObject({
      ...expected,
      transport: 'late()',
      messageId: error.messageId,
      envelope: { to: [BOB, CAROL, DAVE] },
      context: { order: 7 },
    })
    expect(mailer.stats).toMatchObject({ sent: 0, failed: 1 })
  })

  it.each([
    ['retry()', (inner: Transport) => retry(inner)],
    ['failover()', (inner: Transport) => failover(inner, memory())],
  ])('is passed on by %s', async (_name, wrapped) => {
    const types: string[] = []
    const transport = inDoubt()
    const mailer = new Mailer({ transport: wrapped(transport), observe: ({ type }) => void types.push(type) })
    await failureOf(mailer.send(three))
    transport.tellLate(delivered)
    expect(types).toEqual(['failed', 'late-reply'])
  })
})

describe('a late refusal is printed', () => {
  it.each<[string, Observer | undefined, boolean]>([
    ['where there is no observer', undefined, true],
    ['where the observer does not look at it', () => {}, true],
    [
      'where the observer fails over it',
      (event) => {
        throw new Error('broken', { cause: event.error })
      },
      true,
    ],
    ['and not where the observer took it', (event) => void event.error, false],
    [
      'and not where the observer took it in its own time',
      (event) => Promise.resolve().then(() => void event.error),
      false,
    ],
  ])('%s', async (_title, observe, isPrinted) => {
    const transport = inDoubt()
    const mailer = new Mailer({ transport, observe })
    await failureOf(mailer.send(three))
    transport.tellLate(refused)
    await new Promise((resolve) => setImmediate(resolve))
    expect(printed).toEqual(isPrinted ? [expect.stringMatching(/^loudmail: .*late reply.* body\/spam/)] : [])
  })

  it('a late delivery is not printed: nothing is wrong', async () => {
    const transport = inDoubt()
    await failureOf(new Mailer({ transport }).send(three))
    transport.tellLate(delivered)
    expect(printed).toEqual([])
  })
})

describe('a transport that settles after the send was given up', () => {
  /** A transport that ignores its signal. */
  const deaf = () => {
    const { promise, resolve, reject } = Promise.withResolvers<Delivery>()
    return { transport: { name: 'deaf()', send: () => promise }, resolve, reject }
  }

  it.each<[string, (of: ReturnType<typeof deaf>) => void, string]>([
    ['as delivered', ({ resolve }) => resolve(delivered), 'delivered'],
    ['as refused', ({ reject }) => reject(refused), 'body/spam'],
    ['by a bug', ({ reject }) => reject(new TypeError('bug')), 'submit/unexpected'],
    ['with nothing', ({ resolve }) => resolve(undefined as never), 'submit/unexpected'],
  ])('is reported once: %s', async (_how, settle, expected) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const heard: string[] = []
    const observe: Observer = ({ type, error }) => void heard.push(`${type} ${error?.code ?? 'delivered'}`)
    const subject = deaf()
    const sending = failureOf(
      new Mailer({ transport: subject.transport, deadlineMs: 50, observe }).send(three),
    )
    await vi.advanceTimersByTimeAsync(5_000)
    vi.useRealTimers()
    expect((await sending).code).toBe('submit/timeout')
    settle(subject)
    await vi.waitFor(() => expect(heard).toEqual(['failed submit/timeout', `late-reply ${expected}`]))
  })
})
