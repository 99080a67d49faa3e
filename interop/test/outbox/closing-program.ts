// Adds an entry, closes, and ends by itself.
import { pgBoss } from '@loudmail/outbox/pg-boss'
import { newEntry } from './new-entry.ts'

const store = pgBoss(process.argv[2]!)
store.onWork(() => {})
await store.add(newEntry())
await store.lease(1, 60_000)
await store.close()
