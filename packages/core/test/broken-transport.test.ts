import { describe, expect, it } from 'vitest'
import { Mailer, MailError, retry, type Delivery, type Message, type Transport } from '../src/index.ts'
import { toMessage } from '../src/transport.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  failureOf,
  noSuchUser,
  notAttempted,
  three,
  unknown,
} from './scripted.ts'

const acting = (act: (message: Message) => unknown): Transport => ({
  name: 'acting()',
  send: (message) => act(message) as Promise<Delivery>,
})

/** The failure as a wrapper, and everything after it, sees it. */
const failureFrom = (act: (message: Message) => unknown, message = toMessage(three)): Promise<MailError> =>
  failureOf(retry(acting(act), { attempts: 1 }).send(message))

const throwing = (thrown: unknown) => (): never => {
  throw thrown
}

describe('whatever a transport throws, the send fails with a MailError that says it may have been delivered', () => {
  it.each<[string, () => unknown, string]>([
    ['an error', () => Promise.reject(new RangeError('no room')), 'RangeError: no room'],
    ['an error, at once', throwing(new RangeError('no room')), 'RangeError: no room'],
    ['a string', () => Promise.reject('no room'), 'it threw no room'],
    ['a number', throwing(7), 'it threw 7'],
    ['nothing', () => Promise.reject(), 'it threw undefined'],
    ['null', throwing(null), 'it threw null'],
    ['a symbol', throwing(Symbol('x')), 'it threw Symbol(x)'],
    [
      'something that cannot be printed',
      throwing(Object.create(null)),
      'it threw something that cannot be printed',
    ],
  ])('%s', async (_what, act, words) => {
    const message = toMessage(three)
    const error = await failureFrom(act, message)
    expect(error).toMatchObject({
      code: 'submit/unexpected',
      delivered: 'unknown',
      permanence: 'unknown',
      retryable: false,
      transport: 'acting()',
      messageId: message.messageId,
      recipients: [unknown(BOB), unknown(CAROL), unknown(DAVE)],
    })
    expect(error.summary).toContain(words)
  })

  it('the cause is kept', async () => {
    const { cause } = await failureFrom(throwing(new RangeError('no room')))
    expect(cause).toMatchObject({ name: 'RangeError', message: 'no room' })
  })
})

describe('what a transport returns is not a delivery', () => {
  it.each<[string, unknown]>([
    ['where it is nothing', undefined],
    ['where it is null', null],
    ['where it is a string', 'sent'],
    ['where it is a function', () => 'sent'],
    ['where it has no state', { transport: 'acting()', failures: [] }],
    ['where its state is none that there is', { transport: 'acting()', state: 'delivered', failures: [] }],
  ])('%s', async (_title, returned) => {
    const error = await failureFrom(async () => returned)
    expect(error).toMatchObject({ code: 'submit/unexpected', delivered: 'unknown', retryable: false })
    expect(error.cause).toMatchObject({ name: 'TypeError', message: expect.stringContaining('no delivery') })
  })
})

describe('a delivery is accepted', () => {
  it.each(['sent', 'queued', 'captured', 'discarded'])('if its state is %s', async (state) => {
    const transport = acting(async () => ({ transport: 'acting()', state, failures: [] }))
    expect(await new Mailer({ transport }).send(three)).toMatchObject({ ok: true, state })
  })

  it.each([
    ['without a list of failures', undefined],
    ['with something else for a list of failures', 'none'],
  ])('%s', async (_title, failures) => {
    const transport = acting(async () => ({ transport: 'acting()', state: 'sent', failures }))
    expect(await new Mailer({ transport }).send(three)).toMatchObject({ ok: true, failures: [] })
  })

  it('if the transport is not asynchronous', async () => {
    const transport = acting(() => ({ transport: 'acting()', state: 'sent', failures: [] }))
    expect((await new Mailer({ transport }).send(three)).ok).toBe(true)
  })
})

describe('an incomplete failure is completed', () => {
  const base = {
    stage: 'data',
    kind: 'server-error',
    transport: 'inner()',
    messageId: '<x@example.com>',
  } as const
  const whole = [accepted(BOB), noSuchUser(CAROL), notAttempted(DAVE)]

  it('only if necessary: a complete failure is thrown as it is', async () => {
    const error = new MailError({ ...base, recipients: whole })
    expect(await failureFrom(throwing(error))).toBe(error)
  })

  it.each([
    [
      'nobody is named: nobody was attempted',
      {},
      [notAttempted(BOB), notAttempted(CAROL), notAttempted(DAVE)],
    ],
    [
      'one is named: the others were not attempted',
      { recipients: [noSuchUser(CAROL)] },
      [noSuchUser(CAROL), notAttempted(BOB), notAttempted(DAVE)],
    ],
    [
      'one is named, who may have it: so may the others',
      { recipients: [unknown(CAROL)] },
      [unknown(CAROL), unknown(BOB), unknown(DAVE)],
    ],
    [
      'nobody is named, and it may have gone out: anybody may have it',
      { delivered: 'unknown' } as const,
      [unknown(BOB), unknown(CAROL), unknown(DAVE)],
    ],
  ])('%s', async (_title, facts, recipients) => {
    expect((await failureFrom(throwing(new MailError({ ...base, ...facts })))).recipients).toEqual(recipients)
  })

  it.each([
    [
      'an address is written in lower case: it is the one of the envelope',
      [accepted('bob.x@example.com'), noSuchUser(CAROL)],
      [accepted('Bob.X@Example.com'), noSuchUser(CAROL)],
    ],
    [
      'an address is of nobody in the envelope: it is left out',
      [noSuchUser('Bob.X@Example.com'), noSuchUser(CAROL), accepted(DAVE)],
      [noSuchUser('Bob.X@Example.com'), noSuchUser(CAROL)],
    ],
    [
      'somebody who is not in the envelope has it: who is not named may have it',
      [noSuchUser(CAROL), accepted('bobx@example.com')],
      [noSuchUser(CAROL), unknown('Bob.X@Example.com')],
    ],
  ])('%s', async (_title, said, recipients) => {
    const message = toMessage({ ...three, to: ['Bob.X@Example.com', CAROL] })
    const error = await failureFrom(throwing(new MailError({ ...base, recipients: said })), message)
    expect(error.recipients).toEqual(recipients)
    expect(error.delivered).toBe(new MailError({ ...base, recipients }).delivered)
  })

  it('and the rest stays the same', async () => {
    const error = new MailError({
      ...base,
      recipients: [accepted(BOB)],
      permanence: 'permanent',
      delivered: 'none',
      hint: 'Ask the operator.',
      summary: 'the disk is full',
    })
    const { code, permanence, delivered, hint, summary, transport, messageId } = error
    const facts = { code, permanence, delivered, hint, summary, transport, messageId }
    expect(await failureFrom(throwing(error))).toMatchObject({ ...facts, retryable: false })
  })

  it.each(['messageId', 'transport'] as const)('if its %s is missing', async (field) => {
    const message = toMessage(three)
    const error = new MailError({ ...base, recipients: whole, [field]: undefined })
    const others = field === 'messageId' ? { transport: 'inner()' } : { messageId: '<x@example.com>' }
    expect(await failureFrom(throwing(error), message)).toMatchObject({
      recipients: whole,
      [field]: field === 'messageId' ? message.messageId : 'acting()',
      ...others,
    })
  })

  it('if its message can be read only once: it cannot be tried again', async () => {
    const content = (async function* () {
      yield 'content'
    })()
    const message = toMessage({ ...three, attachments: [{ content }] })
    const error = new MailError({ ...base, recipients: whole.slice(2) })
    const read = (sent: Message): never => {
      if (!sent.raw) void sent.attachments[0]!.open()[Symbol.asyncIterator]().next()
      throw error
    }
    expect((await failureFrom(throwing(error), message)).retryable).toBe(true)
    expect(await failureFrom(read, message)).toMatchObject({ ...base, retryable: false })
  })
})
