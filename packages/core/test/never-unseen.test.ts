import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  failover,
  Mailer,
  MailError,
  memory,
  retry,
  type MailEvent,
  type MessageInput,
  type Transport,
} from '../src/index.ts'
import { wrap } from '../src/transport.ts'

const hello: MessageInput = { from: 'ann@example.com', to: 'bob@example.com', subject: 'Hello', text: 'Hi' }

const refused = (): MailError => new MailError({ stage: 'connect', kind: 'connection-refused' })

/** A transport that calls the function for every send. */
const acting = (act: () => unknown): Transport => ({ name: 'acting()', send: async () => act() as never })

const failing = acting(() => {
  throw refused()
})

let printed: string[]
let warned: string[]
const onWarning = (warning: Error): void => void warned.push(warning.message)

beforeEach(() => {
  printed = []
  warned = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
  process.on('warning', onWarning)
})
afterEach(() => {
  process.off('warning', onWarning)
  vi.restoreAllMocks()
})

describe('a silenced failure that no observer took is printed', () => {
  const careless: [string, ConstructorParameters<typeof Mailer>[0]['observe']][] = [
    ['there is no observer', undefined],
    ['the list of observers is empty', []],
    ['the observer looks at successes alone', (event) => void (event.type === 'sent')],
    [
      'the observer throws before it looks',
      () => {
        throw new Error('broken')
      },
    ],
    [
      'the observer throws after it looked',
      (event) => {
        throw event.error ?? new Error('broken')
      },
    ],
    ['the observer rejects', async (event) => Promise.reject(event.error ?? new Error('broken'))],
    [
      'the observer throws something that cannot be printed',
      () => {
        throw Object.create(null)
      },
    ],
  ]
  for (const [title, observe] of careless) {
    it(title, async () => {
      const mailer = new Mailer({ transport: failing, failure: 'silent', observe })
      const receipt = await mailer.send(hello)
      expect(receipt).toMatchObject({ ok: false, state: 'failed', silenced: true })
      expect(receipt.error?.code).toBe('connect/connection-refused')
      await vi.waitFor(() => expect(printed).toHaveLength(1))
      expect(printed[0]).toMatch(
        /^loudmail: silenced connect\/connection-refused: .* - Check the host and port/,
      )
      expect(mailer.stats).toMatchObject({ sent: 0, failed: 1, silenced: 1, lastFailure: receipt.error })
    })
  }

  it('not if one of several observers took it', async () => {
    const seen: MailEvent[] = []
    const throws = (): never => {
      throw new Error('broken')
    }
    const observe = [throws, (event: MailEvent) => void (event.error && seen.push(event))]
    await new Mailer({ transport: failing, failure: 'silent', observe }).send(hello)
    expect(seen.map((event) => event.type)).toEqual(['failed'])
    expect(printed).toEqual([])
    await vi.waitFor(() => expect(warned).toContain('an observer threw: Error: broken'))
  })

  it('not if an observer that returns a promise took it', async () => {
    const observe = async (event: MailEvent): Promise<void> => void event.error
    await new Mailer({ transport: failing, failure: 'silent', observe }).send(hello)
    await new Promise((resolve) => setImmediate(resolve))
    expect(printed).toEqual([])
  })

  it('printing, serialising or spreading the event takes it', async () => {
    const { inspect } = await import('node:util')
    for (const look of [inspect, JSON.stringify, (event: MailEvent) => ({ ...event })]) {
      await new Mailer({ transport: failing, failure: 'silent', observe: (event) => void look(event) }).send(
        hello,
      )
    }
    expect(printed).toEqual([])
  })
})

describe('a silent send never rejects, and its receipt says what happened', () => {
  const closed = async (): Promise<Mailer> => {
    const mailer = new Mailer({ transport: memory(), failure: 'silent' })
    await mailer.close()
    return mailer
  }
  const silent = (transport: Transport): Mailer => new Mailer({ transport, failure: 'silent' })
  const wrong = (input: unknown): Promise<unknown> => silent(memory()).send(input as MessageInput)
  const hostile = Object.defineProperty({}, 'to', {
    enumerable: true,
    get: () => {
      throw new Error('getter')
    },
  })
  const cases: [string, string, () => Promise<unknown>][] = [
    ['the message is missing', 'compose/invalid-message', () => wrong(undefined)],
    ['the message is null', 'compose/invalid-message', () => wrong(null)],
    ['the message is a string', 'compose/invalid-message', () => wrong('hello')],
    ['the message has an unknown field', 'compose/invalid-message', () => wrong({ ...hello, body: 'x' })],
    ['the subject is a number', 'compose/invalid-message', () => wrong({ ...hello, subject: 42 })],
    ['the subject is null', 'compose/invalid-message', () => wrong({ ...hello, subject: null })],
    ['the recipient is a number', 'compose/invalid-address', () => wrong({ ...hello, to: 42 })],
    [
      'a recipient in the list is missing',
      'compose/invalid-address',
      () => wrong({ ...hello, to: [undefined] }),
    ],
    ['the attachments are no list', 'compose/invalid-message', () => wrong({ ...hello, attachments: {} })],
    ['the headers are no object', 'compose/invalid-message', () => wrong({ ...hello, headers: 'X: 1' })],
    ['the envelope is a string', 'compose/invalid-message', () => wrong({ ...hello, envelope: 'x' })],
    ['the date is a string', 'compose/invalid-message', () => wrong({ ...hello, date: 'today' })],
    ['a getter of the message throws', 'compose/invalid-message', () => wrong(hostile)],
    ['the sender is missing', 'compose/invalid-address', () => wrong({ to: 'bob@example.com' })],
    ['nobody is to have it', 'compose/no-recipients', () => wrong({ from: 'ann@example.com' })],
    [
      'the subject holds a line break',
      'compose/header-injection',
      () => wrong({ ...hello, subject: 'a\r\nBcc: x@y.example' }),
    ],
    [
      'the policy of this send does not exist',
      'config/invalid-config',
      () => silent(memory()).send(hello, { failure: 'quiet' as never }),
    ],
    [
      'the signal of this send is none',
      'config/invalid-config',
      () => silent(memory()).send(hello, { signal: {} as never }),
    ],
    [
      'the options of this send are null',
      'config/invalid-config',
      () => silent(memory()).send(hello, null as never),
    ],
    ['the mailer was closed', 'queue/pool-closed', async () => (await closed()).send(hello)],
    [
      'it was aborted before',
      'queue/aborted',
      () => silent(memory()).send(hello, { signal: AbortSignal.abort() }),
    ],
    [
      'its time was over before',
      'queue/timeout',
      () => silent(memory()).send(hello, { signal: AbortSignal.abort(new DOMException('', 'TimeoutError')) }),
    ],
    [
      'the transport throws a string',
      'submit/unexpected',
      () =>
        silent(
          acting(() => {
            throw 'no'
          }),
        ).send(hello),
    ],
    [
      'the transport throws nothing',
      'submit/unexpected',
      () =>
        silent(
          acting(() => {
            throw undefined
          }),
        ).send(hello),
    ],
    [
      'the transport throws what cannot be printed',
      'submit/unexpected',
      () =>
        silent(
          acting(() => {
            throw Object.create(null)
          }),
        ).send(hello),
    ],
    [
      'the transport throws an error',
      'submit/unexpected',
      () =>
        silent(
          acting(() => {
            throw new TypeError('x')
          }),
        ).send(hello),
    ],
    [
      'the transport throws synchronously',
      'submit/unexpected',
      () =>
        silent({
          name: 'x',
          send() {
            throw new Error('now')
          },
        }).send(hello),
    ],
    ['the transport returns nothing', 'submit/unexpected', () => silent(acting(() => undefined)).send(hello)],
    [
      'the transport returns nonsense',
      'submit/unexpected',
      () => silent(acting(() => ({ state: 'maybe' }))).send(hello),
    ],
  ]
  for (const [title, code, send] of cases) {
    it(title, async () => {
      const receipt = (await send()) as Awaited<ReturnType<Mailer['send']>>
      expect(receipt.ok).toBe(false)
      expect(receipt.error?.code).toBe(code)
      expect(receipt.error?.hint).not.toBe('')
      expect(printed).toHaveLength(1)
    })
  }

  it('it is unknown what a broken transport did with the message, so it is never tried again', async () => {
    let calls = 0
    const broken = acting(() => {
      calls++
      throw new TypeError('bug')
    })
    const transport = retry(failover(broken, memory()), { delayMs: 1 })
    const receipt = await new Mailer({ transport, failure: 'silent' }).send(hello)
    expect(calls).toBe(1)
    expect(receipt.error).toMatchObject({ delivered: 'unknown', permanence: 'unknown', retryable: false })
    expect(receipt.error?.recipients).toEqual([{ address: 'bob@example.com', status: 'unknown' }])
  })
})

describe('a loud failure is thrown after it was observed', () => {
  const answers: [string, unknown][] = [
    ['loud', 'loud'],
    ['a function that answers loud', () => 'loud'],
    [
      'a function that throws',
      () => {
        throw new Error('policy')
      },
    ],
    ['a function that answers nonsense', () => 'maybe'],
    ['a function that answers nothing', () => undefined],
    ['a function that answers a promise of silence', async () => 'silent'],
  ]
  for (const [title, failure] of answers) {
    it(title, async () => {
      const order: string[] = []
      const mailer = new Mailer({
        transport: failing,
        failure: failure as never,
        observe: (event) => void order.push(`observed ${event.type} ${mailer.stats.failed}`),
      })
      const error = await mailer.send(hello).catch((thrown: unknown) => (order.push('thrown'), thrown))
      expect(MailError.is(error)).toBe(true)
      expect(order).toEqual(['observed failed 1', 'thrown'])
      expect(printed).toEqual([])
    })
  }

  it('a send can be silent under a loud mailer and loud under a silent one', async () => {
    const loud = new Mailer({ transport: failing })
    expect((await loud.send(hello, { failure: 'silent' })).ok).toBe(false)
    const silent = new Mailer({ transport: failing, failure: 'silent' })
    await expect(silent.send(hello, { failure: 'loud' })).rejects.toMatchObject({
      code: 'connect/connection-refused',
    })
  })
})

describe('a failure from which a later attempt recovered', () => {
  const onceFailing = (): Transport => {
    let calls = 0
    return acting(() => {
      if (calls++ === 0) throw refused()
      return { transport: 'acting()', state: 'sent', failures: [] }
    })
  }
  const good: [string, () => Transport][] = [
    ['by failover', () => failover(failing, memory())],
    ['by retry', () => retry(onceFailing(), { delayMs: 1 })],
    [
      'by a wrapper that tells nobody',
      () =>
        wrap('quiet', memory(), async () => ({ transport: 'quiet()', state: 'sent', failures: [refused()] })),
    ],
  ]
  for (const [title, make] of good) {
    it(`${title} is counted, reported, in the receipt, and printed if nobody took it`, async () => {
      const mailer = new Mailer({ transport: make() })
      const receipt = await mailer.send(hello)
      expect(receipt.ok).toBe(true)
      expect(receipt.failures.map((failure) => failure.code)).toEqual(['connect/connection-refused'])
      expect(mailer.stats).toMatchObject({ sent: 1, failed: 0, attemptsFailed: 1 })
      expect(printed).toEqual([
        expect.stringMatching(/^loudmail: the message was sent, but connect\/connection-refused/),
      ])

      const seen: string[] = []
      await new Mailer({
        transport: make(),
        observe: (event) => void seen.push(`${event.type} ${event.error?.code ?? ''}`),
      }).send(hello)
      expect(seen).toEqual(['attempt-failed connect/connection-refused', 'sent '])
      expect(printed).toHaveLength(1)
    })
  }

  it('is reported at once, before the next attempt', async () => {
    const order: string[] = []
    const second: Transport = {
      name: 'second()',
      send: async () => (order.push('second'), { transport: 'second()', state: 'sent', failures: [] }),
    }
    const mailer = new Mailer({
      transport: failover(failing, second),
      observe: (event) => void order.push(event.type),
    })
    await mailer.send(hello)
    expect(order).toEqual(['attempt-failed', 'second', 'sent'])
  })
})
