import { describe, expect, it } from 'vitest'
import { sesWebhook } from '../../src/index.ts'
import { hookServer, type HookServer } from '../hook-server.ts'
import { certificates } from './certificates.ts'
import {
  confirmation,
  goodbye,
  HOST,
  notification,
  playSns,
  signSns,
  TOPIC,
  type PlayedSns,
} from './played-sns.ts'
import { sesDelivery } from './ses-payloads.ts'

const OTHER_TOPIC = 'arn:aws:sns:eu-west-1:999999999999:mail'

/** Posts bodies to one webhook. */
async function statusOf(sns: PlayedSns, body: string | Buffer, hooks?: HookServer): Promise<number> {
  const { post } = hooks ?? (await hookServer(sns.source()))
  return (await post({ body })).status
}

describe('a message of Amazon SNS', () => {
  it.each(['1', '2'] as const)('is believed with a signature of version %s', async (version) => {
    await using sns = await playSns()
    const { post, told } = await hookServer(sns.source())
    const answer = await post({ body: notification(sesDelivery, { version }) })
    expect(answer.status).toBe(200)
    expect(told).toMatchObject([{ type: 'delivered', recipient: 'ann@example.com' }])
  })

  it('may have a subject, which is signed with it', async () => {
    await using sns = await playSns()
    const signed = { Subject: 'Amazon SES Email Event Notification' }
    expect(await statusOf(sns, notification(sesDelivery, { signed }))).toBe(200)
    expect(await statusOf(sns, notification(sesDelivery, { signed, after: { Subject: 'Hi' } }))).toBe(401)
    expect(await statusOf(sns, notification(sesDelivery, { after: { Subject: 'Hi' } }))).toBe(401)
    expect(await statusOf(sns, notification(sesDelivery, { after: { Subject: null } }))).toBe(200)
  })

  it('is told once, also if it comes again', async () => {
    await using sns = await playSns()
    const { post, told } = await hookServer(sns.source())
    const body = notification(sesDelivery)
    expect([(await post({ body })).status, (await post({ body })).status]).toEqual([200, 200])
    expect(told).toHaveLength(1)
  })

  it('is checked with a certificate that is fetched once', async () => {
    await using sns = await playSns()
    const hooks = await hookServer(sns.source())
    const bodies = Array.from({ length: 5 }, (_, index) =>
      notification(sesDelivery, { signed: { MessageId: `id-${index}` } }),
    )
    expect(await Promise.all(bodies.map((body) => statusOf(sns, body, hooks)))).toEqual([
      200, 200, 200, 200, 200,
    ])
    expect(sns.asked).toEqual([`${HOST}/SimpleNotificationService-good.pem`])
  })

  it('can be of any of several topics', async () => {
    await using sns = await playSns()
    const hooks = await hookServer(sns.source({ topicArn: [TOPIC, OTHER_TOPIC] }))
    expect(await statusOf(sns, notification(sesDelivery, { signed: { TopicArn: OTHER_TOPIC } }), hooks)).toBe(
      200,
    )
  })
})

describe('a forged message of Amazon SNS is refused', () => {
  const url = (signingCertUrl: string): string =>
    notification(sesDelivery, { after: { SigningCertURL: signingCertUrl } })
  const pem = 'SimpleNotificationService-good.pem'

  it.each([
    `https://sns.evil.com/${pem}`,
    `https://sns.eu-west-1.amazonaws.com.evil.com/${pem}`,
    `https://evil.com/sns.eu-west-1.amazonaws.com/${pem}`,
    `https://sns.eu-west-1.amazonaws.com@evil.com/${pem}`,
    `https://user:pass@sns.eu-west-1.amazonaws.com/${pem}`,
    `https://sns.eu-west-1.amazonaws.com:8443/${pem}`,
    `http://sns.eu-west-1.amazonaws.com/${pem}`,
    `https://s3.eu-west-1.amazonaws.com/${pem}`,
    `https://sns.evil.s3.amazonaws.com/${pem}`,
    // A bucket of S3 with the name sns.
    `https://sns.s3.amazonaws.com/${pem}`,
    `https://sns.s3-eu-west-1.amazonaws.com/${pem}`,
    `https://sns.s3-website-us-east-1.amazonaws.com/${pem}`,
    `https://sns.s3-accelerate.amazonaws.com/${pem}`,
    `https://sns.eu-west.amazonaws.com/${pem}`,
    `https://snsXeu-west-1.amazonaws.com/${pem}`,
    `https://sns.eu-west-1.amazonaws.com/bucket/${pem}`,
    `https://sns.eu-west-1.amazonaws.com/../${pem}`,
    `https://sns.eu-west-1.amazonaws.com/%2e%2e/${pem}`,
    `https://sns.eu-west-1.amazonaws.com/${pem}?x=.pem`,
    `https://sns.eu-west-1.amazonaws.com/?x=/${pem}`,
    `https://sns.eu-west-1.amazonaws.com/${pem}#x`,
    `https://sns.eu-west-1.amazonaws.com\\@evil.com/${pem}`,
    `https://sns.eu-west-1.amazonaws.com/${pem}\n`,
    ` https://sns.eu-west-1.amazonaws.com/${pem}`,
    `https://SNS.eu-west-1.amazonaws.com.:443/${pem}`,
    `https://sns.eu-west-1.amazonaws.com.cn.evil.com/${pem}`,
    `//sns.eu-west-1.amazonaws.com/${pem}`,
    `data:,${pem}`,
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-.pem',
  ])('with a certificate from %j, which is not fetched', async (address) => {
    await using sns = await playSns()
    expect(await statusOf(sns, url(address))).toBe(401)
    expect(sns.asked).toEqual([])
  })

  it.each(['expired', 'future', 'weak', 'elliptic', 'missing'])(
    'with a certificate that is %s',
    async (name) => {
      await using sns = await playSns()
      const key = name === 'elliptic' || name === 'missing' ? 'good' : (name as 'weak')
      const after = { SigningCertURL: `${HOST}/SimpleNotificationService-${name}.pem` }
      expect(await statusOf(sns, notification(sesDelivery, { key, after }))).toBe(401)
      expect(sns.asked).toHaveLength(1)
    },
  )

  it('with certificates that do not exist, and they do not push out the one that does', async () => {
    await using sns = await playSns()
    const { post } = await hookServer(sns.source({ timeoutMs: 100 }))
    expect((await post({ body: notification(sesDelivery) })).status).toBe(200)
    sns.answer = (path) => (path.includes('madeup') ? 'silence' : undefined)
    const forged = Array.from({ length: 20 }, (_, count) =>
      notification(sesDelivery, {
        after: { SigningCertURL: `${HOST}/SimpleNotificationService-madeup${count}.pem` },
      }),
    )
    const answers = await Promise.all(forged.map((body) => post({ body })))
    expect(answers.map(({ status }) => status)).toEqual(forged.map(() => 500))
    expect((await post({ body: notification(sesDelivery) })).status).toBe(200)
    expect(sns.asked.filter((asked) => asked.endsWith('-good.pem'))).toHaveLength(1)
  })

  it('with the key of another certificate, and with no signature that can be one', async () => {
    await using sns = await playSns()
    const after = { SigningCertURL: `${HOST}/${pem}` }
    expect(await statusOf(sns, notification(sesDelivery, { key: 'other', after }))).toBe(401)
    for (const signature of ['AAAA', '!', 'A'.repeat(10_000)])
      expect(await statusOf(sns, notification(sesDelivery, { after: { Signature: signature } }))).toBe(401)
  })

  it('with any field changed after it was signed', async () => {
    await using sns = await playSns()
    const changes = {
      Message: JSON.stringify({ ...sesDelivery, more: 1 }),
      MessageId: 'another',
      Timestamp: new Date(Date.now() - 1_000).toISOString(),
      Type: 'SubscriptionConfirmation',
    }
    for (const [name, value] of Object.entries(changes)) {
      const more = name === 'Type' ? { SubscribeURL: `${HOST}/`, Token: 'x' } : {}
      expect(await statusOf(sns, notification(sesDelivery, { after: { ...more, [name]: value } }))).toBe(401)
    }
    for (const name of ['SubscribeURL', 'Token'])
      expect(await statusOf(sns, confirmation({ after: { [name]: `${HOST}/?x` } }))).toBe(401)
  })

  it('of another topic, before anything is asked', async () => {
    await using sns = await playSns()
    expect(await statusOf(sns, notification(sesDelivery, { signed: { TopicArn: OTHER_TOPIC } }))).toBe(401)
    expect(await statusOf(sns, confirmation({ signed: { TopicArn: OTHER_TOPIC } }))).toBe(401)
    expect(await statusOf(sns, notification(sesDelivery, { signed: { TopicArn: `${TOPIC}x` } }))).toBe(401)
    expect(sns.asked).toEqual([])
  })

  it('with the version of its signature changed', async () => {
    await using sns = await playSns()
    for (const version of ['1', '0', '3', '', 'constructor', 2]) {
      const status = await statusOf(sns, notification(sesDelivery, { after: { SignatureVersion: version } }))
      expect(status).toBe(version === '' ? 400 : version === 2 ? 200 : 401)
    }
    const strict = await hookServer(sns.source({ sha1: false }))
    expect(await statusOf(sns, notification(sesDelivery, { version: '1' }), strict)).toBe(401)
    expect(await statusOf(sns, notification(sesDelivery, { version: '2' }), strict)).toBe(200)
  })

  it('with a border between fields that was moved', async () => {
    await using sns = await playSns()
    // The signed text is the same, and the message is another one.
    const text = 'harmless\nMessageId\nid-1\nSubject\nhello'
    const after = { Message: 'harmless', MessageId: 'id-1', Subject: 'hello\nMessageId\nid-2' }
    const body = notification(text, { signed: { MessageId: 'id-2' }, after })
    expect(await statusOf(sns, body)).toBe(400)
  })

  it.each([
    [-3 * 3_600_000, 401],
    [-7_100_000, 200],
    [7_300_000, 401],
  ])('%i ms from now: %i', async (offset, status) => {
    await using sns = await playSns()
    const signed = { Timestamp: new Date(Date.now() + offset).toISOString() }
    expect(await statusOf(sns, notification(sesDelivery, { signed }))).toBe(status)
  })

  it.each<[string, string | Buffer | (() => string), number]>([
    ['nothing', '', 400],
    ['no JSON', 'hello', 400],
    ['a list', '[]', 400],
    ['null', 'null', 400],
    ['no message', '{"Type":"Notification"}', 400],
    ['another type', () => signSns('Surprise', { Message: 'x' }), 400],
    ['a type from the prototype', () => signSns('constructor', { Message: 'x' }), 400],
    ['a message that is an object', () => notification(sesDelivery, { after: { Message: {} } }), 400],
    ['no time', () => notification(sesDelivery, { signed: { Timestamp: 'soon' } }), 400],
    ['a huge body', () => notification('x'.repeat(2_000_000)), 413],
    ['octets that are no UTF-8', Buffer.from('{"Type":"\xFF"}', 'latin1'), 400],
  ])('%s', async (_, body, status) => {
    await using sns = await playSns()
    expect(await statusOf(sns, typeof body === 'function' ? body() : body)).toBe(status)
  })

  it('by raw message delivery, and says what to change', async () => {
    await using sns = await playSns()
    const { post, reports } = await hookServer(sns.source())
    const body = JSON.stringify(sesDelivery)
    const headers = { 'x-amz-sns-rawdelivery': 'true' }
    const answers = [await post({ body }), await post({ body: 'Successfully validated', headers })]
    for (const { status, body: said } of answers) {
      expect(status).toBe(401)
      expect(said).toMatch(/raw message delivery off/)
    }
    expect(reports).toMatchObject([{ error: { problem: 'unsigned' } }, { error: { problem: 'unsigned' } }])
  })
})

describe('while Amazon SNS does not answer', () => {
  it.each<[string, PlayedSns['answer']]>([
    ['with an error', () => ({ status: 503, body: 'busy' })],
    [
      'with a redirect',
      (path) =>
        path === '/moved'
          ? { status: 200, body: certificates.good.cert }
          : { status: 302, headers: { location: '/moved' }, body: '' },
    ],
    ['at all', () => 'silence'],
  ])('%s, the message is to be sent again, and then believed', async (_, answer) => {
    await using sns = await playSns()
    const { post, told, reports } = await hookServer(sns.source({ timeoutMs: 100 }))
    const body = notification(sesDelivery)
    sns.answer = answer
    expect((await post({ body })).status).toBe(500)
    expect(reports).toMatchObject([{ kind: 'failed' }])
    sns.answer = undefined
    expect((await post({ body })).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  it.each<[string, string]>([
    ['without end', certificates.good.cert + '\n'.repeat(100_000)],
    ['that is none', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('a certificate %s is refused', async (_, body) => {
    await using sns = await playSns()
    sns.answer = () => ({ status: 200, body })
    expect(await statusOf(sns, notification(sesDelivery))).toBe(401)
  })
})

describe('a subscription', () => {
  it('is confirmed at Amazon SNS', async () => {
    await using sns = await playSns()
    const { post, told } = await hookServer(sns.source())
    expect((await post({ body: confirmation() })).status).toBe(200)
    const asked = new URL(sns.asked[1]!)
    expect(asked.origin + asked.pathname).toBe(`${HOST}/`)
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      Action: 'ConfirmSubscription',
      TopicArn: TOPIC,
      Token: '2336412f37fb687f5d51e6e2425ba1f259078ab1',
    })
    expect(sns.asked).toHaveLength(2)
    expect(told).toEqual([])
  })

  it('is asked for again if it could not be confirmed', async () => {
    await using sns = await playSns()
    const { post } = await hookServer(sns.source())
    sns.answer = (path) => (path.startsWith('/?') ? { status: 400, body: '' } : undefined)
    expect((await post({ body: confirmation() })).status).toBe(500)
    sns.answer = undefined
    expect((await post({ body: confirmation() })).status).toBe(200)
  })

  const query = `Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=2336412f37fb687f5d51e6e2425ba1f259078ab1`
  it.each([
    `https://evil.com/?${query}`,
    `http://sns.eu-west-1.amazonaws.com/?${query}`,
    `https://sns.eu-west-1.amazonaws.com.evil.com/?${query}`,
    `https://sns.eu-west-1.amazonaws.com:444/?${query}`,
    `https://a:b@sns.eu-west-1.amazonaws.com/?${query}`,
    `https://sns.eu-west-1.amazonaws.com/x?${query}`,
    `https://sns.s3-eu-west-1.amazonaws.com/?${query}`,
    `https://sns.eu-west-1.amazonaws.com/?${query.replace('Confirm', 'Delete')}`,
    `https://sns.eu-west-1.amazonaws.com/?${query.replace('mail', 'other')}`,
    `https://sns.eu-west-1.amazonaws.com/?${query}x`,
    'x',
  ])('is not confirmed at %s, even if that is signed', async (address) => {
    await using sns = await playSns()
    expect(await statusOf(sns, confirmation({ signed: { SubscribeURL: address } }))).toBe(401)
    expect(sns.asked).toHaveLength(1)
  })

  it('that ended is reported: no more news comes', async () => {
    await using sns = await playSns()
    const { post, reports } = await hookServer(sns.source())
    expect((await post({ body: goodbye() })).status).toBe(422)
    expect(reports).toMatchObject([
      { kind: 'unknown', unknown: [expect.stringContaining('end of the subscription')] },
    ])
  })
})

describe('the options of sesWebhook()', () => {
  it.each<[object]>([
    [{}],
    [{ topicArn: '' }],
    [{ topicArn: [] }],
    [{ topicArn: 'mail' }],
    [{ topicArn: [TOPIC, 7] }],
    [{ topicArn: TOPIC, sha1: 'no' }],
    [{ topicArn: TOPIC, fetch: 'x' }],
    [{ topicArn: TOPIC, timeoutMs: 0 }],
    [{ topicArn: TOPIC, toleranceMs: -1 }],
    [{ topicArn: TOPIC, topic: TOPIC }],
  ])('cannot be %j', (options) => {
    expect(() => sesWebhook(options as never)).toThrow(
      expect.objectContaining({ code: 'config/invalid-config' }),
    )
  })

  it.each([
    'arn:aws-cn:sns:cn-north-1:123456789012:mail',
    'arn:aws-us-gov:sns:us-gov-west-1:123456789012:mail.fifo',
  ])('can name the topic %s', (topicArn) => {
    expect(sesWebhook({ topicArn }).provider).toBe('Amazon SES')
  })
})
