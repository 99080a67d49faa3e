import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { format } from 'node:util'
import { Mailer, MailError } from '@loudmail/core'
import { Secrets } from '@loudmail/core/transport'
import { startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import { createTransport } from 'nodemailer'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { explainText } from '../../src/explain/explain-text.ts'
import { explanationJson } from '../../src/explain/explanation.ts'
import { loudmail } from '../cli.ts'

const PASSWORD = 'S3cr3t-p@ss-w0rd'
const AUTH = { user: 'ann@sender.example', pass: PASSWORD }
const CAPS = ['ENHANCEDSTATUSCODES', '8BITMIME', 'AUTH PLAIN LOGIN']

interface Case extends ServerScript {
  readonly title: string
  readonly logsIn?: boolean
}

/** One for each step of a conversation. */
const CASES: readonly Case[] = [
  { title: 'a refused greeting', on: { CONNECT: '554 5.7.1 Your address is listed' } },
  { title: 'a refused EHLO and HELO', on: { EHLO: '550 5.7.1 Bad name', HELO: '550 5.7.1 Bad name' } },
  { title: 'a refused log-in', logsIn: true, caps: CAPS, on: { AUTH: '535 5.7.8 Bad credentials' } },
  { title: 'a refused sender', on: { MAIL: '550 5.1.8 Sender domain not found' } },
  { title: 'refused recipients', on: { RCPT: '550-5.1.1 No such user\r\n550 5.1.1 Check the address' } },
  { title: 'a mailbox that is full', on: { RCPT: '452 4.2.2 Mailbox full' } },
  { title: 'a refused DATA', on: { DATA: '451 4.3.0 Queue is broken' } },
  { title: 'refused content', on: { DOT: '550 5.7.1 Message contains spam' } },
  { title: 'a reset after the final dot', on: { DOT: { close: 'rst' } } },
  { title: 'an end after the final dot', on: { DOT: { close: 'fin' } } },
  { title: 'silence at MAIL', on: { MAIL: { stall: true } } },
  { title: 'an end at RCPT', on: { RCPT: { close: 'fin' } } },
]

const TO = ['bob@rcpt.example', 'carol@rcpt.example']
/** Lines of the content that look like a part of the conversation. */
const TEXT = 'Hello\n.dot\nS: 550 5.1.1 not a reply\nDATA\n'

async function failureOfSmtp(server: SmtpServer, logsIn = false): Promise<MailError> {
  const options: SmtpOptions = {
    host: server.host,
    port: server.port,
    timeoutMs: 700,
    ...(logsIn && { auth: AUTH }),
  }
  const mailer = new Mailer({ transport: smtp(options) })
  const outcome: unknown = await mailer
    .send({ from: AUTH.user, to: TO, text: TEXT })
    .catch((error: unknown) => error)
  await mailer.close()
  if (!MailError.is(outcome)) throw new Error('the message was accepted')
  return outcome
}

/** What nodemailer writes to the console, or through a logger that makes JSON. */
async function nodemailerLog(server: SmtpServer, logsIn: boolean, asJson: boolean): Promise<string> {
  const lines: string[] = []
  const write = (entry: object, message: string, ...args: unknown[]): void =>
    void lines.push(JSON.stringify({ level: 30, ...entry, msg: format(message, ...args) }))
  const logger = {
    level: () => {},
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
    fatal: write,
  }
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, name).mockImplementation((...args: unknown[]) => void lines.push(format(...args)))
  const transport = createTransport({
    host: server.host,
    port: server.port,
    debug: true,
    logger: asJson ? logger : true,
    socketTimeout: 700,
    greetingTimeout: 700,
    ...(logsIn && { auth: AUTH }),
  })
  await transport.sendMail({ from: AUTH.user, to: TO, text: TEXT }).catch(() => {})
  transport.close()
  vi.restoreAllMocks()
  return lines.join('\n')
}

const PROGRAM = `
import smtplib, sys
level, host, port, user, password = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]
s = smtplib.SMTP(timeout=0.7)
s.set_debuglevel(level)
s.connect(host, port)
if password: s.login(user, password)
s.sendmail(user, sys.argv[6:], 'Subject: hi\\r\\n\\r\\nHello\\r\\n.dot\\r\\nS: 550 5.1.1 not a reply\\r\\n')
`

/** What smtplib writes, and the traceback of its exception. */
async function smtplibLog(server: SmtpServer, logsIn: boolean, level: 1 | 2): Promise<string> {
  const password = logsIn ? PASSWORD : ''
  const args = ['-c', PROGRAM, String(level), server.host, String(server.port), AUTH.user, password, ...TO]
  const child = spawn('python3', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const [said] = await Promise.all([text(child.stderr), once(child, 'close')])
  return said
}

const WRITERS: readonly (readonly [string, (server: SmtpServer, logsIn: boolean) => Promise<string>])[] = [
  ['nodemailer on the console', (server, logsIn) => nodemailerLog(server, logsIn, false)],
  ['nodemailer as JSON', (server, logsIn) => nodemailerLog(server, logsIn, true)],
  ['smtplib at level 1', (server, logsIn) => smtplibLog(server, logsIn, 1)],
  ['smtplib at level 2', (server, logsIn) => smtplibLog(server, logsIn, 2)],
]

afterEach(() => vi.restoreAllMocks())

for (const [writer, write] of WRITERS) {
  describe(`the log of ${writer} is explained as smtp() explains the same server`, () => {
    for (const { title, logsIn = false, ...script } of CASES) {
      it(title, async () => {
        await using server = await startServer(script)
        const { code, delivered, permanence, hint } = await failureOfSmtp(server, logsIn)
        const log = await write(server, logsIn)
        const secrets = new Secrets()
        const found = explanationJson(explainText(log, { stage: undefined, host: undefined }, secrets)!)
        expect(found, log).toMatchObject({ code, delivered, permanence, hint })
        const printed = secrets.redact(JSON.stringify(found))
        for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64'), 'not a reply'])
          expect(printed).not.toContain(secret)
      })
    }

    it('a refused log-in, as the program prints it', async () => {
      await using server = await startServer({ caps: CAPS, on: { AUTH: '535 5.7.8 Bad credentials' } })
      const log = `SMTP_URL=smtp://ann:${encodeURIComponent(PASSWORD)}@localhost\n${await write(server, true)}`
      const { stdout, stderr, status } = await loudmail(['explain', '-'], { input: log })
      expect(stdout).toMatch(/✗ C: AUTH (?:PLAIN )?<redacted>|✗ C: <redacted>/)
      expect(stdout).toMatch(/✗ S: 535 5\.7\.8 Bad credentials +<- failed here/)
      expect(stdout).toContain('✗ auth/bad-credentials')
      for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64')])
        expect(stdout + stderr).not.toContain(secret)
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    })

    it('a message that was accepted', async () => {
      await using server = await startServer()
      const log = await write(server, false)
      const { stdout, status } = await loudmail(['explain'], { input: log })
      expect(stdout).toContain('Nothing failed: the server accepted the message for 2 recipients')
      expect(status).toBe(0)
    })
  })
}
