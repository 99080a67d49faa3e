import { describe, expect, it } from 'vitest'
import { MailError, type Delivery, type Kind, type Message, type RecipientOutcome } from '../src/index.ts'
import { CombinedOutcome } from '../src/wrappers/combined-outcome.ts'
import {
  accepted,
  BOB,
  CAROL,
  DAVE,
  greylisted,
  noSuchUser,
  notAttempted,
  toThree,
  unknown,
} from './scripted.ts'

const message = toThree()
const delivered: Delivery = { transport: 'backup()', state: 'sent', response: '250 Ok', failures: [] }

const fails = (kind: Kind, ...recipients: RecipientOutcome[]): MailError =>
  new MailError({ stage: 'rcpt-to', kind, recipients, transport: 'first()' })

/** The outcome of several attempts, each for some of the recipients. */
function combined(...tries: [sent: Message, result: Delivery | MailError][]): Delivery | MailError {
  const outcome = new CombinedOutcome('both()')
  for (const [sent, result] of tries) outcome.add(sent, result)
  try {
    return outcome.finish()
  } catch (error) {
    return error as MailError
  }
}

const failure = (...tries: Parameters<typeof combined>): MailError => {
  const result = combined(...tries)
  if (MailError.is(result)) return result
  throw new TypeError('this was to fail')
}

describe('how long those wait who are left', () => {
  const asked = (ms: number | undefined): RecipientOutcome => ({
    ...greylisted(CAROL),
    ...(ms !== undefined && { retryAfterMs: ms }),
    reply: { protocol: 'smtp', code: 450, text: 'Greylisted for 7 seconds' },
  })
  it.each<[first: number, last: number, one: number, several: number | undefined]>([
    [300, 60, 60, 60],
    [60, 300, 300, 60],
    // One of the ways is free at once.
    [0, 60, 60, undefined],
    [60, 0, undefined!, undefined],
  ])('%s ms, then %s ms', (first, last, one, several) => {
    const waitOf = (ways: 'one' | 'several'): MailError => {
      const outcome = new CombinedOutcome('both()', ways)
      outcome.add(message.forRecipients([CAROL]), fails('greylisted', asked(first)))
      outcome.add(message.forRecipients([CAROL]), fails('greylisted', asked(last)))
      try {
        outcome.finish()
      } catch (error) {
        return error as MailError
      }
      throw new TypeError('this was to fail')
    }
    expect(waitOf('one').retryAfterMs).toBe(one)
    expect(waitOf('several').retryAfterMs).toBe(several)
    expect(waitOf('several').with({ transport: 'other()' }).retryAfterMs).toBe(several)
  })
})

describe('the last attempt decides for every recipient', () => {
  const carol = message.forRecipients([CAROL])
  it.each<[string, RecipientOutcome, RecipientOutcome]>([
    ['greylisted, then without a mailbox', greylisted(CAROL), noSuchUser(CAROL)],
    ['greylisted, then greylisted again', greylisted(CAROL), greylisted(CAROL)],
    ['not attempted, then unknown', notAttempted(CAROL), unknown(CAROL)],
    ['greylisted, then accepted beside a failure', greylisted(CAROL), accepted(CAROL)],
    ['unknown, then accepted beside a failure', unknown(CAROL), accepted(CAROL)],
  ])('%s', (_title, first, last) => {
    const error = failure(
      [message, fails('mixed', accepted(BOB), first, noSuchUser(DAVE))],
      [carol, fails('mixed', last)],
    )
    expect(error.recipients).toEqual([accepted(BOB), last, noSuchUser(DAVE)])
  })

  it.each([notAttempted, greylisted, noSuchUser])(
    'but one who may have the message still may (%#)',
    (last) => {
      const error = failure(
        [message, fails('mixed', accepted(BOB), unknown(CAROL), noSuchUser(DAVE))],
        [carol, fails('mixed', last(CAROL))],
      )
      expect(error.recipients).toEqual([accepted(BOB), unknown(CAROL), noSuchUser(DAVE)])
      expect(error).toMatchObject({ delivered: 'unknown', retryable: false })
    },
  )

  it('greylisted, then delivered', () => {
    const error = failure(
      [message, fails('mixed', accepted(BOB), greylisted(CAROL), noSuchUser(DAVE))],
      [carol, delivered],
    )
    expect(error.recipients).toEqual([accepted(BOB), accepted(CAROL), noSuchUser(DAVE)])
    expect(error).toMatchObject({ delivered: 'some', permanence: 'permanent', retryable: false })
  })
})

describe('when every recipient has the message', () => {
  it('the delivery is that of the last attempt, with the earlier failures in order', () => {
    const first = fails('connection-lost', notAttempted(BOB), notAttempted(CAROL), notAttempted(DAVE))
    const second = fails('greylisted', accepted(BOB), greylisted(CAROL), accepted(DAVE))
    const inner = fails('timeout', notAttempted(CAROL))
    const last = { ...delivered, failures: [inner] }
    const result = combined([message, first], [message, second], [message.forRecipients([CAROL]), last])
    expect(result).toEqual({ ...delivered, failures: [first, second, inner] })
  })

  it('only a delivery counts: a failure in which every recipient accepted is still a failure', () => {
    const odd = fails('unexpected', accepted(BOB), accepted(CAROL), accepted(DAVE))
    expect(failure([message, odd])).toBe(odd)
    expect(failure([message, fails('greylisted', greylisted(BOB))], [message, odd])).toMatchObject({
      kind: 'unexpected',
      failures: [{ kind: 'greylisted' }, { kind: 'unexpected' }],
    })
  })
})

describe('the failure that is thrown', () => {
  const lost = fails('connection-lost', unknown(BOB), notAttempted(CAROL))
  const busy = fails('service-unavailable', notAttempted(CAROL))

  it('is the only one, unchanged', () => expect(failure([message, busy])).toBe(busy))

  it('is the newest, although another recipient was refused before', () => {
    const error = failure(
      [message, fails('mixed', noSuchUser(BOB), greylisted(CAROL), accepted(DAVE))],
      [message.forRecipients([CAROL]), fails('server-error', notAttempted(CAROL))],
    )
    expect(error.kind).toBe('server-error')
  })

  it('is the newest', () => {
    const error = failure([message, fails('timeout', notAttempted(CAROL))], [message, busy])
    expect(error.code).toBe('rcpt-to/service-unavailable')
  })

  it('is the one after which a recipient may have the message, even if it is not the newest', () => {
    const error = failure([message, lost], [message.forRecipients([CAROL]), busy])
    expect(error).toMatchObject({
      code: 'rcpt-to/connection-lost',
      delivered: 'unknown',
      recipients: [unknown(BOB), notAttempted(CAROL)],
    })
  })

  it('is not one that a later attempt recovered from', () => {
    const carol = message.forRecipients([CAROL])
    const refused = fails('mixed', accepted(BOB), greylisted(CAROL), noSuchUser(DAVE))
    const away = new MailError({
      stage: 'connect',
      kind: 'timeout',
      recipients: [notAttempted(CAROL)],
    })
    const error = failure([message, refused], [carol, away], [carol, delivered])
    expect(error.code).toBe('rcpt-to/mailbox-unknown')
  })

  it('includes all attempts: their failures in order, and the name of the wrapper', () => {
    const error = failure([message, lost], [message.forRecipients([CAROL]), busy])
    expect(error.failures).toEqual([lost, busy])
    expect(error.transport).toBe('both()')
    const partly = failure([message, lost], [message.forRecipients([CAROL]), delivered])
    expect(partly.failures).toEqual([lost])
    expect(partly).toMatchObject({ transport: 'both()', recipients: [unknown(BOB), accepted(CAROL)] })
  })

  it('shows the conversations of all attempts', () => {
    const said = (text: string): MailError =>
      busy.with({
        transcript: { entries: [{ from: 'client', text, atMs: 0, connection: text, sequence: 0 }] },
      })
    const error = failure([message, said('one')], [message, said('two')])
    expect(error.transcript?.entries.map(({ text }) => text)).toEqual(['one', 'two'])
  })
})

describe('if only one of several kinds is left', () => {
  const reply = { protocol: 'smtp', code: 550, enhanced: '5.1.1', text: 'No such user' } as const
  const gone = { ...noSuchUser(DAVE), reply }
  const mixed = fails('mixed', greylisted(BOB), greylisted(CAROL), gone)

  it("the failure has that kind, with the server's words", () => {
    const error = failure([message, mixed], [message.forRecipients([BOB, CAROL]), delivered])
    expect(error).toMatchObject({ code: 'rcpt-to/mailbox-unknown', scope: 'recipient', reply })
    expect(error.summary).toContain('550 5.1.1 No such user')
    expect(error.hint).toContain('address')
  })

  it('its scope is the scope of the recipient', () => {
    const blamed = fails('mixed', greylisted(BOB), { ...noSuchUser(CAROL), kind: 'policy', scope: 'sender' })
    const error = failure([message, blamed], [message.forRecipients([BOB]), delivered])
    expect(error).toMatchObject({ code: 'rcpt-to/policy', scope: 'sender' })
  })

  it('all of the remaining recipients must have that kind', () => {
    const same = fails('mixed', greylisted(BOB), noSuchUser(CAROL), noSuchUser(DAVE))
    const different = fails('mixed', greylisted(BOB), noSuchUser(CAROL), {
      ...noSuchUser(DAVE),
      kind: 'mailbox-disabled',
    })
    const bob = message.forRecipients([BOB])
    expect(failure([message, same], [bob, delivered]).kind).toBe('mailbox-unknown')
    expect(failure([message, different], [bob, delivered]).kind).toBe('mixed')
  })

  it('a recipient without a kind keeps the kind of the failure', () => {
    const error = failure(
      [message, fails('greylisted', greylisted(BOB), notAttempted(CAROL))],
      [message.forRecipients([BOB]), delivered],
    )
    expect(error.kind).toBe('greylisted')
  })

  it('a failure that already has that kind keeps its own words', () => {
    const own = fails('mailbox-unknown', accepted(BOB), gone).with({ summary: 'nobody of that name' })
    const error = failure([message, own], [message.forRecipients([BOB]), delivered])
    expect(error).toMatchObject({ kind: 'mailbox-unknown', summary: 'nobody of that name', reply: undefined })
  })
})
