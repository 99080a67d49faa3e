import { previews } from '@loudmail/content/previews'
import { limit, transportFromUrl } from '@loudmail/core'
import { debug, inbox, memoryStore, debugSchemes } from '@loudmail/debug'
import type { NestMailerOptions } from '@loudmail/nestjs'
import type { MailWorkerOptions } from '@loudmail/nestjs/outbox'
import { outbox, sqlite } from '@loudmail/outbox'
import { providerSchemes } from '@loudmail/providers'
import { smtpSchemes } from '@loudmail/smtp'
import { suppress } from '@loudmail/webhooks'
import { DATABASE } from './database.ts'
import { mailNews } from './mail-news.ts'
import { welcome } from './mails/welcome.tsx'
import { officePage } from './office-page.ts'

// MAIL_URL=smtp://user:password@mail.example.com:587 sends mail, and so does resend://key@ or the URL of another provider.
// Without it, mail is captured and shown at /mail. In production debug() throws instead: a missing setting must not swallow
// mail.
export const { MAIL_URL } = process.env
const { OUTBOX_PASSWORD } = process.env
const store = memoryStore()
// At most ten at once: the others wait for their turn.
const sending = MAIL_URL
  ? limit(transportFromUrl(MAIL_URL, { ...smtpSchemes, ...providerSchemes, ...debugSchemes }), {
      concurrent: 10,
    })
  : debug({ store })
// Nothing goes to addresses whose mail bounced, or whose owner complained, as the provider told at /hooks/mail.
const transport = mailNews ? suppress(sending, mailNews.suppressed) : sending

/** What the inbox shows without anything being sent. */
const shown = previews({ welcome: { Ann: welcome({ name: 'Ann' }), escaped: welcome({ name: '<b>' }) } })

// snippet: nestjs-outbox-options
// For mail that must go out, also if this process dies: it is kept in the shop's database.
const box = outbox(transport, { store: sqlite(DATABASE) })

export const mail: NestMailerOptions = {
  // For mail whose answer waits for the mail server.
  transport,
  outbox: box,
  // end
  defaults: { from: 'Tea Shop <tea@example.com>' },
  // How long mail that is being sent may take after SIGTERM. Docker kills after ten seconds.
  drainMs: 3_000,
  // Where mail is captured, everybody at this machine may see it, and what is in the outbox. Where it is sent, the office
  // may see the outbox: without a password, nobody.
  inbox: MAIL_URL
    ? !!OUTBOX_PASSWORD && officePage(box, OUTBOX_PASSWORD)
    : inbox(store, { outbox: box, previews: shown, authorize: () => true }),
  inboxPath: MAIL_URL ? '/outbox' : '/mail',
  observe: ({ type, error, context }) =>
    console.log('mail', type, error?.message ?? '', JSON.stringify(context ?? {})),
}

/** How a worker sends what is in the outbox. */
export const work: MailWorkerOptions = {
  concurrency: 10,
  // What a worker had that was killed is sent after this time.
  leaseMs: 5_000,
  // What is tried again later is `queued`.
  observe: (event) => {
    const what = event.type === 'sent' ? event.receipt.state : event.type
    console.log('outbox', what, event.error?.message ?? '', JSON.stringify(event.context))
  },
}
