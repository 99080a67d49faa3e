import type { MailNews, NewsType } from '../mail-news.ts'
import {
  addressOf,
  field,
  fieldsOf,
  messageIdOf,
  metadataOf,
  tagsOf,
  text,
  texts,
  within,
  type Fields,
} from '../payload/fields.ts'
import { incompleteEvent, type EventNews } from '../payload/read-events.ts'
import { whyOf, type WhyInit } from '../why.ts'

/** One event: its facts, and what is known of the message. */
export interface Told {
  readonly event: Fields
  readonly name: string
  readonly facts: Fields | undefined
  readonly mail: Fields | undefined
  readonly at: Date
}

/** A recipient in a list of SES. */
export type Person = Fields

export function asPerson(emailAddress: string): Person {
  return { emailAddress }
}

function addressIn(person: Person): string | undefined {
  return addressOf(text(person, 'emailAddress'))
}

/** The recipients in a list; if the list is empty, the only one of the message. */
export function peopleOf(told: Told, name: string): Person[] {
  const list = field(told.facts, name)
  const people = (Array.isArray(list) ? list : []).map(fieldsOf).filter((one) => one !== undefined)
  const all = toAll(told)
  return people.length === 0 && all.length === 1 ? all : people
}

export function toAll({ mail }: Told): Person[] {
  return texts(mail, 'destination').map(asPerson)
}

/** One news for each recipient. */
export function each(
  told: Told,
  type: NewsType,
  people: readonly Person[],
  why?: (person: Person) => Partial<WhyInit>,
): EventNews {
  const news = people.flatMap((person): MailNews[] => {
    const recipient = addressIn(person)
    if (recipient === undefined) return []
    const one = common(told, type, recipient)
    if (!why) return [one]
    const reason = { type: type as WhyInit['type'], messageId: one.messageId, ...why(person) }
    return [{ ...one, why: whyOf({ recipient, provider: 'ses', ...reason }) }]
  })
  return news.length > 0 ? news : incompleteEvent(told.name)
}

/** One news, also if SES does not say of whom. */
export function someone(
  told: Told,
  type: NewsType,
  people: readonly Person[],
  why?: Partial<WhyInit>,
): EventNews {
  const all = people.map(addressIn).filter((address) => address !== undefined)
  const [recipient] = all
  if (recipient === undefined) return incompleteEvent(told.name)
  const one = common(told, type, recipient)
  const { messageId } = one
  return [
    {
      ...one,
      oneOf: all.length > 1 ? all : undefined,
      ...(why && { why: whyOf({ recipient, provider: 'ses', type: 'complained', messageId, ...why }) }),
    },
  ]
}

function common({ event, name, facts, mail, at }: Told, type: NewsType, recipient: string): MailNews {
  const providerId = text(mail, 'messageId')
  const what = text(facts, 'feedbackId') ?? `${providerId} ${at.toISOString()}`
  const link = name === 'Click' ? text(facts, 'link') : undefined
  return {
    type,
    from: 'ses',
    id: ['ses', name, what, recipient, link].filter((word) => word !== undefined).join(' '),
    at,
    recipient,
    providerId,
    messageId: messageIdOf(text(within(mail, 'commonHeaders'), 'messageId') ?? headerIn(mail, 'message-id')),
    link,
    ...labelsOf(within(mail, 'tags')),
    raw: event,
  }
}

function headerIn(mail: Fields | undefined, name: string): string | undefined {
  const list = field(mail, 'headers')
  const found = (Array.isArray(list) ? list : [])
    .map(fieldsOf)
    .find((header) => text(header, 'name')?.toLowerCase() === name)
  return text(found, 'value')
}

/** Tags of SES have values. Those that `ses()` made of `tags` have the value `true`; SES adds some of its own. */
function labelsOf(labels: Fields | undefined): Pick<MailNews, 'tags' | 'metadata'> {
  const own = Object.keys(labels ?? {})
    .filter((name) => !name.startsWith('ses:'))
    .map((name) => [name, texts(labels, name).join(', ')] as const)
  return {
    tags: tagsOf(own.filter(([, value]) => value === 'true').map(([name]) => name)),
    metadata: metadataOf(Object.fromEntries(own.filter(([, value]) => value !== 'true'))),
  }
}
