import assert from 'node:assert/strict'
import {
  unsubscribeHandler,
  UnsubscribeLinks,
  unsubscribeWebHandler,
  type UnsubscribeOptions,
  type Unsubscribing,
} from '@loudmail/content/unsubscribe'
import Fastify from 'fastify'
import { Hono } from 'hono'

const nextSecret = 'a secret at random, of 32 characters or more'
const oldSecret = 'the secret before, which is as long as that'

// snippet: rotation
// The first one signs, and both are valid.
const links = new UnsubscribeLinks({
  url: 'https://example.com/unsubscribe',
  secret: [nextSecret, oldSecret],
})
// end

// snippet: texts
const german = {
  lang: 'de',
  title: 'Abbestellen',
  question: 'Soll {address} keine Mails von „{list}“ mehr bekommen?',
  button: 'Abbestellen',
  done: '{address} bekommt keine Mails von „{list}“ mehr.',
  invalid: 'Dieser Link gilt nicht. Nehmen Sie den Link aus einer neueren Mail.',
  failed: 'Das ging schief. Bitte versuchen Sie es später noch einmal.',
}
const options: UnsubscribeOptions = {
  texts: ({ languages }) => (languages[0]?.startsWith('de') ? german : {}),
  onProblem: ({ kind, error, unsubscribing }) => console.error(kind, unsubscribing, error),
}
// end

const told: Unsubscribing[] = []
const onUnsubscribe = (unsubscribing: Unsubscribing): void => void told.push(unsubscribing)

// snippet: hono
const hono = new Hono()
const answer = unsubscribeWebHandler(links, onUnsubscribe, options)
hono.all('/unsubscribe', (context) => answer(context.req.raw))
// end

// snippet: fastify
const fastify = Fastify()
const handler = unsubscribeHandler(links, onUnsubscribe, options)
fastify.register(async (scope) => {
  // The handler reads the form itself: Fastify must not.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _body, done) => done(null))
  scope.all('/unsubscribe', (request, reply) => {
    reply.hijack()
    handler(request.raw, reply.raw)
  })
})
// end

const before = new UnsubscribeLinks({ url: links.url, secret: oldSecret })
const url = before.link({ address: 'ann@rcpt.example', list: 'Tee-Brief' }).url
const headers = { 'accept-language': 'de-AT, en;q=0.5' }
assert.match(
  await (await hono.request(url, { headers })).text(),
  /Soll ann@rcpt\.example keine Mails von „Tee-Brief“/,
)
const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
assert.equal((await hono.request(url, { method: 'POST', body })).status, 200)
const origin = await fastify.listen({ host: '127.0.0.1', port: 0 })
const { pathname, search } = new URL(url)
assert.equal((await fetch(origin + pathname + search)).status, 200)
assert.equal((await fetch(origin + pathname + search, { method: 'POST', body })).status, 200)
await fastify.close()
assert.deepEqual(told, [
  { address: 'ann@rcpt.example', list: 'Tee-Brief', oneClick: true },
  { address: 'ann@rcpt.example', list: 'Tee-Brief', oneClick: true },
])
