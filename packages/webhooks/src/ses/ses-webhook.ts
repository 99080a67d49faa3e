import { verify } from 'node:crypto'
import { checkNumber, checkOptions, configError } from '@loudmail/core/transport'
import { malformed } from '../payload/json-body.ts'
import { timeOf } from '../payload/fields.ts'
import { checkFresh } from '../signing/fresh.ts'
import type { ReadWebhook, WebhookSource } from '../webhook-source.ts'
import { sesNews } from './ses-event.ts'
import { askSns, type SnsAccess, type SnsFetch } from './sns-fetch.ts'
import { confirmationUrl } from './sns-host.ts'
import { notOfSns, SnsKeys } from './sns-keys.ts'
import { snsMessage, type SnsMessage } from './sns-message.ts'

/** The options of {@link sesWebhook}. */
export interface SesWebhookOptions {
  /** The topics that SES publishes to, such as `arn:aws:sns:eu-west-1:123456789012:mail`. Messages of others are refused. */
  readonly topicArn: string | readonly string[] | undefined
  /** Whether SHA-1 is accepted. Topics use it unless their attribute SignatureVersion is 2. @default true */
  readonly sha1?: boolean | undefined
  /**
   * How old a message may be, in ms. Amazon SNS tries again for up to an hour, with the same signature. @default 7_200_000:
   * two hours
   */
  readonly toleranceMs?: number | undefined
  /** The longest time for a request to Amazon SNS, in ms: for its certificate, and to confirm a subscription. @default 5_000 */
  readonly timeoutMs?: number | undefined
  /** How Amazon SNS is asked. @default the platform's own `fetch` */
  readonly fetch?: SnsFetch | undefined
}

const ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/

/**
 * The events of Amazon SES, which Amazon SNS brings: notifications of an identity, and events of a configuration set. The
 * subscription is confirmed by itself, and raw message delivery must be off.
 *
 * @throws MailError `config/invalid-config`
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 * @see https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export function sesWebhook(options: SesWebhookOptions): WebhookSource {
  const owner = 'sesWebhook()'
  checkOptions(options, owner, {
    topicArn: true,
    sha1: true,
    toleranceMs: true,
    timeoutMs: true,
    fetch: true,
  })
  const { sha1 = true, toleranceMs = 7_200_000, timeoutMs = 5_000 } = options
  const topics = topicsOf(owner, options.topicArn)
  if (typeof sha1 !== 'boolean') throw configError(`${owner} sha1 must be true or false`)
  checkNumber(toleranceMs, `${owner} toleranceMs`, 0)
  checkNumber(timeoutMs, `${owner} timeoutMs`, 1, true)
  if (options.fetch !== undefined && typeof options.fetch !== 'function')
    throw configError(`${owner} fetch must be a function`)
  const access: SnsAccess = { fetch: options.fetch ?? ((url, init) => fetch(url, init)), timeoutMs }
  const keys = new SnsKeys(access)
  return {
    provider: 'Amazon SES',
    async read(request, now) {
      const message = snsMessage(request)
      if (!topics.has(message.topicArn)) throw notOfSns('the message is of another topic')
      await checkSignature(message, keys, sha1, now)
      const at = timeOf(message.timestamp)
      if (!at) throw malformed('the time of the message cannot be read')
      checkFresh(String(Math.floor(at.getTime() / 1_000)), now, toleranceMs)
      return told(message, access, now)
    },
  }
}

function topicsOf(owner: string, topicArn: unknown): ReadonlySet<string> {
  if (topicArn === undefined || topicArn === '')
    throw configError(
      `${owner} topicArn is missing or empty: check the environment variable that it comes from`,
    )
  const topics: readonly unknown[] = Array.isArray(topicArn) ? topicArn : [topicArn]
  if (topics.length === 0 || !topics.every((topic) => typeof topic === 'string' && ARN.test(topic)))
    throw configError(
      `${owner} topicArn must be the ARN of a topic, such as arn:aws:sns:eu-west-1:123456789012:mail, or a list of them`,
    )
  return new Set(topics as string[])
}

/** By SignatureVersion. */
const ALGORITHMS: Readonly<Record<string, string>> = { 1: 'RSA-SHA1', 2: 'RSA-SHA256' }

async function checkSignature(message: SnsMessage, keys: SnsKeys, sha1: boolean, now: number): Promise<void> {
  const { signatureVersion: version, signature, canonical, signingCertUrl } = message
  const algorithm = Object.hasOwn(ALGORITHMS, version) ? ALGORITHMS[version] : undefined
  if (algorithm === undefined) throw notOfSns('the version of the signature is not known')
  if (algorithm === 'RSA-SHA1' && !sha1)
    throw notOfSns('the signature uses SHA-1, and the option sha1 is false')
  const key = await keys.key(signingCertUrl, now)
  // Public keys hold no secret that the time could tell.
  if (!verify(algorithm, Buffer.from(canonical), key, Buffer.from(signature, 'base64')))
    throw notOfSns('the signature is not of Amazon SNS')
}

function told(message: SnsMessage, access: SnsAccess, now: number): ReadWebhook {
  const { type, messageId, topicArn, subscribeUrl, token } = message
  if (type === 'Notification') return { id: messageId, ...sesNews(message, now) }
  if (type === 'UnsubscribeConfirmation')
    return {
      id: messageId,
      news: [],
      unknown: ['the end of the subscription: no more news comes from this topic'],
    }
  const url = confirmationUrl(subscribeUrl, topicArn, token)
  if (url === undefined) throw notOfSns('the address that confirms the subscription is not one of Amazon SNS')
  const confirm = async (): Promise<void> => {
    const { status } = await askSns(access, url, 'the subscription')
    if (status !== 200)
      throw new Error(`Amazon SNS answered with ${status} instead of confirming the subscription`)
  }
  return { id: messageId, news: [], unknown: [], confirm }
}
