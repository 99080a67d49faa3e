import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handler, mail, Mailer, mailErrors } from '@loudmail/express'
import { outbox, sqlite } from '@loudmail/outbox'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import express from 'express'

const mailServer = await startServer()
const { url } = mailServer
const folder = mkdtempSync(join(tmpdir(), 'outbox-express-'))
const file = join(folder, 'mail.db')
const app = express()

// snippet: outbox
const transport = outbox(smtp(url), { store: sqlite(file), work: { concurrency: 20, drainMs: 3_000 } })
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
app.use(mail(mailer))
// end

app.post(
  '/sign-up',
  handler(async (req, res) => {
    const { state } = await req.mailer.send({ to: 'ann@example.com', subject: 'Welcome' })
    res.status(202).json({ welcome: state })
  }),
)
app.use(mailErrors())

const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')

// snippet: outbox-shutdown
process.once('SIGTERM', () => {
  server.close(() => void mailer.close())
})
// end

const { port } = server.address() as AddressInfo
const headers = { connection: 'close' }
const answer = await fetch(`http://127.0.0.1:${port}/sign-up`, { method: 'POST', headers })
assert.deepEqual([answer.status, await answer.json()], [202, { welcome: 'queued' }])
process.kill(process.pid, 'SIGTERM')
await once(server, 'close')
await mailer.close()

// It was sent, or it waits for the next start: once, and whole.
const again = outbox(smtp(url), { store: sqlite(file) })
const { sent, waiting } = await again.counts()
assert.equal(sent + waiting, 1)
assert.equal(mailServer.messages.length, sent)
await again.close?.()
await mailServer.close()
rmSync(folder, { recursive: true })
