import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer } from '@loudmail/core'
import { outbox, sqlite } from '@loudmail/outbox'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import Fastify from 'fastify'

const mailServer = await startServer()
const { url } = mailServer
const folder = mkdtempSync(join(tmpdir(), 'outbox-fastify-'))
const file = join(folder, 'mail.db')
const app = Fastify()

// snippet: fastify-outbox
const transport = outbox(smtp(url), { store: sqlite(file), work: { drainMs: 3_000 } })
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
app.addHook('onClose', () => mailer.close())
// end

app.post('/sign-up', async (_request, reply) => {
  const { state } = await mailer.send({ to: 'ann@example.com', subject: 'Welcome' })
  return reply.status(202).send({ welcome: state })
})
const answer = await app.inject({ method: 'POST', url: '/sign-up' })
assert.deepEqual([answer.statusCode, answer.json()], [202, { welcome: 'queued' }])
await app.close()

// It was sent, or it waits for the next start: once, and whole.
const again = outbox(smtp(url), { store: sqlite(file) })
const { sent, waiting } = await again.counts()
assert.equal(sent + waiting, 1)
assert.equal(mailServer.messages.length, sent)
await again.close?.()
await mailServer.close()
rmSync(folder, { recursive: true })
