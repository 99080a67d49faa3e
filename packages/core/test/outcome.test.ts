import { describe, expect, it } from 'vitest'
import { MailError } from '../src/index.ts'
import { outcomeOf, type Loss } from '../src/transport.ts'
import { BOB, CAROL, DAVE, toThree } from './scripted.ts'
import { toldExchange, type Told } from './told-exchange.ts'

const OK = '250 2.0.0 Ok'
const NOBODY = '550 5.1.1 Nobody'
const FULL = '452 4.2.2 Full'
const SPAM = '554 5.7.1 Spam'
const BUSY = '451 4.3.0 Busy'
const CLOSING = '421 4.3.2 Closing'
const agreed = { mail: OK, rcpt: [OK, OK, OK], data: '354 Go on' }
const written = { ...agreed, octets: 100 }
const lost: Loss = { kind: 'connection-lost' }

function failureOf(told: Told, loss?: Loss): MailError {
  const outcome = outcomeOf(toldExchange(told), loss)
  if (MailError.is(outcome)) return outcome
  throw new TypeError('this was to fail')
}

const letters = { accepted: 'a', rejected: 'r', 'not-attempted': 'n', unknown: 'u' }

/** Its code, and how each of the three recipients ended. */
const gist = ({ code, recipients }: MailError): string =>
  `${code} ${recipients.map(({ status }) => letters[status]).join('')}`

describe('a message was delivered', () => {
  it.each<[string, Told]>([
    ['where the server accepted it for all', { ...written, final: OK }],
    ['where it went in chunks', { mail: OK, rcpt: [OK, OK, OK], chunks: true, octets: 100, final: OK }],
    ['where each recipient has it (LMTP)', { ...written, protocol: 'lmtp', final: [OK, OK, OK] }],
  ])('%s', (_title, told) => {
    const outcome = outcomeOf(toldExchange(told), undefined)
    expect(outcome).not.toBeInstanceOf(MailError)
    expect(outcome).toMatchObject({ code: 250, text: OK })
  })

  it('although the connection was lost behind the reply', () => {
    expect(outcomeOf(toldExchange({ ...written, final: OK }), lost)).toMatchObject({ code: 250 })
  })
})

describe('a reply that was read decides, also where the connection was lost behind it', () => {
  it.each<[string, Told, string]>([
    ['a refused sender', { mail: NOBODY }, 'mail-from/sender-rejected nnn'],
    [
      'a refused sender, whatever the recipients were answered',
      { mail: BUSY, rcpt: [NOBODY, NOBODY, NOBODY] },
      'mail-from/server-error nnn',
    ],
    [
      'a refused sender, although the content went out',
      { mail: BUSY, chunks: true, octets: 100 },
      'mail-from/server-error nnn',
    ],
    ['recipients all refused', { mail: OK, rcpt: [NOBODY, NOBODY, NOBODY] }, 'rcpt-to/mailbox-unknown rrr'],
    [
      'recipients refused for different reasons',
      { mail: OK, rcpt: [NOBODY, FULL, NOBODY] },
      'rcpt-to/mixed rrr',
    ],
    ['a refused DATA', { ...agreed, data: BUSY }, 'data/server-error rrr'],
    [
      'a refused DATA, after a refused recipient',
      { ...agreed, rcpt: [OK, NOBODY, OK], data: BUSY },
      'data/server-error rrr',
    ],
    [
      'a refused DATA for want of recipients',
      { mail: OK, rcpt: [NOBODY, NOBODY, NOBODY], data: SPAM },
      'rcpt-to/mailbox-unknown rrr',
    ],
    ['a 421 to one recipient', { mail: OK, rcpt: [OK, CLOSING, NOBODY] }, 'rcpt-to/service-unavailable nrr'],
    [
      'a refused DATA, where a recipient has no answer',
      { ...agreed, rcpt: [OK, undefined, OK], data: BUSY, octets: 100 },
      'data/server-error rnr',
    ],
    [
      'a 421 to one recipient, where another has no answer',
      { mail: OK, rcpt: [undefined, CLOSING] },
      'rcpt-to/service-unavailable nrn',
    ],
    ['a refused content', { ...written, final: SPAM }, 'body/spam rrr'],
    [
      'a refused content, after a refused recipient',
      { ...written, rcpt: [OK, NOBODY, OK], final: SPAM },
      'body/spam rrr',
    ],
    [
      'a content refused before all of it was written',
      { ...agreed, octets: 99, final: SPAM },
      'body/spam rrr',
    ],
    [
      'a content refused for one (LMTP)',
      { ...written, protocol: 'lmtp', final: [OK, SPAM, OK] },
      'body/spam ara',
    ],
    [
      'a content refused for different reasons (LMTP)',
      { ...written, protocol: 'lmtp', final: [SPAM, FULL, OK] },
      'body/mixed rra',
    ],
  ])('%s', (_title, told, expected) => {
    expect(gist(failureOf(told))).toBe(expected)
    expect(gist(failureOf(told, lost))).toBe(expected)
    // What is no reply comes behind it.
    const breach = { stage: 'body', text: 'Fine by me.' } as const
    expect(gist(failureOf({ ...told, breach }, { kind: 'protocol' }))).toBe(expected)
  })

  it('a refused recipient among accepted ones', () => {
    const told = { ...written, rcpt: [OK, NOBODY, OK], final: OK }
    expect(gist(failureOf(told))).toBe('rcpt-to/mailbox-unknown ara')
    expect(gist(failureOf(told, lost))).toBe('rcpt-to/mailbox-unknown ara')
  })

  it('a refused recipient, whatever the server says of the content to it (LMTP)', () => {
    const told: Told = { ...written, protocol: 'lmtp', rcpt: [OK, NOBODY, OK], final: [OK, OK, OK] }
    expect(gist(failureOf(told))).toBe('rcpt-to/mailbox-unknown ara')
  })

  it('but not a refused recipient where something else went wrong for the others', () => {
    const told = { ...agreed, rcpt: [OK, NOBODY, OK] }
    expect(gist(failureOf(told, lost))).toBe('body/connection-lost nrn')
    expect(gist(failureOf({ ...told, octets: 100 }, lost))).toBe('body/connection-lost uru')
    expect(gist(failureOf(told))).toBe('rcpt-to/mailbox-unknown nrn')
  })
})

describe('without a reply', () => {
  it.each<[string, Told, Loss, string]>([
    ['nothing was delivered before the content', {}, lost, 'mail-from/connection-lost nnn'],
    ['nothing was delivered in the middle of the content', agreed, lost, 'body/connection-lost nnn'],
    [
      'nothing was delivered where its end was not written',
      { ...agreed, octets: 99 },
      lost,
      'body/connection-lost nnn',
    ],
    ['nobody knows once its end was written', written, lost, 'body/connection-lost uuu'],
    ['nobody knows, whatever ended it', written, { kind: 'aborted' }, 'body/aborted uuu'],
    [
      'nobody knows of content ahead of every reply',
      { chunks: true, octets: 100 },
      { kind: 'timeout' },
      'mail-from/timeout uuu',
    ],
    [
      'those who have an answer keep it (LMTP)',
      { ...written, protocol: 'lmtp', final: [OK] },
      lost,
      'body/connection-lost auu',
    ],
    [
      'the server broke the protocol where nothing else is known',
      agreed,
      undefined as never,
      'body/protocol nnn',
    ],
  ])('%s', (_title, told, loss, expected) => expect(gist(failureOf(told, loss))).toBe(expected))

  it('the failure has the words and the cause of the loss', () => {
    const cause = new Error('ECONNRESET')
    const error = failureOf({}, { ...lost, summary: 'the line is dead', cause })
    expect(error.summary).toBe('the line is dead')
    expect(error.cause).toMatchObject({ message: 'ECONNRESET' })
  })
})

describe('what the server said when it closes the connection', () => {
  const closing = { protocol: 'smtp', code: 421, text: 'Shutting down' } as const

  it.each<[string, Told, string, string]>([
    ['before the content: it passes', agreed, 'body/service-unavailable nnn', 'transient'],
    ['after the content: nobody knows', written, 'body/service-unavailable uuu', 'unknown'],
  ])('explains the failure, %s', (_title, told, expected, permanence) => {
    const error = failureOf(told, { ...lost, closing })
    expect(gist(error)).toBe(expected)
    expect(error).toMatchObject({ permanence, reply: closing })
  })
})

describe('what is no reply', () => {
  it('explains the failure, and not how the connection ended', () => {
    const reply = { protocol: 'smtp', code: 354, text: 'Odd' } as const
    const breach = { stage: 'mail-from', text: 'Fine by me.', reply } as const
    const error = failureOf({ breach }, { kind: 'timeout' })
    expect(gist(error)).toBe('mail-from/protocol nnn')
    expect(error).toMatchObject({ summary: 'Fine by me.', reply })
    expect(failureOf({ breach: { ...breach, kind: 'not-smtp' } }).kind).toBe('not-smtp')
  })
})

describe('where the server lost count', () => {
  it('a reply that announced the end explains nothing', () => {
    const closing = { protocol: 'smtp', code: 554, text: 'Too many' } as const
    const error = failureOf({ ...written, final: OK, lostCount: true }, { kind: 'protocol', closing })
    expect(error).toMatchObject({ kind: 'protocol', permanence: 'unknown', delivered: 'unknown' })
  })

  it.each<[string, Told, string]>([
    [
      'no reply is believed: nobody knows of what was written',
      { ...written, final: OK, lostCount: true },
      'body/protocol uuu',
    ],
    [
      'no refusal either',
      { ...written, rcpt: [NOBODY, NOBODY, NOBODY], lostCount: true },
      'body/protocol uuu',
    ],
    [
      'what was not written was not delivered',
      { ...agreed, rcpt: [OK, NOBODY, OK], lostCount: true },
      'body/protocol nnn',
    ],
    ['nor does a refused sender explain it', { mail: NOBODY, lostCount: true }, 'rcpt-to/protocol nnn'],
    ['nor a refused DATA', { ...agreed, data: NOBODY, lostCount: true }, 'body/protocol nnn'],
    ['nor a 421 to a recipient', { mail: OK, rcpt: [OK, CLOSING, OK], lostCount: true }, 'data/protocol nnn'],
  ])('%s', (_title, told, expected) => expect(gist(failureOf(told, { kind: 'protocol' }))).toBe(expected))
})

describe('a failure of the conversation', () => {
  it('says what was refused to whom, with the whole reply', () => {
    const { recipients, reply } = failureOf({ ...written, rcpt: [OK, NOBODY, FULL], final: OK })
    expect(recipients).toMatchObject([
      { address: BOB, status: 'accepted', reply: { code: 250 } },
      {
        address: CAROL,
        kind: 'mailbox-unknown',
        scope: 'recipient',
        permanence: 'permanent',
        reply: { code: 550 },
      },
      { address: DAVE, kind: 'mailbox-full', permanence: 'transient', reply: { code: 452 } },
    ])
    expect(reply).toMatchObject({ code: 550, enhanced: '5.1.1', text: 'Nobody' })
  })

  it('names at most three of different reasons, in short', () => {
    const to = ['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example']
    const message = toThree().forRecipients([])
    const four = { ...message, envelope: { ...message.envelope, to } }
    const long = `550 5.1.1 ${'Nobody '.repeat(50)}`
    const { summary } = failureOf({ message: four, mail: OK, rcpt: [long, FULL, NOBODY, NOBODY] })
    expect(summary).toContain(
      `a@x.example: 550 ${'Nobody '.repeat(50).slice(0, 100)}; b@x.example: 452 Full; c@`,
    )
    expect(summary).toMatch(/c@x\.example: 550 Nobody$/)
  })

  it('has the scope that the words say', () => {
    const refusal = failureOf({ mail: '550 5.7.1 Sender address rejected' })
    expect(refusal).toMatchObject({ scope: 'sender', reply: { code: 550, text: 'Sender address rejected' } })
    const atData = failureOf({ ...agreed, data: '554 5.7.1 No' })
    expect(atData.recipients).toMatchObject([
      { scope: 'message' },
      { scope: 'message' },
      { scope: 'message' },
    ])
  })

  it('is of this message, with what else is known', () => {
    const message = toThree()
    const transcript = { entries: [] }
    const outcome = outcomeOf(toldExchange({ message, mail: NOBODY }), undefined, {
      transport: 'smtp(a)',
      transcript,
    })
    expect(outcome).toMatchObject({ messageId: message.messageId, transport: 'smtp(a)', transcript })
  })

  it('cannot be tried again where the message can be read only once', () => {
    const once = { ...toThree(), replayable: false }
    expect(failureOf({ message: once }, lost).retryable).toBe(false)
    expect(failureOf({}, lost).retryable).toBe(true)
  })
})

describe('a 421', () => {
  const read = (told: Told): [string, boolean] => {
    const exchange = toldExchange(told)
    return [gist(failureOf(told, { kind: 'connection-lost' })), exchange.isUntouched]
  }

  it.each<[string, Told, string, boolean]>([
    ['to MAIL', { mail: CLOSING }, 'mail-from/service-unavailable nnn', true],
    ['to the first recipient', { mail: OK, rcpt: [CLOSING] }, 'rcpt-to/service-unavailable rnn', false],
    [
      'to the last recipient',
      { mail: OK, rcpt: [OK, OK, CLOSING] },
      'rcpt-to/service-unavailable nnr',
      false,
    ],
    ['to DATA', { ...agreed, data: CLOSING }, 'data/service-unavailable rrr', false],
    ['to the content', { ...written, final: CLOSING }, 'body/service-unavailable rrr', false],
    [
      'to the content for one recipient (LMTP)',
      { ...written, protocol: 'lmtp', final: [OK, CLOSING] },
      'body/service-unavailable aru',
      false,
    ],
    [
      'to a recipient, where the content went out before the replies came',
      { mail: OK, rcpt: [OK, CLOSING], chunks: true, octets: 100 },
      'rcpt-to/service-unavailable uru',
      false,
    ],
  ])('%s says what became of each recipient', (_title, told, expected, isUntouched) =>
    expect(read(told)).toEqual([expected, isUntouched]),
  )
})

describe('the time that an outcome takes', () => {
  const outcomes: [string, (count: number) => Told][] = [
    [
      'accepted',
      (count) => ({ mail: OK, rcpt: Array(count).fill(OK), data: '354 Go', octets: 100, final: OK }),
    ],
    [
      'accepted, one by one (LMTP)',
      (count) => ({
        protocol: 'lmtp',
        mail: OK,
        rcpt: Array(count).fill(OK),
        data: '354 Go',
        octets: 100,
        final: [NOBODY, ...Array<string>(count - 1).fill(OK)],
      }),
    ],
    ['refused', (count) => ({ mail: OK, rcpt: [FULL, ...Array<string>(count - 1).fill(NOBODY)] })],
    ['unknown', (count) => ({ mail: OK, rcpt: Array(count).fill(OK), data: '354 Go', octets: 100 })],
  ]

  it.each(outcomes)(
    'grows with the number of recipients that are %s, not with its square',
    (_title, told) => {
      const few = fastest(told(5_000), 5_000)
      const many = fastest(told(20_000), 20_000)
      // The square would be 16 times as long, and hundreds of milliseconds; 20 of them are noise.
      expect(many).toBeLessThan(10 * few + 20_000)
    },
  )

  /** Microseconds of processor time of the fastest of some runs: other processes do not count. */
  function fastest(told: Told, count: number): number {
    const to = Array.from({ length: count }, (_, index) => `r${index}@example.com`)
    const message = toThree()
    const ofAll = { ...message, envelope: { ...message.envelope, to } }
    let best = Infinity
    for (let n = 0; n < 5; n++) {
      const exchange = toldExchange({ ...told, message: ofAll })
      const before = process.threadCpuUsage()
      outcomeOf(exchange, lost)
      const { user, system } = process.threadCpuUsage(before)
      best = Math.min(best, user + system)
    }
    return best
  }
})
