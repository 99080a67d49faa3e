import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
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
