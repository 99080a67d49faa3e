import type { Kind, MailError } from '@loudmail/core'
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
import { remoteReply } from '../remote-reply.ts'
import { fingerprint } from '../signing/equal.ts'
import { whyOf } from '../why.ts'

/** @see https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event */
const EVENTS: Readonly<Record<string, NewsType | 'nothing'>> = {
  processed: 'nothing',
  delivered: 'delivered',
  deferred: 'deferred',
  bounce: 'bounced',
  blocked: 'bounced',
  dropped: 'bounced',
  open: 'opened',
  click: 'clicked',
  spamreport: 'complained',
  unsubscribe: 'unsubscribed',
  group_unsubscribe: 'unsubscribed',
  group_resubscribe: 'nothing',
  account_status_change: 'nothing',
}

/** `bounce_classification`. */
const CLASSES: Readonly<Record<string, Kind>> = {
  'invalid address': 'mailbox-unknown',
  'mailbox unavailable': 'mailbox-disabled',
  technical: 'service-unavailable',
  'technical failure': 'service-unavailable',
  content: 'content-rejected',
  reputation: 'policy',
  'frequency/volume': 'rate-limited',
  'frequency or volume too high': 'rate-limited',
}

/** The reasons of `dropped`: SendGrid itself did not send. */
const DROPPED: readonly (readonly [RegExp, Kind])[] = [
  [/^(?:bounced|unsubscribed|spam reporting) address/i, 'suppressed'],
  [/spam content/i, 'spam'],
  [/quota/i, 'rate-limited'],
  [/smtpapi header/i, 'content-rejected'],
  [/^invalid/i, 'invalid-address'],
]

/** Properties of SendGrid. All others are metadata of the message, which SendGrid puts beside them. */
const OWN = new Set(
  'asm_group_id attempt bounce_classification category cert_err email event ip marketing_campaign_id marketing_campaign_name marketing_campaign_split_id marketing_campaign_version newsletter pool post_type reason response send_at sg_content_type sg_event_id sg_machine_open sg_message_id sg_template_id sg_template_name singlesend_id singlesend_name smtp-id status template_hash template_id template_version_id timestamp tls type unique_args url url_offset useragent'.split(
    ' ',
  ),
)

export function sendgridNews(event: Fields, now: number): EventNews {
  const name = text(event, 'event')
  const type = lookUp(EVENTS, name)
  if (type === undefined) return unknownEvent(name)
  if (type === 'nothing') return []
  const recipient = addressOf(text(event, 'email'))
  if (recipient === undefined) return incompleteEvent(name!)
  const messageId = messageIdOf(text(event, 'smtp-id'))
  const own = Object.entries(event).filter(([key]) => !OWN.has(key))
  const args = Object.entries(within(event, 'unique_args') ?? {})
  return [
    {
      type,
      from: 'sendgrid',
      id: `sendgrid ${text(event, 'sg_event_id') ?? fingerprint(JSON.stringify(event))}`,
      at: secondsOf(field(event, 'timestamp')) ?? new Date(now),
      recipient,
      providerId: providerId(text(event, 'sg_message_id')),
      messageId,
      why: whySendgrid(name!, type, event, recipient, messageId),
      link: type === 'clicked' ? text(event, 'url') : undefined,
      tags: tagsOf(texts(event, 'category')),
      metadata: metadataOf(Object.fromEntries([...own, ...args])),
      raw: event,
    },
  ]
}

/** `sg_message_id` is the `X-Message-Id` of the answer to the send, and where it went inside SendGrid. */
function providerId(id: string | undefined): string | undefined {
  if (id === undefined) return undefined
  const [first] = id.split(/\.(?=recvd|filter)/)
  return first === id ? id.split('.')[0] : first
}

function whySendgrid(
  name: string,
  type: NewsType,
  event: Fields,
  recipient: string,
  messageId: string | undefined,
): MailError | undefined {
  const known = { recipient, messageId, provider: 'sendgrid' } as const
  if (type === 'complained') return whyOf({ ...known, type })
  if (type !== 'bounced' && type !== 'deferred') return undefined
  const reply = text(event, 'reason') ?? text(event, 'response')
  if (name === 'dropped') {
    const kind = DROPPED.find(([says]) => says.test(reply ?? ''))?.[1]
    return whyOf({ ...known, kind, reply, stage: kind === 'suppressed' ? undefined : 'submit' })
  }
  const isBlocked = name === 'blocked' || text(event, 'type') === 'blocked'
  const isSaid = remoteReply(reply ?? '').reply !== undefined
  return whyOf({
    ...known,
    type,
    reply,
    enhanced: text(event, 'status'),
    kind: lookUp(CLASSES, text(event, 'bounce_classification')?.toLowerCase()),
    // SendGrid goes on sending to an address that blocked a message.
    permanence: isBlocked ? (isSaid ? undefined : 'transient') : 'permanent',
  })
}
