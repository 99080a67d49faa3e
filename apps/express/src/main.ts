import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { previews } from '@loudmail/content/previews'
import { unsubscribeHandler } from '@loudmail/content/unsubscribe'
import { silenceRecipients } from '@loudmail/core'
import { inbox } from '@loudmail/debug'
import { handler, mail, mailErrors } from '@loudmail/express'
import { suppressFrom, webhook } from '@loudmail/webhooks'
import express from 'express'
import { cups } from './cups.ts'
import { isCustomer } from './customers.ts'
import { transaction } from './database.ts'
import { mailNews } from './mail-news.ts'
import { mails } from './mails.ts'
import { officePage } from './office-page.ts'
import { box, captured, drainMs, MAIL_URL, mailer, startWorker } from './shop-mail.ts'
import { links, subscribers, unsubscribe } from './subscriptions.ts'

// WORKER=apart: another process sends what is in the outbox, see worker.ts.
const { PORT = '3000', WORKER, OUTBOX_PASSWORD } = process.env
// The database must be usable before the first request, and so must the templates: a broken one must not wait for a mail.
await box.store.open()
await mails.compile()
const sender = WORKER === 'apart' ? undefined : startWorker()

const routes = express.Router()

// Loud, the default: a failure is thrown, and mailErrors() answers it.
// snippet: express-route
routes.post(
  '/sign-up',
  handler(async (req, res) => {
    const to = { address: req.body?.email }
    const name = String(req.body?.name ?? 'friend of tea')
    await req.mailer.send({ to, template: mails('welcome', { name }) })
    res.status(201).json({ welcome: 'sent' })
  }),
)
// end

// A function decides: a friend's mailbox that does not exist is a normal answer, a mail server that is down is an error.
routes.post(
  '/invitation',
  handler(async (req, res) => {
    const to = { address: req.body?.email }
    const text = 'A friend invites you for tea.'
    const { ok } = await req.mailer.send(
      { to, subject: 'Come for tea', text },
      { failure: silenceRecipients },
    )
    res.status(202).json({ invited: ok })
  }),
)

// In the outbox, in one transaction with what it is about: the link is mailed if and only if its token is known.
// snippet: express-outbox
routes.post(
  '/password-reset',
  handler(async (req, res) => {
    const address = String(req.body?.email)
    // Neither the answer nor the time it takes may show who is a customer.
    const answer = pause(200)
    await transaction(async (database) => {
      const token = randomUUID()
      database.prepare('INSERT INTO resets VALUES (?, ?, ?)').run(token, address, Date.now())
      const text = `Follow this link: https://tea.example.com/reset/${token}`
      const message = { to: { address }, subject: 'New password', text }
      if (isCustomer(address)) await box.enqueue(message, { using: database })
    })
    await answer
    res.status(202).json({ reset: 'on its way, if we know you' })
  }),
)
// end

// In the outbox, to every customer who wants it: what was answered goes out, also if this process dies. Mail programs show a
// button that ends the reports.
routes.post(
  '/report',
  handler(async (_req, res) => {
    const attachments = [{ filename: 'cups.csv', content: cups() }]
    await Promise.all(
      subscribers('reports').map((address) => {
        const listUnsubscribe = links?.link({ address, list: 'reports' })
        const text = `You had 31 cups.${listUnsubscribe ? `\n\nNo more reports: ${listUnsubscribe.url}` : ''}`
        return box.enqueue({
          to: { address },
          subject: 'Your month in tea',
          text,
          attachments,
          listUnsubscribe,
        })
      }),
    )
    res.status(202).json({ report: 'under way' })
  }),
)

// snippet: health
routes.get(
  '/health',
  handler(async (_req, res) => {
    // It connects and logs in while nothing is known, and every 30 s while mail is down: without sends, nothing else would.
    const { state, knownAt } = mailer.health()
    const isOld = !knownAt || (state === 'down' && Date.now() - knownAt.getTime() > 30_000)
    // health() says why it failed.
    if (isOld) await mailer.verify().catch(() => {})
    const health = mailer.health()
    res.status(health.state === 'down' ? 503 : 200).json(health)
  }),
)
// end

const app = express()
// Before express.json(): a signature is of the body as it was sent.
if (mailNews) app.post('/hooks/mail', webhook(mailNews.source, suppressFrom(mailNews.suppressed)))
if (links) app.all('/unsubscribe', unsubscribeHandler(links, unsubscribe))
app.use(express.json())
// Where mail is captured, everybody at this machine may see it, and what is in the outbox. Where it is sent, the office
// may see the outbox: without a password, nobody.
if (!MAIL_URL) {
  // snippet: previews
  const shown = previews({
    welcome: { Ann: mails('welcome', { name: 'Ann' }), escaped: mails('welcome', { name: '<b>' }) },
  })
  app.use('/mail', inbox(captured, { outbox: box, previews: shown, authorize: () => true }))
  // end
} else if (OUTBOX_PASSWORD) app.use('/outbox', officePage(box, OUTBOX_PASSWORD))
// snippet: express
app.use(mail(mailer))
app.use(routes)
app.use(mailErrors())
// end

const server = app.listen(Number(PORT), (error) => {
  if (error) throw error
  const address = server.address()
  if (address && typeof address === 'object') console.log(`listening on http://localhost:${address.port}`)
})

// Requests finish first, then what the worker is sending, and the mails in the background. Requests that wait for a mail
// server delay this no longer than drainMs.
process.once('SIGTERM', () => {
  server.close(() => void close())
  setTimeout(() => void close(), drainMs).unref()
})

async function close(): Promise<void> {
  await sender?.close()
  await mailer.close()
  await box.close?.()
  await mailNews?.suppressed.close()
}
