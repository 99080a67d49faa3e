import { limit, silenceRecipients, transportFromUrl } from '@loudmail/core'
import { debug, inbox, memoryStore, debugSchemes } from '@loudmail/debug'
import { handler, mail, Mailer, mailErrors } from '@loudmail/express'
import { smtpSchemes } from '@loudmail/smtp'
import express from 'express'
import { customers, isCustomer } from './customers.ts'

// MAIL_URL=smtp://user:password@mail.example.com:587 sends mail. Without it, mail is captured and
// shown at /mail. In production debug() throws instead: a missing setting must not swallow mail.
const { MAIL_URL, PORT = '3000' } = process.env
// How long mail that is being sent may take after SIGTERM. Docker kills after ten seconds.
const drainMs = 3_000
const store = memoryStore()
const mailer = new Mailer({
  // At most ten at once: the others wait for their turn.
  transport: MAIL_URL
    ? limit(transportFromUrl(MAIL_URL, { ...smtpSchemes, ...debugSchemes }), { concurrent: 10 })
    : debug({ store }),
  defaults: { from: 'Tea Shop <tea@example.com>' },
  drainMs,
  observe: ({ type, error, context }) =>
    console.log('mail', type, error?.message ?? '', JSON.stringify(context ?? {})),
})

const routes = express.Router()

// Loud, the default: a failure is thrown, and mailErrors() answers it.
// snippet: express-route
routes.post(
  '/sign-up',
  handler(async (req, res) => {
    const to = { address: req.body?.email }
    await req.mailer.send({ to, subject: 'Welcome', text: 'Your tea is waiting.' })
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

// Silent, and in the background: neither the answer nor the time it takes may show who is a customer. Observers are told.
routes.post('/password-reset', (req, res) => {
  const address = String(req.body?.email)
  const text = 'Follow this link: https://tea.example.com/reset/4711'
  const message = { to: { address }, subject: 'New password', text }
  if (isCustomer(address)) req.mailer.sendInBackground(message, { failure: 'silent' })
  res.status(202).json({ reset: 'on its way, if we know you' })
})

// In the background, to every customer: nobody waits for it, so the observers are told what became of each.
// snippet: background
routes.post('/report', (req, res) => {
  const report = { subject: 'Your month in tea', text: 'You had 31 cups.' }
  for (const address of customers)
    req.mailer.sendInBackground({ ...report, to: { address } }, { context: { report: 'tea' } })
  res.status(202).json({ report: 'under way' })
})
// end

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
app.use(express.json())
if (!MAIL_URL) app.use('/mail', inbox(store))
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

// Requests finish first, then the mails in the background. Requests that wait for a mail server delay this no longer than drainMs.
// snippet: shutdown
process.once('SIGTERM', () => {
  const close = (): void => void mailer.close()
  server.close(close)
  setTimeout(close, drainMs).unref()
})
// end
