import type { MailNews } from '../mail-news.ts'
import type { ReadWebhook } from '../webhook-source.ts'
import { fieldsOf, named, type Fields } from './fields.ts'

/** What an event says: news, nothing (an empty list), or its name if it cannot be read. */
export type EventNews = readonly MailNews[] | { readonly unknown: string }

/** Reads the events of a request, one by one: one that is not known does not hide the others. */
export function readEvents(
  events: readonly unknown[],
  read: (event: Fields) => EventNews,
): Pick<ReadWebhook, 'news' | 'unknown'> {
  const news: MailNews[] = []
  const unknown: string[] = []
  for (const event of events) {
    const fields = fieldsOf(event)
    const said = fields ? readOne(fields, read) : { unknown: 'something that is not an object' }
    if ('unknown' in said) unknown.push(said.unknown)
    else news.push(...said)
  }
  return { news, unknown }
}

function readOne(fields: Fields, read: (event: Fields) => EventNews): EventNews {
  try {
    return read(fields)
  } catch (error) {
    // JSON.parse() takes what is nested deeper than JSON.stringify() can write.
    if (error instanceof RangeError) return { unknown: 'something that is nested too deep' }
    throw error
  }
}

/** An event that no documentation has. */
export function unknownEvent(name: unknown): EventNews {
  return { unknown: named(name) }
}

/** An event without what it is about. */
export function incompleteEvent(name: string): EventNews {
  return { unknown: `${named(name)} without a recipient` }
}
