import { silenceRecipients, transportFromUrl } from '@loudmail/core'
import { schemes as debug } from '@loudmail/debug'
import { handler, mail, Mailer, mailErrors } from '@loudmail/express'
import { schemes as smtp } from '@loudmail/smtp'
import express from 'express'

// MAIL_URL=smtp://user:password@mail.example.com:587 sends; without it, mail is captured inside the process.
const transport = transportFromUrl(process.env['MAIL_URL'] ?? 'debug:', { ...smtp, ...debug })
const mailer = new Mailer({
  transport,
  defaults: { from: 'Tea Shop <tea@example.com>' },
  observe: ({ type, error }) => console.log('mail', type, error?.message ?? ''),
})

const routes = express.Router()

// Loud, the default: a failure is thrown, and mailErrors() answers.
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

// Silent for this message: the answer says whether it went out, and every observer still hears of a failure.
routes.post(
  '/invitation',
  handler(async (req, res) => {
    const to = { address: req.body?.email }
    const text = 'A friend invites you for tea.'
    const { ok } = await req.mailer.send({ to, subject: 'Come for tea', text }, { failure: 'silent' })
    res.status(202).json({ invited: ok })
  }),
)

// A function decides: a mailbox that does not exist must not show, an outage must.
routes.post(
  '/password-reset',
  handler(async (req, res) => {
    const to = { address: req.body?.email }
    const text = 'Follow this link: https://tea.example.com/reset/4711'
    await req.mailer.send({ to, subject: 'New password', text }, { failure: silenceRecipients })
    res.status(202).json({ reset: 'on its way, if we know you' })
  }),
)

const app = express()
app.use(express.json())
// snippet: express
app.use(mail(mailer))
app.use(routes)
app.use(mailErrors())
// end

const server = app.listen(Number(process.env['PORT'] ?? 3000), (error) => {
  if (error) throw error
  const address = server.address()
  if (address && typeof address === 'object') console.log(`listening on http://localhost:${address.port}`)
})

// Let requests finish, then let the mailer finish.
process.once('SIGTERM', () => server.close(() => void mailer.close()))
