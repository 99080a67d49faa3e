import { debug, inbox } from '@loudmail/debug'
import { mail, Mailer, mailErrors } from '@loudmail/express'
import { outbox, sqlite } from '@loudmail/outbox'
import express from 'express'

const transport = debug()
const defaults = { from: 'tea@example.com' }
const mailer = new Mailer({ transport, defaults })
const kept = new Mailer({ transport: outbox(transport, { store: sqlite('mail.db'), work: true }), defaults })

const routes = express.Router()
routes.post('/sign-up', async (req, res) => {
  const { state } = await req.mailer.send({ to: { address: req.body.email }, subject: 'Welcome', text: 'Hi' })
  res.status(201).json({ state })
})
routes.post('/order', async (req, res) => {
  const { state } = await req.mailers.kept.send({
    to: { address: req.body.email },
    subject: 'Your order',
    text: 'Hi',
  })
  res.status(202).json({ state })
})

const app = express()
app.use(express.json())
app.use('/mail', inbox(transport.store))
app.use(mail(mailer))
app.use(mail(kept, { name: 'kept' }))
app.use(routes)
app.use(mailErrors())

const server = app.listen(process.env.PORT)
process.once('SIGTERM', () => server.close(() => kept.close().then(() => mailer.close())))
