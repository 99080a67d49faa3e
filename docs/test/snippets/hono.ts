import assert from 'node:assert/strict'
import { Mailer, MailError, problemDetails } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { Hono } from 'hono'

const transport = debug()

// snippet: hono
const mailer = new Mailer({ transport, defaults: { from: 'Tea Shop <tea@example.com>' } })
const app = new Hono()
app.post('/sign-up', async (context) => {
  const { email } = await context.req.json<{ email: string }>()
  await mailer.send({ to: { address: email }, subject: 'Welcome', text: 'Your tea is waiting.' })
  return context.json({ welcome: 'sent' }, 201)
})
app.onError((error) => {
  if (!MailError.is(error)) throw error
  const { status, headers, body } = problemDetails(error)
  // The answer does not say why it failed. The log does: in one line for a mistyped address.
  console.error(status === 422 ? `${error.message} - ${error.hint}` : error)
  return new Response(JSON.stringify(body), { status, headers })
})
// end

const signUp = (email: string) => app.request('/sign-up', { method: 'POST', body: JSON.stringify({ email }) })
assert.equal((await signUp('ann@example.com')).status, 201)
const refused = await signUp('fail+rcpt-to.greylisted@example.test')
assert.deepEqual(
  [refused.status, refused.headers.get('content-type'), refused.headers.get('retry-after')],
  [503, 'application/problem+json', '60'],
)
assert.equal((await signUp('ann')).status, 422)
assert.equal((await signUp('fail+auth.bad-credentials@example.test')).status, 502)
assert.equal((await signUp('fail+body.timeout@example.test')).status, 504)
assert.equal(transport.store.mails.length, 5)
await mailer.close()
