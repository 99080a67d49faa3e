import type { MailError } from '@loudmail/core'
import type { NewsType } from '../mail-news.ts'
import {
  addressOf,
  field,
  fieldsOf,
  lookUp,
  messageIdOf,
  metadataOf,
  secondsOf,
  tagsOf,
  text,
  texts,
  type Fields,
} from '../payload/fields.ts'
import { incompleteEvent, unknownEvent, type EventNews } from '../payload/read-events.ts'
import { fingerprint } from '../signing/equal.ts'
import { whyOf, type WhyInit } from '../why.ts'

/** What an event means. */
interface Meaning extends Pick<WhyInit, 'kind' | 'permanence'> {
  readonly type: NewsType | 'nothing'
}

const NOTHING: Meaning = { type: 'nothing' }
const OPENED: Meaning = { type: 'opened' }
const UNSUBSCRIBED: Meaning = { type: 'unsubscribed' }

/** @see https://developers.brevo.com/docs/transactional-webhooks, https://developers.brevo.com/docs/marketing-webhooks */
const EVENTS: Readonly<Record<string, Meaning>> = {
  request: NOTHING,
  sent: NOTHING,
  delivered: { type: 'delivered' },
  deferred: { type: 'deferred', kind: 'service-unavailable' },
  soft_bounce: { type: 'bounced', permanence: 'transient' },
  hard_bounce: { type: 'bounced', kind: 'mailbox-unknown', permanence: 'permanent' },
  invalid_email: { type: 'bounced', kind: 'invalid-address', permanence: 'permanent' },
  blocked: { type: 'bounced', kind: 'suppressed', permanence: 'permanent' },
  error: { type: 'bounced', kind: 'server-error' },
  spam: { type: 'complained' },
  complaint: { type: 'complained' },
  opened: OPENED,
  unique_opened: OPENED,
  proxy_open: OPENED,
  unique_proxy_open: OPENED,
  click: { type: 'clicked' },
  unsubscribe: UNSUBSCRIBED,
  unsubscribed: UNSUBSCRIBED,
  list_addition: NOTHING,
  contact_updated: NOTHING,
  contact_deleted: NOTHING,
  reply: NOTHING,
  inboundEmailProcessed: NOTHING,
}

export function brevoNews(event: Fields, now: number): EventNews {
  const name = text(event, 'event')
  const means = lookUp(EVENTS, name)
  if (means === undefined) return unknownEvent(name)
  const { type } = means
  if (type === 'nothing') return []
  const recipient = addressOf(text(event, 'email'))
  if (recipient === undefined) return incompleteEvent(name!)
  const providerId = text(event, 'message-id')
  const messageId = messageIdOf(providerId)
  return [
    {
      type,
      from: 'brevo',
      // Brevo does not number events.
      id: `brevo ${fingerprint(JSON.stringify(event))}`,
      at: timeOfEvent(event) ?? new Date(now),
      recipient,
      providerId,
      messageId,
      why: whyBrevo({ ...means, type }, text(event, 'reason'), recipient, messageId),
      link: type === 'clicked' ? text(event, 'link') : undefined,
      tags: tagsOf(texts(event, 'tags'), listed(text(event, 'tag'))),
      metadata: metadata(text(event, 'X-Mailin-custom')),
      raw: event,
    },
  ]
}

function whyBrevo(
  { type, kind, permanence }: Meaning & { readonly type: NewsType },
  reply: string | undefined,
  recipient: string,
  messageId: string | undefined,
): MailError | undefined {
  const known = { recipient, messageId, provider: 'brevo' } as const
  if (type === 'complained') return whyOf({ ...known, type })
  if (type !== 'bounced' && type !== 'deferred') return undefined
  return whyOf({ ...known, type, reply, kind, permanence })
}

/** `ts_event` is when it happened, `ts_epoch` when the message was sent. Both are in UTC, the second in milliseconds. */
function timeOfEvent(event: Fields): Date | undefined {
  const seconds = (name: string): Date | undefined => {
    const value = Number(text(event, name))
    return secondsOf(value > 100_000_000_000 ? value / 1_000 : value)
  }
  return seconds('ts_event') ?? seconds('ts_epoch') ?? secondsOf(field(event, 'ts'))
}

/** A tag alone, or a list of them as JSON. */
function listed(tag: string | undefined): readonly string[] {
  if (tag === undefined) return []
  const list = json(tag)
  return Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [tag]
}

/** The header `X-Mailin-custom` of the message: JSON, or any text. */
function metadata(custom: string | undefined): Readonly<Record<string, string>> | undefined {
  if (custom === undefined) return undefined
  return metadataOf(fieldsOf(json(custom)) ?? { 'X-Mailin-custom': custom })
}

function json(words: string): unknown {
  try {
    return JSON.parse(words)
  } catch {
    return undefined
  }
}
