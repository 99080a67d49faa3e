import { malformed } from '../payload/json-body.ts'
import { field, fieldsOf, text, type Fields } from '../payload/fields.ts'
import { headerOf } from '../signing/header.ts'
import { WebhookError } from '../webhook-error.ts'
import type { WebhookRequest } from '../webhook-source.ts'

/** What Amazon SNS sends, before its signature is checked. */
export interface SnsMessage {
  readonly type: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation'
  readonly messageId: string
  readonly topicArn: string
  /** Of a notification: what was published. */
  readonly message: string
  /** ISO 8601. */
  readonly timestamp: string
  readonly signatureVersion: string
  readonly signature: string
  readonly signingCertUrl: string
  /** To confirm a subscription. */
  readonly token?: string | undefined
  readonly subscribeUrl?: string | undefined
  /** What the signature is of. */
  readonly canonical: string
}

/** The fields that are signed, in their order. A field that a message does not have is left out. */
const SIGNED = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const

/**
 * Reads the body of a request. SNS says that it is text/plain.
 *
 * @throws WebhookError `unsigned` if it came by raw message delivery, `malformed` if it is nothing that SNS sends
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export function snsMessage(request: WebhookRequest): SnsMessage {
  if (headerOf(request, 'x-amz-sns-rawdelivery') === 'true') throw raw()
  const body = bodyOf(request)
  const type = text(body, 'Type')
  if (type === undefined && (field(body, 'eventType') ?? field(body, 'notificationType')) !== undefined)
    throw raw()
  if (type === undefined || !Object.hasOwn(SIGNED, type))
    throw malformed('the body is no message of Amazon SNS')
  const kind = type as SnsMessage['type']
  const signed = SIGNED[kind]
    .map((name) => [name, field(body, name)] as const)
    .filter(([name, value]) => name !== 'Subject' || (value !== undefined && value !== null))
  for (const [name, value] of signed)
    // A line break in another field could move its border, and the signature would still be right.
    if (typeof value !== 'string' || (name !== 'Message' && /[\r\n]/.test(value)))
      throw malformed(`the message of Amazon SNS has no ${name}`)
  return {
    type: kind,
    messageId: needed(body, 'MessageId'),
    topicArn: needed(body, 'TopicArn'),
    message: field(body, 'Message') as string,
    timestamp: needed(body, 'Timestamp'),
    signatureVersion: needed(body, 'SignatureVersion'),
    signature: needed(body, 'Signature'),
    signingCertUrl: needed(body, 'SigningCertURL'),
    token: text(body, 'Token'),
    subscribeUrl: text(body, 'SubscribeURL'),
    canonical: signed.map(([name, value]) => `${name}\n${value as string}\n`).join(''),
  }
}

function bodyOf({ body }: WebhookRequest): Fields {
  let fields: Fields | undefined
  try {
    fields = fieldsOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)))
  } catch {
    throw malformed('the body is not JSON in UTF-8')
  }
  if (!fields) throw malformed('the body is no message of Amazon SNS')
  return fields
}

function needed(body: Fields, name: string): string {
  const value = text(body, name)
  if (value === undefined) throw malformed(`the message of Amazon SNS has no ${name}`)
  return value
}

function raw(): WebhookError {
  return new WebhookError(
    'unsigned',
    'the message came by raw message delivery, which Amazon SNS does not sign',
    'Switch raw message delivery off for this subscription.',
  )
}
