import { outbox, sqlite, worker } from '@loudmail/outbox'
import { smtp } from '@loudmail/smtp'

// The worker of an application. When it dies, others wait a second before they look at what it was sending.
worker(outbox(smtp(process.env.MAIL_URL), { store: sqlite(process.env.STORE) }), { leaseMs: 1_000 })
