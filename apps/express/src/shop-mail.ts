import { limit, Mailer, transportFromUrl } from '@loudmail/core'
import { debug, debugSchemes, memoryStore } from '@loudmail/debug'
import { outbox, sqlite, worker, type Worker } from '@loudmail/outbox'
import { providerSchemes } from '@loudmail/providers'
import { smtpSchemes } from '@loudmail/smtp'
import { suppress } from '@loudmail/webhooks'
import { DATABASE } from './database.ts'
import { mailNews } from './mail-news.ts'

// MAIL_URL=smtp://user:password@mail.example.com:587 sends mail, and so does resend://key@ or the URL of another provider.
// Without it, mail is captured and shown at /mail. In production debug() throws instead: a missing setting must not swallow
// mail.
export const { MAIL_URL } = process.env
// How long mail that is being sent may take after SIGTERM. Docker kills after ten seconds.
export const drainMs = 3_000
export const captured = memoryStore()

// At most ten at once: the others wait for their turn.
const sending = MAIL_URL
  ? limit(transportFromUrl(MAIL_URL, { ...smtpSchemes, ...providerSchemes, ...debugSchemes }), {
      concurrent: 10,
    })
  : debug({ store: captured })
// Nothing goes to addresses whose mail bounced, or whose owner complained, as the provider told at /hooks/mail.
const transport = mailNews ? suppress(sending, mailNews.suppressed) : sending
const defaults = { from: 'Tea Shop <tea@example.com>' }

/** For mail whose answer waits for the mail server. */
export const mailer = new Mailer({
  transport,
  defaults,
  drainMs,
  observe: ({ type, error, context }) =>
    console.log('mail', type, error?.message ?? '', JSON.stringify(context ?? {})),
})

/** For mail that must go out, also if this process dies: it is kept in the shop's database. */
export const box = outbox(transport, { store: sqlite(DATABASE), defaults })

/** Sends what is in the outbox, in this process. Any number of processes of this machine may do that. */
export const startWorker = (): Worker =>
  worker(box, {
    concurrency: 10,
    drainMs,
    // What a worker had that was killed is sent after this time.
    leaseMs: 5_000,
    // What is tried again later is `queued`.
    observe: (event) => {
      const what = event.type === 'sent' ? event.receipt.state : event.type
      console.log('outbox', what, event.error?.message ?? '', JSON.stringify(event.context))
    },
  })
