import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer, MailError } from '@loudmail/core'
import { debug, startInbox } from '@loudmail/debug'
import { outbox, sqlite } from '@loudmail/outbox'
import { certificates, startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const message = { from: 'tea@shop.example', to: 'ann@example.com', subject: 'Welcome', text: 'Hi' }
const STARTTLS = ['STARTTLS', 'PIPELINING', 'ENHANCEDSTATUSCODES']
const AUTH = ['AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256']
const { ca } = certificates

/** Sends over real sockets and opens the inbox. Rejects if something is not as it must be; resolves to what was tried. */
export async function tryMail() {
  const tried = []
  for (const [title, run] of Object.entries(tries)) {
    await within(10_000, title, run())
    tried.push(title)
  }
  return tried
}

const tries = {
  'a first mail': () => arrives({}, {}),
  'thirty mails at once': () => arrives({ caps: ['PIPELINING', 'CHUNKING'] }, {}, 30),
  'STARTTLS, verified': () => arrives({ caps: STARTTLS }, { tls: 'starttls', tlsOptions: { ca } }, 3),
  'STARTTLS, not verified': () => arrives({ caps: STARTTLS }, { tls: 'opportunistic' }, 3),
  'implicit TLS': () => arrives({ tls: 'implicit' }, { tls: 'implicit', tlsOptions: { ca } }, 3),
  'a log-in after STARTTLS': () =>
    arrives(
      { caps: STARTTLS, capsTls: AUTH, users: { ann: 'secret' }, requireAuth: true },
      { tls: 'starttls', tlsOptions: { ca }, auth: { user: 'ann', pass: 'secret' } },
    ),
  'a SOCKS proxy': throughProxy,
  'a wrong password': () =>
    fails('auth/bad-credentials', { caps: AUTH, users: { ann: 'x' } }, { auth: { user: 'ann', pass: 'y' } }),
  'a mailbox that does not exist': () =>
    fails('rcpt-to/mailbox-unknown', { on: { RCPT: '550 5.1.1 No such user' } }),
  'a server without STARTTLS': () => fails('tls/starttls-not-offered', {}, { tls: 'starttls' }),
  'a certificate of nobody': () =>
    fails('tls/certificate-untrusted', { caps: STARTTLS, cert: 'selfsigned' }, { tls: 'starttls' }),
  'a certificate for another name': () =>
    fails(
      'tls/certificate-hostname',
      { caps: STARTTLS, cert: 'wronghost' },
      { tls: 'starttls', tlsOptions: { ca } },
    ),
  'a server that says nothing more': () =>
    fails('rcpt-to/timeout', { on: { RCPT: { stall: true } } }, { timeouts: { 'rcpt-to': 200 } }),
  'a server that goes away': () => fails('data/connection-lost', { on: { DATA: { close: 'rst' } } }),
  'a provider whose package is not installed': providerIsMissing,
  'tracing channels': channelsTell,
  'an outbox': outboxSends,
  'the inbox': () => inboxShows({}),
  'the inbox, with mail that went over TLS': () => inboxShows({ tls: 'starttls' }),
}

/** Sends messages to a server that follows the script. */
async function sendTo(script, options, count = 1) {
  const server = await startServer(script)
  const mailer = new Mailer({ transport: smtp({ host: 'localhost', port: server.port, ...options }) })
  try {
    const receipts = await Promise.all(Array.from({ length: count }, () => mailer.send(message)))
    return { receipts, messages: server.messages }
  } finally {
    await mailer.close()
    await server.close()
  }
}

async function arrives(script, options, count = 1) {
  const { receipts, messages } = await sendTo(script, options, count)
  assert.deepEqual([receipts.length, messages.length], [count, count])
  for (const { state } of receipts) assert.equal(state, 'sent')
  for (const { content, tls } of messages) {
    assert.match(content.toString(), /^Subject: Welcome\r$/m)
    assert.equal(Boolean(tls), options.tls !== undefined)
  }
}

/** Sends through a SOCKS5 proxy (RFC 1928). What `smtp()` needs for that is loaded only now. */
async function throughProxy() {
  const proxy = createServer((client) => {
    client.once('data', () => {
      client.write(Uint8Array.of(5, 0))
      client.once('data', (request) => {
        const server = connect(request.readUInt16BE(request.length - 2), 'localhost', () => {
          client.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0))
          client.pipe(server).pipe(client)
        })
      })
    })
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const starttls = { tls: 'starttls', tlsOptions: { ca } }
  await arrives({ caps: STARTTLS }, { proxy: `socks5://127.0.0.1:${proxy.address().port}`, ...starttls })
  await new Promise((resolve) => proxy.close(resolve))
}

/** Each attempt has the store of its send, also where several share a connection. */
async function channelsTell() {
  const sends = tracingChannel('loudmail:send')
  const attempts = tracingChannel('loudmail:attempt')
  const store = new AsyncLocalStorage()
  const heard = []
  const hear = (attempt) =>
    heard.push([attempt.state, attempt.stages.at(-1).stage, store.getStore() === attempt.send])
  sends.start.bindStore(store)
  attempts.asyncEnd.subscribe(hear)
  await arrives({}, { pool: { connections: 1 } }, 3)
  attempts.asyncEnd.unsubscribe(hear)
  sends.start.unbindStore(store)
  assert.deepEqual(
    heard,
    Array.from({ length: 3 }, () => ['sent', 'body', true]),
  )
}

async function fails(code, script, options) {
  const error = await sendTo(script, options).then(
    () => assert.fail('it did not fail'),
    (failure) => failure,
  )
  assert.ok(MailError.is(error), String(error))
  assert.equal(error.code, code, error.message)
  // Also where names are made short.
  assert.match(error.stack, /^MailError: /)
}

/** A program is made all the same, and says what to install when a provider is asked for. */
async function providerIsMissing() {
  const mailer = new Mailer({ transport: debug({ captureInProduction: true, provider: 'resend' }) })
  await assert.rejects(mailer.send(message), { code: 'config/invalid-config', message: /npm install/ })
  await mailer.close()
}

/** A mail is kept in a file, and sent from there. */
async function outboxSends() {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
  const server = await startServer({})
  const box = outbox(smtp(server.url), { store: sqlite(join(folder, 'mail.db')), work: true })
  const mailer = new Mailer({ transport: box })
  try {
    assert.equal((await mailer.send(message)).state, 'queued')
    while ((await box.counts()).sent === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(server.messages.length, 1)
  } finally {
    await mailer.close()
    await server.close()
    rmSync(folder, { recursive: true })
  }
}

/** Captures a mail and a failure, and opens the inbox as a browser does: the page, and what the page loads. */
async function inboxShows(options) {
  const transport = debug({ captureInProduction: true, ...options })
  const mailer = new Mailer({ transport })
  const inbox = await startInbox(transport.store)
  try {
    const html = '<p>Your <b>tea</b></p>'
    const attachments = [{ filename: 'menu.txt', content: 'green, black' }]
    assert.equal((await mailer.send({ ...message, html, attachments })).state, 'captured')
    const refused = mailer.send({ ...message, to: 'fail+rcpt-to.mailbox-full@example.test' })
    await assert.rejects(refused, { code: 'rcpt-to/mailbox-full' })
    const page = await read(inbox.url)
    for (const words of ['2 mails', 'ann@example.com', 'Welcome', 'rcpt-to/mailbox-full'])
      assert.ok(page.includes(words), `“${words}” is not in the inbox`)
    const assets = new Set(Array.from(page.matchAll(/(?:href|src)="(inbox\.\w+)"/g), ([, name]) => name))
    assert.deepEqual([...assets].toSorted(), ['inbox.css', 'inbox.js', 'inbox.svg'])
    for (const asset of assets) assert.ok((await read(inbox.url + asset)).length > 100)
    const { mails } = await transport.store.list()
    const { id } = mails.find(({ state }) => state === 'captured')
    assert.match(await read(`${inbox.url}mails/${id}/html`), /<b>tea<\/b>/)
    assert.equal(await read(`${inbox.url}mails/${id}/attachments/0`), 'green, black')
  } finally {
    await inbox.close()
    await mailer.close()
  }
}

async function read(url) {
  const response = await fetch(url, { headers: { connection: 'close' } })
  const text = await response.text()
  assert.equal(response.status, 200, `${url}: ${text}`)
  return text
}

/** A runtime in which something hangs must say what. */
async function within(ms, title, running) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it takes longer than ${ms} ms`)), ms)
  })
  try {
    await Promise.race([running, late])
  } catch (cause) {
    throw new Error(`${title}: ${cause.message}`, { cause })
  } finally {
    clearTimeout(timer)
  }
}
