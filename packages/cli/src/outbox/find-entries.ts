import type { Outbox, OutboxEntry } from '@loudmail/outbox'
import { UsageError } from '../usage-error.ts'

const WHOLE_ID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/

/** How many entries with the same beginning an error shows. */
const MOST_SHOWN = 3

/**
 * The entries that people name by an id, by a beginning of it that no other one has, or by a Message-ID. Each is there once.
 *
 * @throws UsageError if there is none, or more than one, for a name: nothing was changed
 */
export async function findEntries(box: Outbox, names: readonly string[]): Promise<readonly OutboxEntry[]> {
  const found = new Map<string, OutboxEntry[]>()
  for (const name of names) {
    const entry = WHOLE_ID.test(name.toLowerCase()) ? await box.get(name.toLowerCase()) : undefined
    found.set(name, entry ? [entry] : [])
  }
  const open = [...found].filter(([, entries]) => entries.length === 0)
  if (open.length > 0)
    for await (const entry of box.list())
      for (const [name, entries] of open)
        if (entries.length <= MOST_SHOWN && isNamed(entry, name)) entries.push(entry)
  const entries = names.map((name) => theOne(name, found.get(name)!))
  return [...new Map(entries.map((entry) => [entry.id, entry])).values()]
}

function isNamed({ id, messageId }: OutboxEntry, name: string): boolean {
  if (name.includes('@')) return messageId === name || messageId === `<${name}>`
  return name !== '' && id.startsWith(name.toLowerCase())
}

function theOne(name: string, entries: readonly OutboxEntry[]): OutboxEntry {
  const [entry, ...others] = entries
  if (!entry) throw new UsageError(`there is no entry ${name} in the outbox`)
  if (others.length === 0) return entry
  const ids = entries.slice(0, MOST_SHOWN).map(({ id }) => id)
  const more = entries.length > MOST_SHOWN ? ', ...' : ''
  throw new UsageError(`${name} is not the name of one entry alone: ${ids.join(', ')}${more}`)
}
