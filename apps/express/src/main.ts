import { setImmediate } from 'node:timers/promises'
import { silenceRecipients, transportFromUrl } from '@loudmail/core'
import { debug, inbox, memoryStore, debugSchemes } from '@loudmail/debug'
import { handler, mail, Mailer, mailErrors } from '@loudmail/express'
import { smtpSchemes } from '@loudmail/smtp'
import express from 'express'
import { customers, isCustomer } from './customers.ts'

// MAIL_URL=smtp://user:password@mail.example.com:587 sends mail. Without it, mail is captured and
// shown at /mail. In production debug() throws instead: a missing setting must not swallow mail.
const { MAIL_URL, PORT = '3000' } = process.env
const store = memoryStore()
const mailer = new Mailer({
  transport: MAIL_URL ? transportFromUrl(MAIL_URL, { ...smtpSchemes, ...debugSchemes }) : debug({ store }),
  defaults: { from: 'Tea Shop <tea@example.com>' },
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
  if (isCustomer(address)) inBackground(() => req.mailer.send(message, { failure: 'silent' }))
  res.status(202).json({ reset: 'on its way, if we know you' })
})

// In the background, to every customer: each failure is in its receipt and never thrown.
routes.post('/report', (req, res) => {
  inBackground(() => sendReport(req.mailer))
  res.status(202).json({ report: 'under way' })
})

async function sendReport(sender: Mailer): Promise<void> {
  const report = { subject: 'Your month in tea', text: 'You had 31 cups.' }
  const messages = customers.map((address) => ({ ...report, to: { address } }))
  const failed: string[] = []
  for await (const { index, receipt } of sender.sendMany(messages))
    if (!receipt.ok) failed.push(`${customers[index]}: ${receipt.error.code}`)
  console.log(
    `report sent to ${customers.length - failed.length}, failed for ${failed.join(', ') || 'nobody'}`,
  )
}

routes.get(
  '/health',
  handler(async (_req, res) => {
    await verified()
    const { sent, failed, lastFailure } = mailer.stats
    res.json({ mail: 'up', sent, failed, lastFailure: lastFailure?.code })
  }),
)

// A check connects and logs in, so one every half minute is enough for everybody who asks.
let check = { at: -Infinity, done: Promise.resolve() }
function verified(): Promise<void> {
  const now = performance.now()
  if (now - check.at > 30_000) check = { at: now, done: mailer.verify() }
  return check.done
}

// The work begins after the answer.
const underWay = new Set<Promise<unknown>>()
function inBackground(work: () => Promise<unknown>): void {
  const done = setImmediate()
    .then(work)
    .catch(console.error)
    .finally(() => underWay.delete(done))
  underWay.add(done)
}

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

// Requests finish first, then the work in the background, then the mailer.
process.once('SIGTERM', () => server.close(() => void Promise.all(underWay).then(() => mailer.close())))
