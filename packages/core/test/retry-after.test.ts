import { describe, expect, it } from 'vitest'
import { MailError, problemDetails, type RecipientOutcome } from '../src/index.ts'
import {
  diagnoseReply,
  parseRetryAfter,
  parseReply,
  SMTP_OPTION_WORDS,
  type Situation,
} from '../src/transport.ts'
import { CombinedOutcome } from '../src/wrappers/combined-outcome.ts'
import { accepted, BOB, CAROL, DAVE, notAttempted, toThree, unknown } from './scripted.ts'

const DAY_MS = 86_400_000
const address = BOB

/** The failure of one recipient that was refused with this reply. */
function refused(line: string, host = 'mail.example.com'): MailError {
  const reply = { ...parseReply([line], 'smtp')!, protocol: 'smtp' as const }
  const diagnosis = diagnoseReply('rcpt-to', reply)
  return new MailError({
    stage: 'rcpt-to',
    kind: diagnosis.kind,
    reply,
    recipients: [{ address, status: 'rejected', reply, ...diagnosis }],
    situation: situation(host),
  })
}

const situation = (host: string): Situation => ({
  host,
  port: 587,
  tls: 'starttls',
  auth: 'password',
  name: undefined,
  connections: 5,
  options: SMTP_OPTION_WORDS,
  encrypted: true,
})

describe('the wait that a reply asks for', () => {
  it.each<[reply: string, seconds: number]>([
    // postgrey, milter-greylist, SQLgrey, rspamd, policy servers, and what people configure
    [
      '450 4.2.0 <bob@example.com>: Recipient address rejected: Greylisted for 300 seconds (see http://isg.ee.ethz.ch/tools/postgrey/help/example.com.html)',
      300,
    ],
    [
      '450 4.2.0 Recipient address rejected: Greylisted, see http://postgrey.example.org/5/help or wait 300 seconds',
      300,
    ],
    ['451 4.7.1 Greylisting in action, please come back in 00:05:00', 300],
    ['451 4.7.1 Greylisting in effect, please come back in 4 min', 240],
    ['450 4.7.1 <bob@example.com>: Recipient address rejected: Greylisted for 5 minutes', 300],
    ['450 4.7.1 Recipient address rejected: Greylisted, try again in 120s', 120],
    ['451 4.7.1 Grey-listed for 897 seconds. See http://www.greylisting.org', 897],
    ['451 Graylisted (178 seconds remaining)', 178],
    ['450 4.2.0 deferred for 00:04:52', 292],
    ['451 4.7.1 retry timeout: 30 s', 30],
    ['451 4.7.1 Greylist delay: 10 min', 600],
    // everywhere
    ['450 Try again in 300 seconds', 300],
    ['451 Please try again in 1 hour', 3_600],
    ['421 4.7.0 Too many connections, retry after 60 s', 60],
    ['450 4.7.1 Please retry your delivery in 2 hours', 7_200],
    ['450 try again in 5-10 minutes', 600],
    ['450 try again in 5 to 10 minutes', 600],
    ['450 4.7.1 try again after at least 15 minutes', 900],
    ['450 Please wait at least 1 hour and 30 minutes', 5_400],
    ['450 Rejected, try again in 5m30s', 330],
    ['450 Too busy, wait 2.5 minutes', 150],
    ['450 4.7.1 Try again later, in 5 minute(s)', 300],
    ['450 4.7.1 try again in a minute', 60],
    ['450 4.7.1 temporarily blocked for an hour', 3_600],
    ['450 4.7.1 Rate limited for 60 seconds', 60],
    ['450 4.7.1 do not retry for 10 minutes', 600],
    ['450 4.7.1 Next attempt allowed in 90 sec', 90],
    ['450 4.7.1 Your limit resets in 30 seconds', 30],
    ['450 4.7.1 10 seconds before retrying', 10],
    ['450 4.7.1 Slow down. Retry-After: 120', 120],
    ['450 4.7.1 TRY AGAIN IN 20 SECONDS', 20],
    // 5yz that core takes for transient
    ['503 5.5.1 Too many errors, try again in 20 seconds', 20],
    // more than a day is a day
    ['450 4.7.1 try again in 2 days', 86_400],
    ['450 4.7.1 try again in 999999 hours', 86_400],
  ])('%s', (line, seconds) => {
    expect(refused(line).retryAfterMs).toBe(seconds * 1_000)
  })

  it.each([
    '450 4.7.1 Try again later',
    '450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/300s.html',
    '450 4.7.1 try again in a few minutes',
    '450 4.7.1 limit of 30 messages in 60 seconds exceeded, try again later',
    '450 4.7.1 Try again later: 30 messages in 60 seconds are too many',
    '450 4.7.1 more than 30 messages per 60 seconds',
    '451 4.4.2 timeout after 30 seconds',
    '451 4.4.2 Try again later (timed out after 30 seconds)',
    '451 4.4.2 retry timed out after 30 seconds',
    '451 4.4.2 retry timeout exceeded',
    '421 4.4.2 connection idle for 300 seconds',
    '450 4.7.1 retry 3 of 5',
    '450 4.7.1 greylisted 5 times',
    '450 4.7.1 message was retried for 5 days',
    '450 4.7.1 Client 192.0.2.5 deferred for 192.0.2.7',
    '450 4.7.1 Please try again at 12:30:00',
    '450 4.7.1 Mon, 24 Nov 2025 12:00:00 GMT, try again later',
    '450 4.7.1 try again in 5 MB',
    '450 4.7.1 try again in 12345678 seconds',
    '450 4.7.1 try again in 0 seconds',
    '450 4.7.1 wait 30 seconds exceeded',
    '452 4.3.1 waited 30 seconds for space',
    '450 4.7.1 too many connections from 10.0.0.1 in 1 minute; try again later',
    '450 4.7.1 retry-after: 120.5.6.7',
    // refused for good
    '550 5.7.1 Blocked for 24 hours',
    '550 5.1.1 No such user, try again in 300 seconds',
  ])('none: %s', (line) => {
    expect(refused(line)).toMatchObject({ retryAfterMs: undefined })
    expect(refused(line).recipients[0]).not.toHaveProperty('retryAfterMs')
  })

  it.each([
    ['again in '.repeat(300)],
    [`again in ${'1 hour and '.repeat(200)}`],
    [`again in ${'5 min '.repeat(300)}`],
    ['again, (later'.repeat(200)],
    ['retry 1-1-1-'.repeat(200)],
  ])('is read in no time from hostile text (%#)', (text) => {
    const began = process.cpuUsage()
    for (let n = 0; n < 10; n++) refused(`450 ${text}`)
    // Each takes some ms; one that backtracks would take minutes.
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(2_000)
  })

  it('is not read far into a long text', () => {
    expect(refused(`450 ${'x '.repeat(1_000)} try again in 300 seconds`).retryAfterMs).toBeUndefined()
  })
})

describe('the wait that a provider documents', () => {
  it.each<[host: string, reply: string, seconds: number | undefined]>([
    [
      'smtp.office365.com',
      '421 4.4.2 Message submission rate for this client has exceeded the configured limit',
      60,
    ],
    ['email-smtp.eu-west-1.amazonaws.com', '454 Throttling failure: Maximum sending rate exceeded', 1],
    ['email-smtp.eu-west-1.amazonaws.com', '454 Throttling failure: Daily message quota exceeded', undefined],
    ['smtp.sendgrid.net', '452 Too many recipients received this hour (throttled)', 3_600],
    [
      'mta7.am0.yahoodns.net',
      '421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
      14_400,
    ],
    [
      'smtp.gmail.com',
      '450 4.2.1 Peak SMTP relay limit exceeded for this customer. This is a temporary error.',
      undefined,
    ],
    ['mail.example.com', '454 Throttling failure: Maximum sending rate exceeded', undefined],
    [
      'smtp.office365.com',
      "450 4.7.1 The message can't be submitted because the sender's submission quota was exceeded",
      undefined,
    ],
    // What the server says comes first.
    ['smtp.office365.com', '451 4.7.0 Message rate exceeded, try again in 20 seconds', 20],
    // Another kind of failure.
    ['smtp.sendgrid.net', '450 4.2.1 Mailbox not available this hour', undefined],
  ])('%s: %s', (host, line, seconds) => {
    expect(refused(line, host).retryAfterMs).toBe(seconds && seconds * 1_000)
  })
})

const asks = (seconds: number) =>
  ({ protocol: 'smtp', code: 450, text: `Greylisted for ${seconds} seconds` }) as const
const waits = (to: string, seconds: number): RecipientOutcome => ({
  address: to,
  status: 'rejected',
  permanence: 'transient',
  kind: 'greylisted',
  reply: asks(seconds),
})
const forGood = (to: string): RecipientOutcome => ({
  address: to,
  status: 'rejected',
  permanence: 'permanent',
  kind: 'mailbox-unknown',
  reply: { protocol: 'smtp', code: 550, text: 'No such user, wait 900 seconds' },
})
const rcpt = (...recipients: RecipientOutcome[]): MailError =>
  new MailError({ stage: 'rcpt-to', kind: 'mixed', reply: recipients[0]!.reply, recipients })
const ofEach = ({ recipients }: MailError) => recipients.map(({ retryAfterMs }) => retryAfterMs)

describe('each recipient has a wait of its own, and the failure the longest', () => {
  it.each<[title: string, error: MailError, each: (number | undefined)[], longest: number | undefined]>([
    ['greylisted for different times', rcpt(waits(BOB, 60), waits(CAROL, 300)), [60_000, 300_000], 300_000],
    ['one was refused for good', rcpt(forGood(BOB), waits(CAROL, 60)), [undefined, 60_000], 60_000],
    ['one has the message', rcpt(waits(BOB, 60), accepted(CAROL)), [60_000, undefined], 60_000],
    ['one was not attempted', rcpt(waits(BOB, 60), notAttempted(CAROL)), [60_000, undefined], 60_000],
    [
      'a reply to MAIL is for all',
      new MailError({
        stage: 'mail-from',
        kind: 'rate-limited',
        reply: asks(30),
        recipients: [notAttempted(BOB), notAttempted(CAROL)],
      }),
      [30_000, 30_000],
      30_000,
    ],
    [
      'a 421 is for all',
      new MailError({
        stage: 'rcpt-to',
        kind: 'service-unavailable',
        reply: { ...asks(30), code: 421 },
        recipients: [{ ...waits(BOB, 30), reply: { ...asks(30), code: 421 } }, notAttempted(CAROL)],
      }),
      [30_000, 30_000],
      30_000,
    ],
    [
      'what the transport read is for all who have none of their own',
      new MailError({
        stage: 'submit',
        kind: 'rate-limited',
        retryAfterMs: 5_000,
        recipients: [waits(BOB, 60), notAttempted(CAROL), unknown(DAVE)],
      }),
      [60_000, 5_000, 5_000],
      60_000,
    ],
    [
      'what the transport read is also for one whose reply says nothing',
      new MailError({
        stage: 'submit',
        kind: 'rate-limited',
        retryAfterMs: 5_000,
        recipients: [{ ...waits(BOB, 60), reply: { ...asks(60), text: 'Later' } }],
      }),
      [5_000],
      5_000,
    ],
    [
      'a reply to DATA is not for one who was refused before',
      new MailError({
        stage: 'data',
        kind: 'rate-limited',
        reply: asks(30),
        recipients: [{ ...waits(BOB, 60), reply: { ...asks(60), text: 'Later' } }, notAttempted(CAROL)],
      }),
      [undefined, 30_000],
      30_000,
    ],
    [
      'no recipients: the reply',
      new MailError({ stage: 'greeting', kind: 'service-unavailable', reply: asks(9) }),
      [],
      9_000,
    ],
    [
      'no recipients: the transport',
      new MailError({ stage: 'submit', kind: 'rate-limited', reply: asks(9), retryAfterMs: 7_000 }),
      [],
      7_000,
    ],
    [
      'a failure for good has none',
      new MailError({ stage: 'submit', kind: 'bad-credentials', retryAfterMs: 7_000 }),
      [],
      undefined,
    ],
    [
      'not a number',
      new MailError({ stage: 'submit', kind: 'rate-limited', retryAfterMs: Number.NaN }),
      [],
      undefined,
    ],
    [
      'less than nothing',
      new MailError({ stage: 'submit', kind: 'rate-limited', retryAfterMs: -1 }),
      [],
      undefined,
    ],
    [
      'for ever is a day',
      new MailError({ stage: 'submit', kind: 'rate-limited', retryAfterMs: Infinity }),
      [],
      DAY_MS,
    ],
    [
      'a fraction of a ms',
      new MailError({ stage: 'submit', kind: 'rate-limited', retryAfterMs: 0.2 }),
      [],
      1,
    ],
  ])('%s', (_title, error, each, longest) => {
    expect(ofEach(error)).toEqual(each)
    expect(error.retryAfterMs).toBe(longest)
    expect(error.with({ transport: 'other()' })).toMatchObject({
      retryAfterMs: longest,
      recipients: error.recipients,
    })
    expect(error.toJSON()).toMatchObject({ retryAfterMs: longest })
  })

  it('with fewer recipients, it has the wait of those that are left', () => {
    const error = rcpt(waits(BOB, 60), waits(CAROL, 300))
    expect(error.with({ recipients: error.recipients.slice(0, 1) }).retryAfterMs).toBe(60_000)
    expect(error.with({ recipients: [noLonger(CAROL)] }).retryAfterMs).toBeUndefined()
  })

  it('recipients that a transport did not name have the wait of the failure', () => {
    const error = new MailError({ stage: 'submit', kind: 'rate-limited', retryAfterMs: 5_000 })
    expect(ofEach(error.with({ recipients: [notAttempted(BOB)] }))).toEqual([5_000])
  })

  it('after several attempts, the longest of those who are still to be tried', () => {
    const message = toThree()
    const tries = new CombinedOutcome('retry(smtp())')
    tries.add(message, rcpt(waits(BOB, 300), waits(CAROL, 60), waits(DAVE, 900)))
    tries.add(message.forRecipients([CAROL, DAVE]), rcpt(accepted(DAVE), notAttempted(CAROL)))
    const error = ending(tries)
    expect(error.retryAfterMs).toBe(300_000)
    expect(ofEach(error)).toEqual([300_000, undefined, undefined])
  })
})

const noLonger = (to: string): RecipientOutcome => ({ ...forGood(to), retryAfterMs: 5 })

function ending(tries: CombinedOutcome): MailError {
  try {
    tries.finish()
  } catch (error) {
    return error as MailError
  }
  throw new TypeError('this was to fail')
}

describe('where the wait is told', () => {
  it.each([
    ['450 Greylisted for 30 seconds', 'Wait at least 30 seconds'],
    ['450 try again in 1 second', 'Wait at least 1 second '],
    ['450 Greylisted for 300 seconds', 'Wait at least 5 minutes'],
    ['450 try again in 3 hours', 'Wait at least 3 hours'],
  ])('in the hint: %s', (line, words) => {
    expect(refused(line).hint).toContain(words)
  })

  it('in place of a guess', () => {
    expect(refused('450 Greylisted for 30 seconds').hint).toBe(
      'Wait at least 30 seconds before the next attempt. Greylisting refuses the first attempt and accepts a later one.',
    )
  })

  it('not in the hint of others', () => {
    expect(refused('450 Greylisted').hint).not.toContain('Wait at least')
  })

  it.each([
    [undefined, '60'],
    [1, '1'],
    [1_001, '2'],
    [300_000, '300'],
    [Infinity, '86400'],
  ])('in Retry-After: %s ms', (retryAfterMs, seconds) => {
    const error = new MailError({ stage: 'submit', kind: 'rate-limited', retryAfterMs })
    expect(problemDetails(error).headers['retry-after']).toBe(seconds)
  })
})

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 10, 27, 12, 0, 0)
  it.each<[value: string | null | undefined, ms: number | undefined]>([
    ['120', 120_000],
    [' 1 ', 1_000],
    ['Fri, 27 Nov 2026 12:00:30 GMT', 30_000],
    ['fri, 27 nov 2026 12:00:30 gmt', 30_000],
    ['Friday, 27-Nov-26 12:01:00 GMT', 60_000],
    ['Fri Nov 27 13:00:00 2026', 3_600_000],
    ['Tue Dec  1 12:00:00 2026', DAY_MS],
    ['999999999', DAY_MS],
    // A year that seems to be far away has passed.
    ['Sunday, 06-Nov-94 08:49:37 GMT', undefined],
    ['Sunday, 06-Nov-76 08:49:37 GMT', DAY_MS],
    ['Sunday, 06-Nov-77 08:49:37 GMT', undefined],
    ['Fri, 27 Nov 2026 12:00:00 GMT', undefined],
    ['Fri, 27 Nov 2026 11:59:59 GMT', undefined],
    ['0', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['9'.repeat(10), undefined],
    ['soon', undefined],
    ['', undefined],
    ['Fri, 27 Nox 2026 12:00:30 GMT', undefined],
    ['Fri, 32 Nov 2026 12:00:30 GMT', undefined],
    ['Fri, 27 Nov 2026 24:00:30 GMT', undefined],
    ['Fri, 27 Nov 2026 12:60:30 GMT', undefined],
    ['Fri, 27 Nov 2026 12:00:61 GMT', undefined],
    ['Fri, 27 Nov 2026 12:00:30 CET', undefined],
    ['2026-11-27T12:00:30Z', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('%j', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms)
  })

  it('counts from now', () => {
    expect(parseRetryAfter(new Date(Date.now() + 3_600_000).toUTCString())).toBeGreaterThan(3_500_000)
  })
})
