import { beforeEach, describe, expect, it, vi } from 'vitest'
import { MailError, memory, type Kind } from '@loudmail/core'
import { diagnoseReply, type MailErrorInit } from '@loudmail/core/transport'
import {
  memorySuppressions,
  suppress,
  suppressFrom,
  type MailNews,
  type Suppression,
  type SuppressionStore,
} from '../../src/index.ts'
import { BOB, broken, failureOf, toThree } from './setup.ts'

const AT = new Date('2026-11-20T10:00:00Z')
let store: SuppressionStore
beforeEach(() => void (store = memorySuppressions()))

const news = (changes: Partial<MailNews> = {}): MailNews => ({
  type: 'bounced',
  from: 'postmark',
  id: 'n1',
  at: AT,
  recipient: BOB,
  raw: {},
  ...changes,
})

/** Why a message bounced, as its recipient's server said it. */
function reply(
  code: number,
  enhanced: string,
  text: string,
  stage: 'rcpt-to' | 'body' | 'submit' = 'rcpt-to',
): MailError {
  const said = { protocol: 'smtp', code, enhanced, text } as const
  const diagnosis = diagnoseReply(stage, said)
  return new MailError({
    stage,
    ...diagnosis,
    reply: said,
    recipients: [{ address: BOB, status: 'rejected', reply: said, ...diagnosis }],
  })
}

const why = (kind: Kind, changes: Partial<MailErrorInit> = {}): MailError =>
  new MailError({ stage: 'rcpt-to', kind, recipients: [{ address: BOB, status: 'rejected' }], ...changes })

const listed = async (...all: MailNews[]): Promise<unknown> => {
  const put = suppressFrom(store)
  for (const each of all) await put(each)
  return store.list()
}

describe('a recipient comes onto the list', () => {
  it.each<[string, MailNews, object]>([
    [
      'whose mailbox is unknown',
      news({ why: reply(550, '5.1.1', 'No such user') }),
      { reason: 'bounced', code: 'rcpt-to/mailbox-unknown' },
    ],
    [
      'whose mailbox is disabled',
      news({ why: reply(550, '5.2.1', 'Mailbox disabled') }),
      { reason: 'bounced', code: 'rcpt-to/mailbox-disabled' },
    ],
    [
      'whose domain is unknown',
      news({ why: reply(550, '5.1.2', 'Host unknown') }),
      { reason: 'bounced', code: 'rcpt-to/domain-unknown' },
    ],
    [
      'to whom the provider does not send any more',
      news({ why: why('suppressed', { stage: 'submit' }) }),
      { reason: 'bounced', code: 'submit/suppressed' },
    ],
    [
      'whose failure has no outcome of the recipient',
      news({ why: new MailError({ stage: 'body', kind: 'mailbox-unknown' }) }),
      { reason: 'bounced', code: 'body/mailbox-unknown' },
    ],
    [
      'who complained',
      news({ type: 'complained', why: why('spam', { scope: 'recipient' }) }),
      { reason: 'complained' },
    ],
    [
      'who unsubscribed',
      news({ type: 'unsubscribed', from: 'sendgrid' }),
      { reason: 'unsubscribed', from: 'sendgrid' },
    ],
  ])('%s', async (_who, told, expected) => {
    expect(await listed(told)).toEqual([{ address: BOB, at: AT, from: 'postmark', ...expected }])
  })

  it('and mail to it is refused from then on', async () => {
    await listed(news({ why: reply(550, '5.1.1', 'No such user') }))
    const error = await failureOf(suppress(memory(), store).send(toThree({ to: BOB })))
    expect(error.summary).toContain('bounced for good on 2026-11-20 (rcpt-to/mailbox-unknown, says postmark)')
  })

  it('once, however often and in whichever order the news is told', async () => {
    const bounce = news({ why: reply(550, '5.1.1', 'No such user') })
    const complaint = news({ type: 'complained' })
    expect(await listed(bounce, complaint, bounce, bounce)).toMatchObject([{ reason: 'complained' }])
  })
})

describe('an innocent address stays off the list', () => {
  it.each<[string, MailNews]>([
    [
      'a blocked IP address',
      news({ why: reply(550, '5.7.1', 'Client host [192.0.2.1] blocked using zen.spamhaus.org') }),
    ],
    [
      'a blocked IP address, with the code of an unknown mailbox',
      news({ why: reply(550, '5.1.1', 'Client host [192.0.2.1] blocked using zen.spamhaus.org') }),
    ],
    [
      'a bad reputation, with the code of an unknown mailbox',
      news({ why: reply(550, '5.1.1', 'Recipient rejected due to the reputation of 192.0.2.1') }),
    ],
    ['spam', news({ why: reply(554, '5.7.1', 'Message is spam', 'body') })],
    [
      'a blocked link, with the code of an unknown mailbox',
      news({ why: reply(554, '5.1.1', 'Phishing link') }),
    ],
    ['DMARC', news({ why: reply(550, '5.7.26', 'Unauthenticated mail is not accepted: DMARC') })],
    ['the sender', news({ why: reply(550, '5.1.8', 'Sender address rejected: Domain not found') })],
    ['a policy', news({ why: reply(550, '5.7.1', 'Recipient does not accept mail from you') })],
    ['relaying', news({ why: reply(550, '5.7.1', 'Relaying denied') })],
    ['the size', news({ why: reply(552, '5.3.4', 'Message too big', 'body') })],
    ['a full mailbox', news({ why: reply(552, '5.2.2', 'Mailbox full') })],
    ['greylisting', news({ why: reply(450, '4.7.1', 'Greylisted, try again later') })],
    ['a mailbox that cannot be checked now', news({ why: reply(450, '4.1.1', 'Cannot verify the mailbox') })],
    ['a server that is away', news({ why: why('connection-refused', { stage: 'connect' }) })],
    ['a server without a reason', news({ why: reply(550, '5.0.0', 'No') })],
    [
      'an address that another fault is blamed for',
      news({ why: why('mailbox-unknown', { scope: 'transport' }) }),
    ],
    ['a reason that nobody knows', news()],
    ['a delay', news({ type: 'deferred', why: reply(450, '4.1.1', 'Later') })],
    ['a delivery', news({ type: 'delivered' })],
    ['an opened message', news({ type: 'opened' })],
    ['a link that was followed', news({ type: 'clicked' })],
  ])('after %s', async (_what, told) => {
    expect(await listed(told)).toEqual([])
  })

  it('but words within an address count for nothing', async () => {
    const told = news({
      recipient: 'spam@rcpt.example',
      why: reply(550, '5.1.1', '<spam@rcpt.example> does not exist'),
    })
    expect(await listed(told)).toMatchObject([{ address: 'spam@rcpt.example' }])
  })
})

it('news whose recipient is no address is ignored: nobody can send to it', async () => {
  expect(
    await listed(
      news({ type: 'complained', recipient: 'undisclosed' }),
      news({ type: 'complained', recipient: '' }),
    ),
  ).toEqual([])
})

describe('bounces that may pass', () => {
  const softly = async (options: object, ...all: Partial<MailNews>[]): Promise<unknown> => {
    const put = suppressFrom(store, { softBounces: options })
    for (const each of all) await put(news({ why: reply(452, '4.2.2', 'Mailbox full'), ...each }))
    return store.list()
  }
  const day = 86_400_000
  const ago = (days: number): Date => new Date(Date.now() - days * day)

  it('of the future are bounces of now, so that nothing lasts longer than it should', async () => {
    const before = Date.now()
    const [found] = (await softly(
      { count: 1 },
      { id: 'a', at: new Date(8_640_000_000_000_000) },
    )) as Suppression[]
    for (const [date, from] of [
      [found!.at, before],
      [found!.until!, before + 14 * day],
    ] as const) {
      expect(date.getTime()).toBeGreaterThanOrEqual(from)
      expect(date.getTime()).toBeLessThanOrEqual(from + day)
    }
  })

  it('count three within a week, and put the address on the list for two weeks', async () => {
    const [first, second, third] = [ago(3), ago(2), ago(1)]
    expect(await softly({}, { id: 'a', at: first }, { id: 'b', at: second })).toEqual([])
    expect(await softly({}, { id: 'c', at: third })).toEqual([
      {
        address: BOB,
        reason: 'bounced',
        code: 'rcpt-to/mailbox-full',
        at: third,
        from: 'postmark',
        until: new Date(third.getTime() + 14 * day),
      },
    ])
  })

  it('count as configured', async () => {
    const options = { count: 2, withinMs: 3 * day, forMs: day }
    expect(await softly(options, { id: 'a', at: ago(4) }, { id: 'b', at: ago(1) })).toEqual([])
    const last = ago(0.5)
    expect(await softly(options, { id: 'c', at: last })).toMatchObject([
      { until: new Date(last.getTime() + day) },
    ])
  })

  it('count once, however often they are told', async () => {
    const same = { id: 'a', at: ago(1) }
    expect(await softly({}, same, same, same, same)).toEqual([])
  })

  it('count only if they are about the address', async () => {
    const greylisted = (id: string) => ({ id, at: ago(1), why: reply(450, '4.7.1', 'Blocked, try later') })
    expect(await softly({}, greylisted('a'), greylisted('b'), greylisted('c'))).toEqual([])
  })

  it('also count where the server called a full mailbox permanent', async () => {
    const full = (id: string) => ({ id, at: ago(1), why: reply(552, '5.2.2', 'Mailbox full') })
    expect(await softly({}, full('a'), full('b'), full('c'))).toHaveLength(1)
  })

  it('do not shorten a suppression for good', async () => {
    await suppressFrom(store)(news({ why: reply(550, '5.1.1', 'No such user') }))
    expect(await softly({ count: 1 }, { id: 'a', at: ago(1) })).toMatchObject([
      { code: 'rcpt-to/mailbox-unknown' },
    ])
    expect((await store.find([BOB]))[0]!.until).toBeUndefined()
  })
})

describe('bounces and complaints by mail', () => {
  const byMail = news({
    from: 'dsn',
    why: reply(550, '5.1.1', 'No such user'),
    messageId: '<a@sender.example>',
  })

  it('are ignored, because anybody can write one, and a warning says so once', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(await listed(byMail, news({ from: 'arf', type: 'complained' }))).toEqual([])
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]![0]).toContain('`believe`')
    vi.restoreAllMocks()
  })

  it('count if the caller believes them', async () => {
    const sent = new Set(['<a@sender.example>'])
    const put = suppressFrom(store, { believe: async ({ messageId }) => sent.has(messageId ?? '') })
    await put({ ...byMail, messageId: '<forged@sender.example>' })
    expect(await store.list()).toEqual([])
    await put(byMail)
    expect(await store.list()).toMatchObject([{ address: BOB, from: 'dsn' }])
  })
})

describe('failures', () => {
  it('a list that cannot be written fails the function, so that the provider tells the news again', async () => {
    const gone = {
      ...broken(),
      add: () => Promise.reject(new MailError({ stage: 'submit', kind: 'storage' })),
    }
    expect(await failureOf(suppressFrom(gone)(news({ type: 'complained' })))).toMatchObject({
      code: 'submit/storage',
    })
  })

  it.each<[object, RegExp]>([
    [{ softBounces: { count: 0 } }, /softBounces.count/],
    [{ softBounces: { withinMs: 0 } }, /softBounces.withinMs/],
    [{ softBounces: { forMs: Infinity } }, /a hundred years/],
    [{ softBounces: { days: 3 } }, /days/],
    [{ softBounces: true }, /softBounces/],
    [{ believe: true }, /believe must be a function/],
    [{ trust: true }, /trust/],
  ])('%o is refused', (options, words) => {
    expect(() => suppressFrom(store, options)).toThrow(
      expect.objectContaining({
        code: 'config/invalid-config',
        message: expect.stringMatching(words) as unknown,
      }),
    )
  })

  it('a list is needed', () => {
    expect(() => suppressFrom(undefined as never)).toThrow('suppressFrom() needs a suppression list')
  })
})
