// Keeps a mail, and forgets to close.
import { pgBoss } from '@loudmail/outbox/pg-boss'
import { newEntry } from './new-entry.ts'

const store = pgBoss(process.argv[2]!)
store.onWork(() => {})
await store.add(newEntry())
