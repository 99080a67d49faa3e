// Keeps a mail in a transaction, and dies: `before` the commit, or `after` it.
import { discard } from '@loudmail/core'
import { outbox } from '@loudmail/outbox'
import { pgBoss } from '@loudmail/outbox/pg-boss'
import { Client } from 'pg'

const [url, when] = process.argv.slice(2) as [string, 'before' | 'after']
const transport = discard()
const dieIf = (now: 'before' | 'after'): void => void (now === when && process.kill(process.pid, 'SIGKILL'))
const message = { from: 'shop@sender.example', to: 'ann@rcpt.example', subject: 'Order 1', text: 'Thank you' }

// snippet: transaction
const box = outbox(transport, { store: pgBoss(url) })
const client = new Client(url)
await client.connect()

await client.query('BEGIN')
await client.query('INSERT INTO orders VALUES (1)')
await box.enqueue(message, { using: client })
// end
dieIf('before')
await client.query('COMMIT')
dieIf('after')
