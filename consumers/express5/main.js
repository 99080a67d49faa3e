import { debug, inbox } from '@loudmail/debug'
import { mail, Mailer, mailErrors } from '@loudmail/express'
import express from 'express'

const transport = debug()
const mailer = new Mailer({ transport, defaults: { from: 'tea@example.com' } })

const routes = express.Router()
routes.post('/sign-up', async (req, res) => {
  const { state } = await req.mailer.send({ to: { address: req.body.email }, subject: 'Welcome', text: 'Hi' })
  res.status(201).json({ state })
})

const app = express()
app.use(express.json())
app.use('/mail', inbox(transport.store))
app.use(mail(mailer))
app.use(routes)
app.use(mailErrors())

const server = app.listen(process.env.PORT)
process.once('SIGTERM', () => server.close(() => mailer.close()))
