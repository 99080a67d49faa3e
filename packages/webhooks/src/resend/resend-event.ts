import type { Kind, MailError } from '@loudmail/core'
import type { MailNews, NewsType } from '../mail-news.ts'
import {
  addressOf,
  field,
  fieldsOf,
  lookUp,
  messageIdOf,
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

/** Every documented event, and what it means. @see https://resend.com/docs/webhooks/event-types */
const EVENTS: Readonly<Record<string, NewsType>> = {
  'email.delivered': 'delivered',
  'email.delivery_delayed': 'deferred',
  'email.bounced': 'bounced',
  'email.failed': 'bounced',
  'email.suppressed': 'bounced',
  'email.complained': 'complained',
  'email.opened': 'opened',
  'email.clicked': 'clicked',
}

/** Events that say nothing about the delivery of a message. */
const OTHERS =
  /^(?:email\.(?:sent|scheduled|received)|(?:contact|domain)\.(?:created|updated|deleted)|suppression\.(?:added|removed)|inbox(?:\.\w+)+)$/

/** @see https://resend.com/docs/dashboard/emails/email-bounces */
const BOUNCES: Readonly<Record<string, Kind>> = {
  NoEmail: 'mailbox-unknown',
  Suppressed: 'suppressed',
  OnAccountSuppressionList: 'suppressed',
  MailboxFull: 'mailbox-full',
  MessageTooLarge: 'message-too-large',
  ContentRejected: 'content-rejected',
  AttachmentRejected: 'content-rejected',
}

const PERMANENCE: Readonly<Record<string, 'permanent' | 'transient'>> = {
  Permanent: 'permanent',
  Transient: 'transient',
}

/** So much of a reply is searched for a recipient, in characters. */
const MOST_TEXT = 10_000

/** Words of Resend for what it could not do. */
const FAILURES: readonly (readonly [RegExp, Kind])[] = [
  [/quota|rate.?limit/i, 'rate-limited'],
  [/domain|from.?address|not.?verified/i, 'sender-not-owned'],
  [/recipient|\bto\b.?address|invalid.?address/i, 'invalid-address'],
  [/api.?key|credential/i, 'bad-credentials'],
  [/attachment|content|template/i, 'content-rejected'],
]

/** @param id the id of the request, which Resend keeps when it tells the same again */
export function resendNews(event: Fields, id: string, now: number): EventNews {
  const name = text(event, 'type')
  const type = lookUp(EVENTS, name)
  if (type === undefined) return name !== undefined && OTHERS.test(name) ? [] : unknownEvent(name)
  const data = within(event, 'data')
  const to = texts(data, 'to')
    .map(addressOf)
    .filter((address) => address !== undefined)
  const named = to.length > 1 ? to.filter((address) => isNamed(data, address)) : to
  const recipient = named[0] ?? to[0]
  if (recipient === undefined) return incompleteEvent(name!)
  const messageId = messageIdOf(text(data, 'message_id'))
  return [
    {
      type,
      from: 'resend',
      id: `resend ${id}`,
      at: timeOf(text(event, 'created_at')) ?? new Date(now),
      recipient,
      oneOf: named.length === 1 ? undefined : named.length > 1 ? named : to,
      providerId: text(data, 'email_id'),
      messageId,
      why: whyResend(name!, type, data, recipient, messageId),
      link: text(within(data, 'click'), 'link'),
      ...labels(field(data, 'tags')),
      raw: event,
    },
  ]
}

function whyResend(
  name: string,
  type: NewsType,
  data: Fields | undefined,
  recipient: string,
  messageId: string | undefined,
): MailError | undefined {
  const known = { recipient, messageId, provider: 'resend' } as const
  if (type === 'complained') return whyOf({ ...known, type })
  if (name === 'email.suppressed')
    return whyOf({ ...known, kind: 'suppressed', reply: text(within(data, 'suppressed'), 'message') })
  if (name === 'email.failed') {
    const reply = text(within(data, 'failed'), 'reason')
    const kind = FAILURES.find(([says]) => says.test(reply ?? ''))?.[1]
    return whyOf({ ...known, stage: 'submit', kind, reply })
  }
  if (type !== 'bounced' && type !== 'deferred') return undefined
  const bounce = bounceOf(data)
  return whyOf({
    ...known,
    type,
    reply: texts(bounce, 'diagnosticCode')[0] ?? text(bounce, 'message'),
    kind:
      lookUp(BOUNCES, text(bounce, 'subType')) ?? (type === 'deferred' ? 'service-unavailable' : undefined),
    permanence: lookUp(PERMANENCE, text(bounce, 'type')),
  })
}

/** A message to several recipients has one event for each, and the event does not say for which. The server's reply may. */
function isNamed(data: Fields | undefined, address: string): boolean {
  const bounce = bounceOf(data)
  const said = [...texts(bounce, 'diagnosticCode'), text(bounce, 'message') ?? ''].join(' ')
  // As a whole: `joann@example.com` is not `ann@example.com`.
  const words = said
    .slice(0, MOST_TEXT)
    .toLowerCase()
    .split(/[\s<>()[\]"',;:]+/)
  return words.some((word) => word.replace(/\.+$/, '') === address.toLowerCase())
}

function bounceOf(data: Fields | undefined): Fields | undefined {
  return within(data, 'bounce') ?? within(data, 'delivery_delayed')
}

/**
 * What Resend calls tags are pairs: an object, or in older events a list. The transport of `@loudmail/providers` sends a tag
 * without a value as `true`.
 */
function labels(value: unknown): Pick<MailNews, 'tags' | 'metadata'> {
  const list = Array.isArray(value) ? value.map(fieldsOf) : []
  const pairs: (readonly [string | undefined, unknown])[] = Array.isArray(value)
    ? list.map((tag) => [text(tag, 'name'), text(tag, 'value')])
    : Object.entries(fieldsOf(value) ?? {})
  const named = pairs.filter((pair): pair is [string, unknown] => pair[0] !== undefined)
  return {
    tags: tagsOf(named.filter(([, own]) => own === 'true').map(([name]) => name)),
    metadata: metadataOf(Object.fromEntries(named.filter(([, own]) => own !== 'true'))),
  }
}
