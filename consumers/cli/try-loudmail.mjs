import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { memory } from '@loudmail/core'
import { outbox, sqlite } from '@loudmail/outbox'
import { certificates, startServer } from '@loudmail/server'

// What people do with the command line, with real servers and programs of other kinds. It is installed in this folder.
const password = randomBytes(9).toString('hex')
const AUTH = 'AUTH PLAIN LOGIN'
const logsIn = { users: { ann: password }, requireAuth: true }
writeFileSync('ca.pem', certificates.ca)
/** Ends what a try has started. */
const endings = []

const tries = {
  async 'doctor finds nothing wrong'() {
    const server = await serve({ caps: ['PIPELINING', AUTH], ...logsIn })
    const { report, status } = await doctor([urlOf(server), '--to', 'bob@example.com'])
    assert.deepEqual([status, report.verdict, report.failure, report.fixes], [0, 'pass', undefined, []])
    assert.ok(report.steps.some(({ name, verdict }) => name === 'RCPT TO' && verdict === 'pass'))
    assert.deepEqual(server.messages, [])
  },

  async 'doctor finds the wrong TLS mode, and the change that works'() {
    const server = await serve({ caps: ['STARTTLS'], capsTls: [AUTH], ...logsIn })
    const wrong = await doctor([`smtps://ann@localhost:${server.port}`, '--to', 'bob@example.com'])
    assert.deepEqual([wrong.status, wrong.report.failure.code], [1, 'tls/not-tls'])
    const fix = wrong.report.fixes.find(({ verified }) => verified)
    assert.equal(fix?.url, `smtp://ann:PASSWORD@localhost:${server.port}`)
    const right = await doctor([fix.url.replace(':PASSWORD', ''), '--to', 'bob@example.com'])
    assert.equal(right.status, 0, JSON.stringify(right.report))
  },

  async 'doctor examines a transporter in TypeScript'() {
    const server = await serve({ caps: [AUTH], ...logsIn })
    const args = ['--transport', './mail.ts', '--to', 'bob@example.com', '--send']
    const { report, status } = await doctor(args, { MAIL_PORT: server.port, MAIL_PASSWORD: password })
    // It logs in without encryption.
    assert.deepEqual([status, report.failure], [0, undefined], JSON.stringify(report))
    assert.equal(server.messages.length, 1)
  },

  async 'doctor --sender says what to install'() {
    const server = await serve({})
    const { stdout, stderr, status } = await loudmail(['doctor', server.url, '--sender', 'example.com'])
    assert.equal(status, 2, stdout + stderr)
    assert.match(stderr, /npm install mailauth/)
  },

  async 'send delivers'() {
    const server = await serve({ caps: [AUTH], ...logsIn })
    const message = [
      '--from',
      'ann@example.com',
      '--to',
      'bob@example.com',
      '--subject',
      'Tea',
      '--text',
      'Hi',
    ]
    const args = ['send', urlOf(server), '--password-env', 'MAIL_PASSWORD', ...message, '--json']
    const { stdout, stderr, status } = await loudmail(args, { env: { MAIL_PASSWORD: password } })
    assert.equal(status, 0, stdout + stderr)
    assert.equal(JSON.parse(stdout).state, 'sent')
    assert.deepEqual(server.messages[0]?.envelope.to, ['bob@example.com'])
    assert.match(server.messages[0].content.toString(), /^Subject: Tea\r$/m)
  },

  async 'explain knows a code'() {
    const { stdout, status } = await loudmail(['explain', 'rcpt-to/relay-denied'])
    assert.equal(status, 0)
    assert.match(stdout, /relay/)
  },

  async 'outbox settles what a killed worker leaves, and sends what failed once more'() {
    const box = await newOutbox('mail.db', ['bob@example.com', 'gone@example.com'])
    const refusing = await serve({
      on: { RCPT: { byRcpt: { 'gone@example.com': '550 5.1.1 No such user' } }, DOT: { stall: true } },
    })
    const own = start(process.execPath, ['worker.mjs'], { MAIL_URL: refusing.url, STORE: 'mail.db' })
    const died = once(own, 'close')
    endings.push(() => own.kill('SIGKILL'))
    await until(() => refusing.connections.some(({ entries }) => /octets|^\.$/.test(entries.at(-1)?.text)))
    await until(async () => (await box.counts()).dead === 1)
    own.kill('SIGKILL')
    await died

    const server = await serve({})
    const store = ['--store', 'mail.db']
    const work = () => start('node_modules/.bin/loudmail', ['outbox', 'work', ...store, '--url', server.url])
    const parking = work()
    await until(async () => (await box.counts())['in-doubt'] === 1)
    assert.equal(await ended(parking), 0)
    assert.deepEqual(server.messages, [])

    const list = await loudmail(['outbox', 'list', '--state', 'in-doubt', '--json', ...store])
    const { id, messageId, to } = JSON.parse(list.stdout)
    assert.deepEqual(to, ['bob@example.com'])
    const resolve = await loudmail(['outbox', 'resolve', id, '--not-delivered', ...store])
    assert.equal(resolve.status, 0, resolve.stderr)
    const retry = await loudmail(['outbox', 'retry', '--all', '--state', 'dead', '--yes', ...store])
    assert.equal(retry.stdout, 'one entry to be sent again\n', retry.stderr)

    const sending = work()
    await until(async () => (await box.counts()).sent === 2)
    assert.equal(await ended(sending), 0)
    assert.equal(server.messages.length, 2)
    const bobs = server.messages.find(({ envelope }) => envelope.to.includes('bob@example.com'))
    assert.ok(bobs.content.toString().includes(`Message-ID: ${messageId}\r\n`))
  },

  async 'dev serves a Python program and a nodemailer program, and explain reads the log of Python'() {
    const dev = await startDev()
    const env = { MAIL_PORT: dev.port }
    const python = await run('python3', ['send.py'], { env })
    assert.equal(python.status, 0, python.stderr)
    const nodemailer = await run(process.execPath, ['send.mjs'], { env })
    assert.equal(nodemailer.status, 0, nodemailer.stderr)
    const { mails } = await (await fetch(`${dev.inbox}api/mails`)).json()
    const found = mails.map(({ state, subject }) => `${state} ${subject}`.trim()).toSorted()
    assert.deepEqual(found, ['captured From Python', 'captured From nodemailer', 'failed'].toSorted())
    const { stdout, status } = await loudmail(['explain', '-', '--json'], { input: python.stderr })
    assert.equal(status, 0, stdout)
    assert.match(stdout, /rcpt-to\/mailbox-unknown/)
    assert.equal(await dev.stop(), 0)
  },
}

for (const [title, attempt] of Object.entries(tries)) {
  try {
    await attempt()
  } catch (cause) {
    throw new Error(`${title}: ${cause.message}`, { cause })
  } finally {
    await Promise.all(endings.splice(0).map((end) => end()))
  }
}

async function serve(script) {
  const server = await startServer(script)
  endings.push(() => server.close())
  return server
}

function urlOf({ port }) {
  return `smtp://ann@127.0.0.1:${port}`
}

/** Runs the doctor with the password in a variable, and reads its report. The password is nowhere in it. */
async function doctor(args, env = {}) {
  const own = args.includes('--transport') ? [] : ['--password-env', 'MAIL_PASSWORD']
  const options = { env: { MAIL_PASSWORD: password, NODE_EXTRA_CA_CERTS: 'ca.pem', ...env } }
  const { stdout, stderr, status } = await loudmail(['doctor', ...args, ...own, '--json'], options)
  assert.equal(stderr, '')
  assert.ok(!stdout.includes(password))
  return { report: JSON.parse(stdout), status }
}

/** An outbox in a new file, with a message to each of these. */
async function newOutbox(file, recipients) {
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
  const box = outbox(memory(), { store: sqlite(file) })
  endings.push(() => box.close())
  for (const to of recipients) await box.enqueue({ from: 'ann@example.com', to, subject: 'Tea', text: 'Hi' })
  return box
}

/** Waits until something is true. */
async function until(isTrue) {
  for (let tries = 0; !(await isTrue()); tries++) {
    assert.ok(tries < 600, `it does not come true: ${isTrue}`)
    await pause(50)
  }
}

/** Ends a worker, and gives its exit status. */
async function ended(child) {
  const closed = once(child, 'close')
  child.stdout.resume()
  child.stderr.resume()
  child.kill('SIGTERM')
  const [status] = await closed
  return status
}

/** Starts `loudmail dev` on free ports, and waits until it is ready. */
async function startDev() {
  // npx does not pass SIGTERM on.
  const child = start('node_modules/.bin/loudmail', ['dev', '--smtp-port', '0', '--http-port', '0'])
  const ended = once(child, 'close')
  endings.push(() => child.kill('SIGKILL'))
  const stderr = text(child.stderr)
  let said = ''
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`
    if (line.startsWith('Ctrl-C')) break
  }
  const [, port] = /^ {2}mail +smtp:\/\/\S+:(\d+)$/m.exec(said) ?? assert.fail(said + (await stderr))
  const [, inbox] = /^ {2}inbox +(\S+)$/m.exec(said)
  return {
    port,
    inbox,
    async stop() {
      child.kill('SIGTERM')
      const [status] = await ended
      return status
    },
  }
}

function loudmail(args, options) {
  return run('npx', ['--no-install', 'loudmail', ...args], options)
}

async function run(command, args, { input = '', env } = {}) {
  const child = start(command, args, env)
  child.stdin.on('error', () => {}).end(input)
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { stdout, stderr, status }
}

function start(command, args, env) {
  return spawn(command, args, { stdio: 'pipe', env: { ...process.env, ...env } })
}
