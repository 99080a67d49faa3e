import type { MailNews, NewsType } from '../mail-news.ts'
import {
  addressOf,
  field,
  lookUp,
  metadataOf,
  tagsOf,
  text,
  texts,
  timeOf,
  within,
  type Fields,
} from '../payload/fields.ts'
import { incompleteEvent, unknownEvent, type EventNews } from '../payload/read-events.ts'
import { whyOf } from '../why.ts'
import { bounceType } from './bounce-types.ts'

/** Records with one meaning. @see https://postmarkapp.com/developer/webhooks/webhooks-overview */
const RECORDS: Readonly<Record<string, NewsType>> = {
  Delivery: 'delivered',
  Open: 'opened',
  Click: 'clicked',
}

/** @param id names the request */
export function postmarkNews(event: Fields, id: string, now: number): EventNews {
  const record = text(event, 'RecordType')
  if (record === 'Inbound') return []
  const type = lookUp(RECORDS, record)
  if (type !== undefined) return one(event, record!, id, now, { type })
  if (record === 'Bounce' || record === 'SpamComplaint') return bounced(event, record, id, now)
  return record === 'SubscriptionChange' ? subscriptionChanged(event, id, now) : unknownEvent(record)
}

function bounced(event: Fields, record: string, id: string, now: number): EventNews {
  const name = record === 'SpamComplaint' ? record : text(event, 'Type')
  const { type, ...means } = bounceType(name, text(event, 'TypeCode'))
  if (type === 'nothing') return []
  // JSON.parse() cannot tell ids of this size apart.
  const own = Number.isSafeInteger(field(event, 'ID')) ? text(event, 'ID') : undefined
  // Postmark tells of a complaint under both records, with the same number.
  const named = own === undefined ? id : `bounce ${own}`
  if (type !== 'bounced' && type !== 'deferred' && type !== 'complained')
    return one(event, record, named, now, { type })
  const reply = text(event, 'Details') ?? text(event, 'Description')
  const { kind, stage, permanence } = means
  return one(event, record, named, now, { type, why: { type, reply, kind, stage, permanence } })
}

/** An address was put on a suppression list, or taken off. */
function subscriptionChanged(event: Fields, id: string, now: number): EventNews {
  if (field(event, 'SuppressSending') !== true) return []
  const reason = text(event, 'SuppressionReason')
  const record = 'SubscriptionChange'
  if (reason === 'SpamComplaint')
    return one(event, record, id, now, { type: 'complained', why: { type: 'complained' } })
  if (reason !== 'HardBounce') return one(event, record, id, now, { type: 'unsubscribed' })
  const summary = 'a message to this address bounced, so Postmark does not send to it any more'
  return one(event, record, id, now, { type: 'bounced', why: { kind: 'suppressed', summary } })
}

interface Meaning {
  readonly type: NewsType
  readonly why?: Omit<Parameters<typeof whyOf>[0], 'recipient' | 'provider'>
}

function one(event: Fields, record: string, id: string, now: number, { type, why }: Meaning): EventNews {
  const recipient = addressOf(text(event, 'Email') ?? text(event, 'Recipient'))
  if (recipient === undefined) return incompleteEvent(record)
  const at = ['DeliveredAt', 'BouncedAt', 'ReceivedAt', 'ChangedAt'].map((name) => text(event, name))
  const news: MailNews = {
    type,
    from: 'postmark',
    id: `postmark ${id}`,
    at: timeOf(at.find((time) => time !== undefined)) ?? new Date(now),
    recipient,
    providerId: text(event, 'MessageID'),
    why: why && whyOf({ ...why, recipient, provider: 'postmark' }),
    link: type === 'clicked' ? text(event, 'OriginalLink') : undefined,
    tags: tagsOf(texts(event, 'Tag')),
    metadata: metadataOf(within(event, 'Metadata')),
    raw: event,
  }
  return [news]
}
