import { mailboxKey } from '@loudmail/core/transport'
import type { Message } from '@loudmail/core'
import type { ApiRequest } from '../api/call-api.ts'
import { checkLimits } from '../api/limits.ts'
import { mimeBody, type MimeOptions } from '../api/mime-body.ts'
import { JSON_HEADERS } from '../api/parts.ts'
import type { Item } from '../api/provider-api.ts'
import { invalid } from '../api/provider-data.ts'
import type { Support } from '../api/support.ts'
import { sesBody } from './ses-body.ts'

/** What `transportData.ses` may contain. */
export interface SesData {
  /** The name of the configuration set for this message. @default that of the option `configurationSet` */
  readonly configurationSet?: string | undefined
  /** The ARN of the identity to send with, if it belongs to another account that allows it. */
  readonly fromArn?: string | undefined
  /** The ARN of the identity of the reverse-path, if it belongs to another account that allows it. */
  readonly feedbackArn?: string | undefined
  /** The contact list and the topic of the message, so that SES adds the links to unsubscribe and honours them. */
  readonly list?: { readonly name: string; readonly topic?: string | undefined } | undefined
}

export const SES_FIELDS: Readonly<Record<keyof SesData, true>> = {
  configurationSet: true,
  fromArn: true,
  feedbackArn: true,
  list: true,
}

/** What stays the same for all messages of a transport. */
interface Settings {
  readonly configurationSet: string | undefined
  readonly mime: MimeOptions
  readonly support: Support
}

/** @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html */
export async function sesRequest(
  { message, data, signal }: Item<SesData>,
  { configurationSet, mime, support }: Settings,
): Promise<ApiRequest> {
  const { tags = [], metadata = {}, own } = data
  checkOwn(own)
  const labels = [
    ...tags.map((tag) => label('tags', tag, 'true')),
    ...Object.entries(metadata).map(([name, value]) => label('metadata', name, value)),
  ]
  const composed = await mimeBody(message, { ...mime, signal })
  checkLimits(message, composed, support, 'Amazon SES')
  const set = own.configurationSet ?? configurationSet
  const feedback = feedbackAddress(message)
  const { list } = own
  const rest = {
    // Without FromEmailAddress: it would replace the From field, with its names.
    Destination: { ToAddresses: message.envelope.to },
    ...(feedback !== undefined && { FeedbackForwardingEmailAddress: feedback }),
    ...(labels.length > 0 && { EmailTags: labels }),
    ...(set !== undefined && { ConfigurationSetName: set }),
    ...(own.fromArn !== undefined && { FromEmailAddressIdentityArn: own.fromArn }),
    ...(own.feedbackArn !== undefined && { FeedbackForwardingEmailAddressIdentityArn: own.feedbackArn }),
    ...(list && {
      ListManagementOptions: {
        ContactListName: list.name,
        ...(list.topic !== undefined && { TopicName: list.topic }),
      },
    }),
  }
  return {
    method: 'POST',
    path: '/v2/email/outbound-emails',
    headers: JSON_HEADERS,
    body: sesBody(composed.bytes, rest),
  }
}

/** The characters of names and values, as SES documents them (MessageTag). */
const LABEL = /^[A-Za-z0-9_-]{1,256}$/

/** Nothing is replaced: what comes back with an event would not be what was sent. */
function label(field: 'tags' | 'metadata', name: string, value: string): { Name: string; Value: string } {
  if (LABEL.test(name) && LABEL.test(value)) return { Name: name, Value: value }
  const wrong = LABEL.test(name) ? value : name
  throw invalid(
    `transportData.${field} has ${JSON.stringify(wrong.slice(0, 60))}, which Amazon SES does not take as a tag`,
    'Names and values have 1 to 256 of the characters a to z, A to Z, 0 to 9, _ and -. Write others in another way, such as a date as 2026-11-27.',
  )
}

/** Where bounces go: the reverse-path, if it is another address than that of the sender. SES has no null reverse-path. */
function feedbackAddress({ envelope, raw, ...message }: Message): string | undefined {
  const { from } = envelope
  if (from === '') return undefined
  const { sender, from: authors } = message as { sender?: Author; from?: readonly Author[] }
  const usual = raw ? undefined : (sender ?? authors?.[0])?.address
  return usual !== undefined && mailboxKey(usual) === mailboxKey(from) ? undefined : from
}

interface Author {
  readonly address: string
}

function checkOwn(own: SesData): void {
  for (const name of ['configurationSet', 'fromArn', 'feedbackArn'] as const)
    if (own[name] !== undefined && !isText(own[name]))
      throw invalid(`transportData.ses.${name} must be a text`)
  const list = own.list as { name?: unknown; topic?: unknown } | undefined
  if (list === undefined) return
  if (typeof list !== 'object' || list === null || !isText(list.name))
    throw invalid("transportData.ses.list must be an object such as { name: 'customers', topic: 'offers' }")
  if (list.topic !== undefined && !isText(list.topic))
    throw invalid('transportData.ses.list.topic must be a text')
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
