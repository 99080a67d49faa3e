const { debug, inbox } = require('@loudmail/debug')
const { handler, mail, Mailer, mailErrors } = require('@loudmail/express')
const { outbox, sqlite } = require('@loudmail/outbox')
const express = require('express')

const transport = debug()
const defaults = { from: 'tea@example.com' }
const mailer = new Mailer({ transport, defaults })
const kept = new Mailer({ transport: outbox(transport, { store: sqlite('mail.db'), work: true }), defaults })

const routes = express.Router()
routes.post(
  '/sign-up',
  handler(async (req, res) => {
    const { state } = await req.mailer.send({
      to: { address: req.body.email },
      subject: 'Welcome',
      text: 'Hi',
    })
    res.status(201).json({ state })
  }),
)
routes.post(
  '/order',
  handler(async (req, res) => {
    const { state } = await req.mailers.kept.send({
      to: { address: req.body.email },
      subject: 'Your order',
      text: 'Hi',
    })
    res.status(202).json({ state })
  }),
)

const app = express()
app.use(express.json())
app.use('/mail', inbox(transport.store))
app.use(mail(mailer))
app.use(mail(kept, { name: 'kept' }))
app.use(routes)
app.use(mailErrors())

const server = app.listen(process.env.PORT)
process.once('SIGTERM', () => server.close(() => kept.close().then(() => mailer.close())))
