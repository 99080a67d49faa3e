import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  failover,
  Mailer,
  MailError,
  memory,
  retry,
  type MailEvent,
  type MessageInput,
  type Observer,
  type SendOptions,
  type Transport,
  type TransportContext,
} from '../src/index.ts'
import { failAll, tellFailed, tellLate, tellTrace, toMessage } from '../src/transport.ts'

const hello: MessageInput = { from: 'ann@example.com', to: 'bob@example.com', subject: 'Hello', text: 'Hi' }
const reply = { protocol: 'smtp', code: 550, enhanced: '5.1.1', text: 'No such user' } as const
const entry = { from: 'server', text: '250 Ok', atMs: 1, connection: 'c1', sequence: 0 } as const

/** A transport that reports everything it can. */
const delivering: Transport = {
  name: 'delivering()',
  send: async () => ({
    transport: 'delivering()',
    state: 'sent',
    response: '250 Ok',
    failures: [new MailError({ stage: 'connect', kind: 'timeout' })],
    transcript: { entries: [{ ...entry }] },
  }),
}

const failing: Transport = {
  name: 'failing()',
  async send({ messageId }) {
    throw new MailError({
      stage: 'rcpt-to',
      kind: 'mailbox-unknown',
      messageId,
      reply: { ...reply },
      recipients: [
        { address: 'bob@example.com', status: 'rejected', permanence: 'permanent', reply: { ...reply } },
      ],
      failures: [new MailError({ stage: 'connect', kind: 'timeout' })],
      transcript: { entries: [{ ...entry }] },
      cause: new Error('the cause', { cause: new Error('the cause of that') }),
    })
  },
}

/** Fails for now. */
const passing: Transport = {
  name: 'passing()',
  async send(message) {
    throw failAll(message, 'not-attempted', { stage: 'connect', kind: 'timeout' })
  },
}

/** Settles as unknown, and reports the outcome later. */
const late: Transport = {
  name: 'late()',
  async send(message, context) {
    setImmediate(() =>
      context?.late?.({
        transport: 'late()',
        state: 'sent',
        failures: [],
        transcript: { entries: [{ ...entry }] },
      }),
    )
    throw failAll(message, 'unknown', { stage: 'body', kind: 'timeout' })
  },
}

/** Overwrites, deletes and adds whatever it can, at every depth. */
function vandalise(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (value instanceof Date) value.setTime(0)
  for (const key of Reflect.ownKeys(value)) {
    if (key === 'stack') continue
    const inner: unknown = Reflect.get(value, key)
    vandalise(inner, seen)
    Reflect.set(value, key, 'vandalised')
    if (key !== 'length') Reflect.defineProperty(value, key, { value: 'vandalised' })
    Reflect.deleteProperty(value, key)
  }
  for (const method of ['toJSON', inspect.custom, 'with', 'push', 'map', 'every'])
    Reflect.set(value, method, () => 'vandalised')
  Reflect.setPrototypeOf(value, null)
}

/** Everything visible of a value. Stacks differ from one send to the next. */
function shown(value: unknown): string {
  const text = inspect(value, { depth: 10, compact: false }) + JSON.stringify(value)
  return text.replaceAll(/\n\s+(?:at|\.{3}) .*/g, '')
}

let warned: string[]
const onWarning = (warning: Error): void => void warned.push(warning.message)

beforeEach(() => {
  warned = []
  process.on('warning', onWarning)
})
afterEach(() => {
  process.off('warning', onWarning)
  vi.restoreAllMocks()
})

describe('no observer can change what others receive', () => {
  it.each([
    ['a delivery', delivering],
    ['a failure', failing],
    ['a failure that a later attempt recovers from', failover([passing, delivering], { skipMs: 0 })],
    ['a failure that is tried again', retry(passing, { attempts: 2, delayMs: 0 })],
    ['a late reply', late],
    ['a message that nothing is known of', memory()],
  ])('%s', async (_what, transport) => {
    const told = async (first: Observer): Promise<string[]> => {
      const seen: string[] = []
      vi.spyOn(performance, 'now').mockReturnValue(0)
      vi.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000)
      const mailer = new Mailer({
        transport,
        failure: (error) => (seen.push(`policy ${shown(error.toJSON())}`), 'silent'),
        observe: [first, (event) => void seen.push(shown(event))],
      })
      const context = { request: 'r1' }
      const receipt = await mailer.send({ ...hello, messageId: '1@example.com' }, { context })
      await new Promise((resolve) => setImmediate(resolve))
      return [...seen, shown(receipt), shown(context), shown(mailer.stats)]
    }
    const untouched = await told((event) => void event.error)
    expect(await told(vandalise)).toEqual(untouched)
    expect(untouched.join('\n')).toContain('2023-11-14T22:13:20.000Z')
  })

  it('events and receipts are frozen', async () => {
    const events: MailEvent[] = []
    for (const transport of [delivering, failing, late]) {
      const observe = (event: MailEvent): void => void (event.error, events.push(event))
      const receipt = await new Mailer({ transport, failure: 'silent', observe }).send(hello)
      expect(receipt).toSatisfy(Object.isFrozen)
    }
    expect(events.map((event) => [event.type, Object.isFrozen(event)])).toEqual([
      ['attempt-failed', true],
      ['sent', true],
      ['attempt-failed', true],
      ['failed', true],
      ['failed', true],
    ])
  })

  it('a changed version of a failure can still be made, and shares what is frozen already', () => {
    const recipients = [{ address: 'bob@example.com', status: 'unknown', reply: { ...reply } }] as const
    const error = new MailError({ stage: 'body', kind: 'timeout', recipients, reply: { ...reply } })
    vandalise(error)
    const other = error.with({ transport: 'other()', recipients: error.recipients })
    expect(other.recipients[0]).toBe(error.recipients[0])
    expect(other.reply).toBe(error.reply)
  })

  it('the error that the caller catches says the same', async () => {
    const mailer = new Mailer({ transport: failing, observe: vandalise })
    const error = (await mailer.send(hello).catch((thrown: unknown) => thrown)) as MailError
    const { code, message, delivered, permanence, recipients, failures, transcript } = error
    expect([code, delivered, permanence]).toEqual(['rcpt-to/mailbox-unknown', 'none', 'permanent'])
    expect(message).toContain('the mailbox does not exist: 550 5.1.1 No such user')
    expect(recipients).toMatchObject([{ address: 'bob@example.com', status: 'rejected', reply }])
    expect(failures.map((failure) => failure.code)).toEqual(['connect/timeout'])
    expect(transcript).toEqual({ entries: [entry] })
    expect(inspect(error.cause)).toMatch(/^Error: the cause\n[^]*cause: Error: the cause of that\n/)
  })

  it('a failure does not change if a transport changes its lists later', () => {
    const recipients = [{ address: 'bob@example.com', status: 'rejected', reply: { ...reply } }] as const
    const transcript = { entries: [{ ...entry }] }
    const error = new MailError({ stage: 'rcpt-to', kind: 'mixed', recipients, transcript })
    Reflect.set(recipients[0], 'status', 'accepted')
    Reflect.set(recipients[0].reply, 'text', 'Ok')
    Reflect.set(transcript.entries[0]!, 'text', 'Ok')
    expect(error).toMatchObject({
      recipients: [{ status: 'rejected', reply }],
      transcript: { entries: [entry] },
    })
  })

  it("the caller's context and options are not changed", async () => {
    const events: MailEvent[] = []
    const context: Record<string, unknown> = { request: 'r1' }
    const options: SendOptions = { context, failure: 'silent' }
    const mailer = new Mailer({
      transport: failing,
      observe: (event) => void (event.error && events.push(event)),
    })
    const sending = mailer.send(hello, options)
    context.request = 'r2'
    Object.assign(options, { failure: 'loud' })
    expect((await sending).ok).toBe(false)
    expect(events.map((event) => event.context)).toEqual([{ request: 'r1' }, { request: 'r1' }])
    expect(Object.isFrozen(context)).toBe(false)
  })

  it('an error can still get a stack, or a property of a framework', () => {
    const error = new MailError({ stage: 'connect', kind: 'timeout' })
    error.stack = 'another'
    Object.assign(error, { status: 503 })
    expect(error).toMatchObject({ stack: 'another', status: 503 })
    expect(() => Object.assign(error, { message: 'all is well' })).toThrow(TypeError)
  })
})

describe('an observer that fails', () => {
  const fails: [string, unknown, string | undefined][] = [
    [
      'throws',
      () => {
        throw new Error('broken')
      },
      'an observer threw: Error: broken',
    ],
    [
      'rejects',
      async () => {
        throw new Error('broken')
      },
      'an observer rejected: Error: broken',
    ],
    [
      'answers a thenable whose then throws',
      () => ({
        then() {
          throw new Error('broken')
        },
      }),
      'an observer rejected: Error: broken',
    ],
    [
      'answers something whose then cannot be read',
      () => ({
        get then() {
          throw new Error('broken')
        },
      }),
      'an observer threw: Error: broken',
    ],
    [
      'answers a function that is thenable',
      () =>
        Object.assign(() => {}, { then: (_: unknown, no: (e: Error) => void) => no(new Error('broken')) }),
      'an observer rejected: Error: broken',
    ],
    [
      'throws what cannot be printed',
      () => {
        throw Object.create(null)
      },
      'an observer threw: something that cannot be printed',
    ],
    ['answers nothing', () => undefined, undefined],
  ]
  it.each(fails)('that %s does not break a send', async (_what, observe, warning) => {
    const mailer = new Mailer({ transport: memory(), observe: observe as Observer })
    expect((await mailer.send(hello)).ok).toBe(true)
    await new Promise((resolve) => setImmediate(resolve))
    await vi.waitFor(() => expect(warned).toEqual(warning === undefined ? [] : [warning]))
  })
})

describe('other functions that somebody else wrote', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
      'threw',
    ],
    [
      'rejects',
      async () => {
        throw new Error('broken')
      },
      'rejected',
    ],
  ])('a policy that %s is loud and costs a process warning', async (_what, failure, how) => {
    const mailer = new Mailer({ transport: failing, failure: failure as never })
    await expect(mailer.send(hello)).rejects.toMatchObject({ kind: 'mailbox-unknown' })
    await vi.waitFor(() => expect(warned).toEqual([`the failure policy ${how}: Error: broken`]))
  })

  it.each([
    ['failover', failover(passing, memory())],
    ['retry', retry(passing, { attempts: 2, delayMs: 0 })],
  ])('a context.failed() that throws does not break %s()', async (_wrapper, transport) => {
    let calls = 0
    const failed = (): never => {
      calls++
      throw new Error('broken')
    }
    const outcome = await transport.send(toMessage(hello), { failed }).catch((thrown: unknown) => thrown)
    expect(outcome).toHaveProperty(transport.name.startsWith('retry') ? 'code' : 'state')
    expect(calls).toBe(1)
    await vi.waitFor(() => expect(warned).toEqual(['context.failed() threw: Error: broken']))
  })

  it.each<[string, (context: TransportContext) => void]>([
    ['failed()', (context) => tellFailed(context, new MailError({ stage: 'connect', kind: 'timeout' }))],
    ['late()', (context) => tellLate(context, new MailError({ stage: 'body', kind: 'timeout' }))],
    ['trace.add()', (context) => tellTrace(context, { entries: [] })],
  ])('a context.%s that throws does not break a transport', async (name, tell) => {
    const throws = (): never => {
      throw new Error('broken')
    }
    tell({ failed: throws, late: throws, trace: { add: throws } })
    tell({})
    await vi.waitFor(() => expect(warned).toEqual([`context.${name} threw: Error: broken`]))
  })

  it('a late report that is not valid is ignored', async () => {
    const transport: Transport = {
      name: 'nonsense()',
      async send(_message, context) {
        for (const nonsense of [undefined, null, 'sent', {}, { state: 'sent' }])
          context?.late?.(nonsense as never)
        return { transport: 'nonsense()', state: 'sent', failures: [] }
      },
    }
    const types: string[] = []
    const mailer = new Mailer({ transport, observe: ({ type }) => void types.push(type) })
    expect((await mailer.send(hello)).ok).toBe(true)
    await vi.waitFor(() => expect(types).toEqual(['sent', 'late-reply']))
  })
})
