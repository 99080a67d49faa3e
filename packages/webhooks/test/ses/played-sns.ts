import { createServer, type Server } from 'node:http'
import { sign } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { certificates as tls } from '@loudmail/server'
import { sesWebhook, type SesWebhookOptions, type SnsFetch, type WebhookSource } from '../../src/index.ts'
import { certificates } from './certificates.ts'

export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:mail'
export const HOST = 'https://sns.eu-west-1.amazonaws.com'
const TOKEN = '2336412f37fb687f5d51e6e2425ba1f259078ab1'

type Name = keyof typeof certificates

/** A message of SNS, and what a test wants to be different in it before and after it is signed. */
export interface Signing {
  readonly signed?: Readonly<Record<string, unknown>>
  readonly after?: Readonly<Record<string, unknown>>
  readonly version?: '1' | '2'
  readonly key?: Name
}

/** As the documentation of SNS describes it: name, line feed, value, line feed, in the order of the names. */
export function signSns(
  type: string,
  fields: Readonly<Record<string, unknown>>,
  signing: Signing = {},
): string {
  const { signed = {}, after = {}, version = '2', key = 'good' } = signing
  const message: Record<string, unknown> = {
    Type: type,
    MessageId: 'da41e39f-ea4d-435a-b922-c6aae3915ebe',
    TopicArn: TOPIC,
    Timestamp: new Date().toISOString(),
    ...fields,
    ...signed,
  }
  const names = Object.keys(message).toSorted()
  const text = names.map((name) => `${name}\n${String(message[name])}\n`).join('')
  const algorithm = version === '2' ? 'RSA-SHA256' : 'RSA-SHA1'
  return JSON.stringify({
    ...message,
    SignatureVersion: version,
    Signature: sign(algorithm, Buffer.from(text), certificates[key].key).toString('base64'),
    SigningCertURL: `${HOST}/SimpleNotificationService-${key}.pem`,
    ...(type === 'Notification' && { UnsubscribeURL: `${HOST}/?Action=Unsubscribe` }),
    ...after,
  })
}

/** A notification with an event of SES. */
export function notification(event: unknown, signing?: Signing): string {
  return signSns(
    'Notification',
    { Message: typeof event === 'string' ? event : JSON.stringify(event) },
    signing,
  )
}

/** The message with which SNS asks whether the endpoint wants the topic. */
export function confirmation(signing?: Signing): string {
  const url = `${HOST}/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=${TOKEN}`
  const fields = { Message: 'You have chosen to subscribe', SubscribeURL: url, Token: TOKEN }
  return signSns('SubscriptionConfirmation', fields, signing)
}

export function goodbye(): string {
  const url = `${HOST}/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=${TOKEN}`
  return signSns('UnsubscribeConfirmation', { Message: 'Ended', SubscribeURL: url, Token: TOKEN })
}

interface SnsReply {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body: string
}

/** Amazon SNS on loopback: certificates, subscriptions, and what it was asked. */
export interface PlayedSns extends AsyncDisposable {
  readonly asked: string[]
  /** What it answers from now on, instead of what is right. */
  answer: ((path: string) => SnsReply | 'silence' | undefined) | undefined
  /** Asks it instead of the real one. */
  readonly fetch: SnsFetch
  source(options?: Partial<SesWebhookOptions>): WebhookSource
}

export async function playSns(): Promise<PlayedSns> {
  const server: Server = createServer((request, response) => {
    const path = request.url!
    const answer = played.answer?.(path) ?? right(path)
    if (answer === 'silence') return
    const { status, headers = {}, body } = answer
    response.writeHead(status, headers).end(body)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const real = fetch
  const played: PlayedSns = {
    asked: [],
    answer: undefined,
    fetch(url, init) {
      played.asked.push(url)
      return real(`http://127.0.0.1:${port}${url.slice(new URL(url).origin.length)}`, init)
    },
    source: (options) => sesWebhook({ topicArn: TOPIC, fetch: played.fetch, ...options }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return played
}

function right(path: string): SnsReply {
  if (path.startsWith('/?Action=ConfirmSubscription'))
    return { status: 200, body: '<ConfirmSubscriptionResponse/>' }
  const name = /^\/SimpleNotificationService-(\w+)\.pem$/.exec(path)?.[1]
  if (name === 'elliptic') return { status: 200, body: tls.good.cert }
  if (name === undefined || !Object.hasOwn(certificates, name)) return { status: 404, body: 'no' }
  return { status: 200, body: certificates[name as Name].cert }
}
