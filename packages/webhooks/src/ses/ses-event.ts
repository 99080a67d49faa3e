import { field, fieldsOf, lookUp, text, texts, timeOf, within, type Fields } from '../payload/fields.ts'
import { readEvents, unknownEvent, type EventNews } from '../payload/read-events.ts'
import type { ReadWebhook } from '../webhook-source.ts'
import type { WhyInit } from '../why.ts'
import { bounceMeaning, DELAYS } from './ses-bounces.ts'
import type { SnsMessage } from './sns-message.ts'
import { asPerson, each, peopleOf, someone, toAll, type Person, type Told } from './told.ts'

/** What SES published, of which the signature is right. */
export function sesNews(
  message: Pick<SnsMessage, 'message' | 'timestamp'>,
  now: number,
): Pick<ReadWebhook, 'news' | 'unknown'> {
  let event: unknown
  try {
    event = JSON.parse(message.message)
  } catch {
    // When a topic becomes the destination of events, SES publishes a sentence.
    const isTest = message.message.startsWith('Successfully validated SNS topic for Amazon SES')
    return { news: [], unknown: isTest ? [] : ['a message that is not of Amazon SES'] }
  }
  return readEvents([event], (fields) => newsOf(fields, timeOf(message.timestamp) ?? new Date(now)))
}

/** Where the facts of an event are, by its name. */
const FACTS: Readonly<Record<string, string>> = {
  Bounce: 'bounce',
  Complaint: 'complaint',
  Delivery: 'delivery',
  DeliveryDelay: 'deliveryDelay',
  Reject: 'reject',
  'Rendering Failure': 'failure',
  Open: 'open',
  Click: 'click',
  Subscription: 'subscription',
}

/** Events that say nothing about the delivery of a message. */
const OTHERS = ['Send', 'AmazonSnsSubscriptionSucceeded']

function newsOf(event: Fields, published: Date): EventNews {
  const name = text(event, 'eventType') ?? text(event, 'notificationType')
  if (name !== undefined && OTHERS.includes(name)) return []
  const place = lookUp(FACTS, name)
  if (place === undefined) return unknownEvent(name)
  const facts = within(event, place)
  const mail = within(event, 'mail')
  const at = timeOf(text(facts, 'timestamp')) ?? published
  return readFacts({ event, name: name!, facts, mail, at })
}

function readFacts(told: Told): EventNews {
  const { name, facts } = told
  switch (name) {
    case 'Bounce':
      return each(told, 'bounced', peopleOf(told, 'bouncedRecipients'), (person) => whyBounced(facts, person))
    case 'DeliveryDelay':
      return each(told, 'deferred', peopleOf(told, 'delayedRecipients'), (person) => ({
        reply: text(person, 'diagnosticCode'),
        enhanced: text(person, 'status'),
        kind: lookUp(DELAYS, text(facts, 'delayType')) ?? 'service-unavailable',
      }))
    case 'Delivery':
      return each(told, 'delivered', texts(facts, 'recipients').map(asPerson))
    case 'Reject':
      return each(told, 'bounced', toAll(told), () => ({
        stage: 'submit',
        kind: 'content-rejected',
        permanence: 'permanent',
        reply: text(facts, 'reason'),
        hint: 'Amazon SES found a virus in the message, and sent it to nobody. Check the attachments.',
      }))
    case 'Rendering Failure':
      return each(told, 'bounced', toAll(told), () => ({
        stage: 'submit',
        kind: 'content-rejected',
        permanence: 'permanent',
        reply: text(facts, 'errorMessage'),
        hint: 'The template could not be filled in, so Amazon SES sent nothing. Compare its names with the data of the message.',
      }))
    case 'Complaint':
      return complaints(told)
    case 'Subscription':
      return isUnsubscribed(facts) ? someone(told, 'unsubscribed', toAll(told)) : []
    default:
      return someone(told, name === 'Click' ? 'clicked' : 'opened', toAll(told))
  }
}

function whyBounced(facts: Fields | undefined, person: Person): Partial<WhyInit> {
  const meaning = bounceMeaning(text(facts, 'bounceType'), text(facts, 'bounceSubType'))
  const reply = text(person, 'diagnosticCode')
  const enhanced = text(person, 'status')
  // Without any reason, it cannot be said that the next message will fail.
  if (reply === undefined && enhanced === undefined) return { permanence: 'transient', ...meaning }
  return { reply, enhanced, ...meaning }
}

/** Types of feedback (RFC 5965) that are no complaint of a recipient. */
const NO_COMPLAINTS = ['not-spam', 'auth-failure']

function complaints(told: Told): EventNews {
  const { facts } = told
  if (NO_COMPLAINTS.includes(text(facts, 'complaintFeedbackType') ?? '')) return []
  const isSuppressed = text(facts, 'complaintSubType') === 'OnAccountSuppressionList'
  // Most providers do not say who complained. SES then names all recipients at their domain.
  return someone(told, 'complained', peopleOf(told, 'complainedRecipients'), {
    ...(isSuppressed && {
      summary: 'the recipient complained before, and Amazon SES did not send this message',
    }),
  })
}

/** @see the object `subscription`: what the recipient wants now, and wanted before */
function isUnsubscribed(facts: Fields | undefined): boolean {
  const now = within(facts, 'newTopicPreferences')
  if (field(now, 'unsubscribeAll') === true) return true
  const before = new Set(topicsOut(within(facts, 'oldTopicPreferences')))
  return topicsOut(now).some((topic) => !before.has(topic))
}

function topicsOut(preferences: Fields | undefined): string[] {
  const list = field(preferences, 'topicSubscriptionStatus')
  return (Array.isArray(list) ? list : [])
    .map(fieldsOf)
    .filter((topic) => text(topic, 'subscriptionStatus') === 'OptOut')
    .map((topic) => text(topic, 'topicName') ?? '')
}
