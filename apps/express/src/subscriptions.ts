import { UnsubscribeLinks } from '@loudmail/content/unsubscribe'
import { customers } from './customers.ts'
import { database } from './database.ts'

// UNSUBSCRIBE_SECRET signs the links that end the reports. Without it, reports have no such link, and there is no
// /unsubscribe.
const { UNSUBSCRIBE_SECRET } = process.env

export const links = UNSUBSCRIBE_SECRET
  ? new UnsubscribeLinks({ url: 'https://tea.example.com/unsubscribe', secret: UNSUBSCRIBE_SECRET })
  : undefined

database.exec(
  'CREATE TABLE IF NOT EXISTS unsubscribed (address TEXT, list TEXT, UNIQUE (address, list)) STRICT',
)

/** The customers who want a list. */
export function subscribers(list: string): readonly string[] {
  const gone = database.prepare('SELECT address FROM unsubscribed WHERE list = ?').all(list)
  return customers.filter((address) => !gone.some((row) => row['address'] === address))
}

/** A customer wants a list no more. Mail programs may say so several times. */
export function unsubscribe({ address, list }: { readonly address: string; readonly list: string }): void {
  database.prepare('INSERT OR IGNORE INTO unsubscribed VALUES (?, ?)').run(address, list)
}
