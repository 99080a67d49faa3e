import type { NewsType } from '../mail-news.ts'
import {
  addressOf,
  field,
  lookUp,
  messageIdOf,
  metadataOf,
  secondsOf,
  tagsOf,
  text,
  texts,
  within,
  type Fields,
} from '../payload/fields.ts'
import { incompleteEvent, unknownEvent, type EventNews } from '../payload/read-events.ts'
import { whyOf } from '../why.ts'
import { whyMailgun } from './why-mailgun.ts'

/** @see https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads */
const EVENTS: Readonly<Record<string, NewsType | 'nothing'>> = {
  accepted: 'nothing',
  stored: 'nothing',
  delivered: 'delivered',
  failed: 'bounced',
  rejected: 'bounced',
  opened: 'opened',
  clicked: 'clicked',
  unsubscribed: 'unsubscribed',
  complained: 'complained',
  list_member_uploaded: 'nothing',
  list_member_upload_error: 'nothing',
  list_uploaded: 'nothing',
}

/** @param id names the event */
export function mailgunNews(event: Fields, id: string, now: number): EventNews {
  const name = text(event, 'event')
  const means = lookUp(EVENTS, name)
  if (means === undefined) return unknownEvent(name)
  if (means === 'nothing') return []
  const headers = within(within(event, 'message'), 'headers')
  // An event `rejected` has the recipient only in the header.
  const recipient = addressOf(text(event, 'recipient') ?? text(headers, 'to'))
  if (recipient === undefined) return incompleteEvent(name!)
  const type = name === 'failed' && text(event, 'severity') === 'temporary' ? 'deferred' : means
  const messageId = messageIdOf(text(headers, 'message-id'))
  const known = { recipient, messageId, provider: 'mailgun' } as const
  const fails = type === 'bounced' || type === 'deferred'
  return [
    {
      type,
      from: 'mailgun',
      id: `mailgun ${id}`,
      at: secondsOf(field(event, 'timestamp')) ?? new Date(now),
      recipient,
      providerId: messageId,
      messageId,
      why: fails
        ? whyOf({ ...known, type, ...whyMailgun(event) })
        : type === 'complained'
          ? whyOf({ ...known, type })
          : undefined,
      link: type === 'clicked' ? text(event, 'url') : undefined,
      tags: tagsOf(texts(event, 'tags')),
      metadata: metadataOf(within(event, 'user-variables')),
      raw: event,
    },
  ]
}
