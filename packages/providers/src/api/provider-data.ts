import { MailError, type Message } from '@loudmail/core'
import { nearestName } from '@loudmail/core/transport'
import type { CommonData } from './common-data.ts'
import type { ProviderApi } from './provider-api.ts'

/**
 * Reads `transportData`. What is for other transports is left alone.
 *
 * @throws MailError `compose/invalid-message`
 */
export function readData<Own extends object>(
  { transportData = {} }: Message,
  { id, title, ownFields, support }: ProviderApi<Own>,
): CommonData & { readonly own: Own } {
  const { tags, metadata, sendAt } = transportData as Record<string, unknown>
  if (tags !== undefined && !(Array.isArray(tags) && tags.every(isText)))
    throw invalid("transportData.tags must be a list of texts, such as ['welcome']")
  if (metadata !== undefined && !(isObject(metadata) && Object.values(metadata).every(isText)))
    throw invalid("transportData.metadata must be an object of texts, such as { order: '4711' }")
  const own = transportData[id] ?? {}
  if (!isObject(own)) throw invalid(`transportData.${id} must be an object`)
  const stranger = Object.keys(own).find((name) => !Object.hasOwn(ownFields, name))
  if (stranger !== undefined) throw unknown(id, stranger, Object.keys(ownFields))
  const at = sendAt === undefined ? undefined : dateOf(sendAt)
  if (at) checkTime(at, title, support.scheduleMs)
  return {
    ...(tags !== undefined && { tags }),
    ...(metadata !== undefined && { metadata: metadata as Record<string, string> }),
    ...(at && { sendAt: at }),
    own: own as Own,
  }
}

/** A date, also as JSON has it. */
function dateOf(value: unknown): Date {
  const date = value instanceof Date || typeof value === 'string' ? new Date(value) : undefined
  if (date && !Number.isNaN(date.getTime())) return date
  throw invalid('transportData.sendAt must be a valid Date')
}

function checkTime(at: Date, title: string, longestMs: number): void {
  const ms = at.getTime() - Date.now()
  // A moment that is over means at once.
  if (ms <= 0 || ms <= longestMs) return
  if (longestMs === 0)
    throw invalid(
      `${title} cannot send a message later, as transportData.sendAt asks`,
      'Use an outbox: `outbox.enqueue(message, { sendAt })` of @loudmail/outbox keeps it until then.',
    )
  const hours = Math.floor(longestMs / 3_600_000)
  throw invalid(
    `${title} schedules a message at most ${hours} hours ahead, and transportData.sendAt is later`,
    'Choose an earlier time, or use an outbox: `outbox.enqueue(message, { sendAt })` of @loudmail/outbox.',
  )
}

function unknown(id: string, name: string, names: readonly string[]): MailError {
  const near = nearestName(name, names)
  const hint = near === undefined ? `It may have ${names.join(', ') || 'nothing'}.` : `Did you mean ${near}?`
  return invalid(`transportData.${id} has no ${name.slice(0, 60)}`, hint)
}

/** A message that this provider cannot send as it is. */
export function invalid(summary: string, hint?: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary, hint })
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
