import { describe, expect, it } from 'vitest'
import type { MailNews } from '../../src/index.ts'
import { hookServer } from '../hook-server.ts'
import { notification, playSns } from './played-sns.ts'
import {
  MAIL,
  sesBounce,
  sesComplaint,
  sesDelay,
  sesDelivery,
  sesEvent,
  sesSubscription,
} from './ses-payloads.ts'

interface Told {
  readonly status: number
  readonly told: readonly MailNews[]
  readonly unknown: readonly string[] | undefined
}

async function tell(event: unknown): Promise<Told> {
  await using sns = await playSns()
  const { post, told, reports } = await hookServer(sns.source())
  const { status } = await post({
    body: notification(event),
    headers: { 'content-type': 'text/plain; charset=UTF-8' },
  })
  return { status, told, unknown: reports[0]?.unknown }
}

async function newsOf(event: unknown): Promise<MailNews> {
  const { status, told } = await tell(event)
  expect(status).toBe(200)
  expect(told).toHaveLength(1)
  return told[0]!
}

const at = '2026-11-27T10:05:00.000Z'
const out = (topicName: string, subscriptionStatus = 'OptOut') => ({ topicName, subscriptionStatus })

describe('an event of Amazon SES', () => {
  it.each<[string, unknown, object]>([
    ['Delivery', sesDelivery, { type: 'delivered' }],
    [
      'Bounce',
      sesBounce('Permanent', 'General', { status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown' }),
      {
        type: 'bounced',
        why: {
          code: 'rcpt-to/mailbox-unknown',
          permanence: 'permanent',
          reply: { code: 550, enhanced: '5.1.1', text: 'user unknown' },
        },
      },
    ],
    [
      'Complaint',
      sesComplaint(),
      { type: 'complained', why: { code: 'body/spam', permanence: 'permanent' } },
    ],
    [
      'DeliveryDelay',
      sesDelay('TransientCommunicationFailure', {
        status: '4.4.1',
        diagnosticCode: 'smtp; 421 4.4.1 Unable to connect to remote host',
      }),
      { type: 'deferred', why: { permanence: 'transient', retryable: false, reply: { code: 421 } } },
    ],
    [
      'Open',
      sesEvent('Open', 'open', { timestamp: at, ipAddress: '192.0.2.1', userAgent: 'Mail' }),
      { type: 'opened', link: undefined },
    ],
    [
      'Click',
      sesEvent('Click', 'click', { timestamp: at, link: 'https://shop.example/sale', linkTags: null }),
      { type: 'clicked', link: 'https://shop.example/sale' },
    ],
    [
      'Subscription',
      sesSubscription({ unsubscribeAll: false }, { unsubscribeAll: true }),
      { type: 'unsubscribed' },
    ],
  ])('%s is news', async (_, event, expected) => {
    const news = await newsOf(event)
    expect(news).toMatchObject({
      from: 'ses',
      at: new Date(at),
      recipient: 'ann@example.com',
      providerId: MAIL.messageId,
      messageId: '<order-7@example.net>',
      tags: ['welcome'],
      metadata: { order: '7' },
      raw: event,
      ...expected,
    })
    expect(news.oneOf).toBeUndefined()
    expect(news.why === undefined).toBe(!Object.hasOwn(expected, 'why'))
    if (news.why) expect(news.why.messageId).toBe('<order-7@example.net>')
    // The same again has the same id, also in another message of SNS.
    expect((await newsOf(event)).id).toBe(news.id)
  })

  it.each<[string, unknown, object]>([
    [
      'Reject',
      sesEvent('Reject', 'reject', { reason: 'Bad content' }),
      { code: 'submit/content-rejected', permanence: 'permanent', delivered: 'none' },
    ],
    [
      'Rendering Failure',
      sesEvent('Rendering Failure', 'failure', {
        errorMessage: "Attribute 'name' is not present in the rendering data.",
        templateName: 'welcome',
      }),
      { code: 'submit/content-rejected', summary: expect.stringContaining("Attribute 'name'") as string },
    ],
  ])('%s is a bounce: it was sent to nobody', async (_, event, why) => {
    const news = await newsOf(event)
    expect(news).toMatchObject({ type: 'bounced', recipient: 'ann@example.com', why })
    // It has no time of its own.
    expect(Date.now() - news.at.getTime()).toBeLessThan(60_000)
  })

  it.each<[string, string, Readonly<Record<string, unknown>>, string, string]>([
    ['Permanent', 'General', { status: '5.1.1' }, 'rcpt-to/mailbox-unknown', 'permanent'],
    ['Permanent', 'General', {}, 'rcpt-to/rejected', 'permanent'],
    ['Permanent', 'NoEmail', {}, 'rcpt-to/mailbox-unknown', 'permanent'],
    ['Permanent', 'Suppressed', notTried(), 'rcpt-to/suppressed', 'permanent'],
    ['Permanent', 'OnAccountSuppressionList', notTried(), 'rcpt-to/suppressed', 'permanent'],
    ['Permanent', 'OnTenantSuppressionList', notTried(), 'rcpt-to/suppressed', 'permanent'],
    ['Permanent', 'EmailValidationSuppressed', notTried(), 'rcpt-to/suppressed', 'permanent'],
    ['Permanent', 'UnsubscribedRecipient', notTried(), 'rcpt-to/suppressed', 'permanent'],
    ['Permanent', 'SomethingNew', {}, 'rcpt-to/rejected', 'permanent'],
    ['Transient', 'General', {}, 'rcpt-to/rejected', 'transient'],
    ['Transient', 'MailboxFull', {}, 'rcpt-to/mailbox-full', 'transient'],
    ['Transient', 'MessageTooLarge', {}, 'body/message-too-large', 'transient'],
    ['Transient', 'CustomTimeoutExceeded', {}, 'connect/timeout', 'transient'],
    ['Transient', 'ContentRejected', {}, 'body/content-rejected', 'transient'],
    ['Transient', 'AttachmentRejected', {}, 'body/content-rejected', 'transient'],
    ['Transient', 'SomethingNew', {}, 'rcpt-to/rejected', 'transient'],
    ['Undetermined', 'Undetermined', {}, 'rcpt-to/rejected', 'transient'],
    ['Undetermined', 'Undetermined', { status: '5.1.1' }, 'rcpt-to/mailbox-unknown', 'permanent'],
    ['toString', 'valueOf', {}, 'rcpt-to/rejected', 'transient'],
    [
      'Permanent',
      'General',
      { status: '5.7.1', diagnosticCode: 'smtp; 554 5.7.1 Message contains spam' },
      'body/spam',
      'permanent',
    ],
  ])('a bounce %s/%s with %j is %s, %s', async (type, subType, person, code, permanence) => {
    const { why } = await newsOf(sesBounce(type, subType, person))
    expect(why).toMatchObject({ code, permanence, transport: 'ses' })
  })

  it.each([
    ['InternalFailure', 'server-error'],
    ['General', 'service-unavailable'],
    ['MailboxFull', 'mailbox-full'],
    ['SpamDetected', 'spam'],
    ['RecipientServerError', 'server-error'],
    ['IPFailure', 'policy'],
    ['TransientCommunicationFailure', 'connection-lost'],
    ['BYOIPHostNameLookupUnavailable', 'dns-temporary'],
    ['Undetermined', 'service-unavailable'],
    ['SendingDeferral', 'rate-limited'],
    ['SomethingNew', 'service-unavailable'],
  ])('a delay %s is %s', async (type, kind) => {
    const { why } = await newsOf(sesDelay(type))
    expect(why).toMatchObject({ kind, permanence: 'transient', retryable: false })
  })

  it('tells of each recipient that bounced, and of nobody else', async () => {
    const event = sesBounce(
      'Permanent',
      'General',
      {},
      { destination: ['ann@example.com', 'bob@example.com', 'cy@example.com'] },
    )
    const { bouncedRecipients } = event.bounce as { bouncedRecipients: object[] }
    bouncedRecipients.push({ emailAddress: 'Bob <bob@example.com>', status: '5.2.2' })
    const { told } = await tell(event)
    expect(told.map(({ recipient, why }) => [recipient, why?.kind])).toEqual([
      ['ann@example.com', 'rejected'],
      ['bob@example.com', 'mailbox-full'],
    ])
    expect(new Set(told.map(({ id }) => id)).size).toBe(2)
  })

  it('without a list of recipients is about the only recipient of the message', async () => {
    const event = sesBounce('Permanent', 'NoEmail')
    ;(event.bounce as { bouncedRecipients: object[] }).bouncedRecipients = []
    expect((await newsOf(event)).recipient).toBe('ann@example.com')
    const several = { ...event, mail: { ...MAIL, destination: ['ann@example.com', 'bob@example.com'] } }
    expect(await tell(several)).toMatchObject({
      status: 422,
      told: [],
      unknown: ['Bounce without a recipient'],
    })
  })

  it.each(['Complaint', 'Open'])('%s of one of several recipients blames nobody', async (name) => {
    const people = ['ann@example.com', 'bob@example.com']
    const event =
      name === 'Complaint'
        ? sesComplaint({ complainedRecipients: people.map((emailAddress) => ({ emailAddress })) })
        : sesEvent('Open', 'open', { timestamp: at }, { destination: people })
    expect(await newsOf(event)).toMatchObject({ recipient: people[0], oneOf: people })
  })

  it.each([
    ['abuse', 'complained'],
    ['fraud', 'complained'],
    ['virus', 'complained'],
    ['other', 'complained'],
    [undefined, 'complained'],
    ['not-spam', undefined],
    ['auth-failure', undefined],
  ])('a complaint of type %s is %s', async (complaintFeedbackType, type) => {
    const { status, told } = await tell(sesComplaint({ complaintFeedbackType }))
    expect({ status, types: told.map((one) => one.type) }).toEqual({
      status: 200,
      types: type === undefined ? [] : [type],
    })
  })

  it('says where SES sent nothing, because the recipient complained before', async () => {
    const { why } = await newsOf(sesComplaint({ complaintSubType: 'OnAccountSuppressionList' }))
    expect(why).toMatchObject({ kind: 'spam', summary: expect.stringContaining('did not send') as string })
  })

  it.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>, boolean]>([
    ['all', { unsubscribeAll: false }, { unsubscribeAll: true }, true],
    ['a topic', {}, { topicSubscriptionStatus: [out('offers')] }, true],
    [
      'another topic',
      { topicSubscriptionStatus: [out('offers')] },
      { topicSubscriptionStatus: [out('offers'), out('news')] },
      true,
    ],
    [
      'nothing more',
      { topicSubscriptionStatus: [out('offers')] },
      { topicSubscriptionStatus: [out('offers'), out('news', 'OptIn')] },
      false,
    ],
    ['nothing', {}, {}, false],
  ])('whoever unsubscribes from %s', async (_, before, now, expected) => {
    const { status, told } = await tell(sesSubscription(before, now))
    expect({ status, count: told.length }).toEqual({ status: 200, count: expected ? 1 : 0 })
  })

  it('a notification of an identity is the same as an event', async () => {
    const { eventType, ...rest } = sesBounce('Permanent', 'General', { status: '5.1.1' })
    const { tags: _, commonHeaders: __, ...mail } = MAIL
    expect(await newsOf({ ...rest, notificationType: eventType, mail })).toMatchObject({
      type: 'bounced',
      messageId: '<order-7@example.net>',
      tags: undefined,
      metadata: undefined,
    })
  })

  it.each<[string, unknown]>([
    ['Send', sesEvent('Send', 'send', {})],
    ['the test of a topic', 'Successfully validated SNS topic for Amazon SES event publishing.'],
    [
      'the test of an identity',
      { notificationType: 'AmazonSnsSubscriptionSucceeded', message: 'You have subscribed' },
    ],
  ])('%s is no news, and all is well', async (_, event) => {
    expect(await tell(event)).toEqual({ status: 200, told: [], unknown: undefined })
  })

  it.each<[string, unknown, string]>([
    ['a new event', sesEvent('Teleport', 'teleport', {}), 'Teleport'],
    ['an event without a name', { mail: MAIL }, 'an event without a name'],
    ['words', 'Alarm: the disk is full', 'a message that is not of Amazon SES'],
    ['a list', [], 'something that is not an object'],
    ['a bounce without its facts', { eventType: 'Bounce' }, 'Bounce without a recipient'],
    [
      'facts of the wrong type',
      { eventType: 'Delivery', delivery: { recipients: 7 }, mail: 'x' },
      'Delivery without a recipient',
    ],
    ['nobody', sesEvent('Open', 'open', {}, { destination: [] }), 'Open without a recipient'],
  ])('%s is reported', async (_, event, unknown) => {
    expect(await tell(event)).toEqual({ status: 422, told: [], unknown: [unknown] })
  })
})

/** What SES says of an address that it did not try. */
function notTried(): Record<string, unknown> {
  return {
    status: '5.1.1',
    diagnosticCode: 'Amazon SES did not send the message: it is on the suppression list',
  }
}
