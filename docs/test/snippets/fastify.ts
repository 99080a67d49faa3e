import assert from 'node:assert/strict'
import { Mailer, MailError, problemDetails } from '@loudmail/core'
import { debug, inbox } from '@loudmail/debug'
import Fastify from 'fastify'

const transport = debug()

// snippet: fastify
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
const app = Fastify({ logger: true })
app.post<{ Body: { email: string } }>('/sign-up', async ({ body }, reply) => {
  await mailer.send({ to: { address: body.email }, subject: 'Welcome', text: 'Your tea is waiting.' })
  return reply.status(201).send({ welcome: 'sent' })
})
app.setErrorHandler((error, request, reply) => {
  if (!MailError.is(error)) throw error
  const { status, headers, body } = problemDetails(error)
  // The answer does not say why it failed. The log does.
  const line = `${error.message} - ${error.hint}`
  if (status === 422) request.log.info(line)
  else request.log.error({ failure: error.toJSON() }, line)
  return reply.status(status).headers(headers).send(body)
})
app.addHook('onClose', () => mailer.close())
// end

// snippet: fastify-inbox
app.register(async (scope) => {
  const mails = inbox(transport.store, { path: '/mail' })
  // The inbox reads its forms itself: Fastify must not.
  scope.addContentTypeParser('application/x-www-form-urlencoded', (_request, _body, done) => done(null))
  for (const path of ['/mail', '/mail/*'])
    scope.all(path, (request, reply) => {
      reply.hijack()
      mails(request.raw, reply.raw)
    })
})
// end

const signUp = (email: string) => app.inject({ method: 'POST', url: '/sign-up', payload: { email } })
assert.equal((await signUp('ann@example.com')).statusCode, 201)
const refused = await signUp('fail+rcpt-to.greylisted@example.test')
assert.equal(refused.statusCode, 503)
assert.match(refused.headers['content-type'] as string, /application\/problem\+json/)
assert.equal(refused.headers['retry-after'], '60')
assert.equal((await signUp('ann')).statusCode, 422)
assert.equal((await signUp('fail+auth.bad-credentials@example.test')).statusCode, 502)
assert.equal((await signUp('fail+body.timeout@example.test')).statusCode, 504)
assert.equal(transport.store.mails.length, 5)
assert.match((await app.inject('/mail/')).body, /5 mails/)
assert.equal((await app.inject('/mail')).headers.location, 'mail/')
const headers = { 'content-type': 'application/x-www-form-urlencoded' }
assert.equal(
  (await app.inject({ method: 'POST', url: '/mail/clear', headers, payload: 'a=b' })).statusCode,
  303,
)
assert.equal(transport.store.mails.length, 0)
await app.close()
