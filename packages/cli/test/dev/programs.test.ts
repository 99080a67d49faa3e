import { randomBytes } from 'node:crypto'
import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { latest, program, runningDev, type ApiMail, type RunningDev } from './running-dev.ts'

const python = (dev: RunningDev, code: string, env = {}): ReturnType<typeof program> =>
  program('python3', ['-'], {
    input: `import os, smtplib\nfrom email.message import EmailMessage\nHOST, PORT = "127.0.0.1", ${dev.smtpPort}\n${code}`,
    env,
  })

const MESSAGE = `
message = EmailMessage()
message["From"] = "ann@sender.example"
message["To"] = "bob@rcpt.example"
message["Subject"] = "Grüße aus Python"
message.set_content("Schöne Grüße")
`

describe('a program in Python', () => {
  it('sends with smtplib, and the inbox shows the mail with its conversation', async () => {
    const dev = await runningDev()
    const sent = await python(
      dev,
      `${MESSAGE}\nwith smtplib.SMTP(HOST, PORT) as server:\n    server.send_message(message)`,
    )
    expect(sent).toEqual({ output: '', status: 0 })
    const mail = await latest(dev, { to: 'bob@rcpt.example' })
    expect(mail).toMatchObject({ state: 'captured', subject: 'Grüße aus Python', text: 'Schöne Grüße\n' })
    expect(mail.transcript?.map(({ text }) => text).join('\n')).toMatch(/mail FROM:<ann@sender.example>/i)
    expect(dev.output.stdout).toMatch(
      /✓ captured {2}ann@sender\.example → bob@rcpt\.example {2}Grüße aus Python\n/,
    )
  })

  it('sends to an address in UTF-8, and a file of 10 MB', async () => {
    const dev = await runningDev()
    const sent = await python(
      dev,
      `
import email.policy
message = EmailMessage(policy=email.policy.SMTPUTF8)
message["From"] = "grüße@sender.example"
message["To"] = "bücher@rcpt.example"
message["Subject"] = "groß"
message.set_content("ü" * 30 + "\\n", cte="8bit")
with smtplib.SMTP(HOST, PORT) as server:
    server.send_message(message, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    large = EmailMessage()
    large["From"], large["To"], large["Subject"] = "ann@sender.example", "large@rcpt.example", "large"
    large.set_content("See the file")
    large.add_attachment(b"x" * 10_000_000, maintype="application", subtype="octet-stream", filename="ten.bin")
    server.send_message(large)`,
    )
    expect(sent).toEqual({ output: '', status: 0 })
    expect(await latest(dev, { to: 'bücher@rcpt.example' })).toMatchObject({
      subject: 'groß',
      envelope: { from: 'grüße@sender.example', smtputf8: true },
    })
    const large = await latest(dev, { to: 'large@rcpt.example' })
    expect(large.attachments).toMatchObject([{ filename: 'ten.bin', size: 10_000_000 }])
  })

  it('that logs in leaves no password anywhere', async () => {
    const dev = await runningDev(['--auth', '--json'])
    const secret = randomBytes(18).toString('base64url')
    const sent = await python(
      dev,
      `${MESSAGE}
for mechanism in ("plain", "login", "cram_md5"):
    with smtplib.SMTP(HOST, PORT) as server:
        server.ehlo()
        server.user, server.password = "ann", os.environ["SECRET"]
        server.auth(mechanism.upper().replace("_", "-"), getattr(server, "auth_" + mechanism))
        server.send_message(message)`,
      { SECRET: secret },
    )
    expect(sent).toEqual({ output: '', status: 0 })
    const all = await (await fetch(`${dev.inbox}api/mails`)).text()
    const { mails } = JSON.parse(all) as { mails: { id: string }[] }
    expect(mails).toHaveLength(3)
    const pages = await Promise.all(
      mails
        .flatMap(({ id }) => [`api/mails/${id}`, `?mail=${id}`])
        .map(async (path) => (await fetch(dev.inbox + path)).text()),
    )
    const everything = [all, ...pages, dev.output.stdout, dev.output.stderr].join('\n')
    expect(everything).toContain('AUTH PLAIN <redacted>')
    for (const encoding of ['utf8', 'base64', 'hex'] as const)
      expect(everything).not.toContain(Buffer.from(secret).toString(encoding).replaceAll('=', ''))
    expect(everything).not.toContain(Buffer.from(`\0ann\0${secret}`).toString('base64'))
  })

  it('that leaves in the middle of a mail is shown as a failure', async () => {
    const dev = await runningDev()
    await python(
      dev,
      `
server = smtplib.SMTP(HOST, PORT)
server.ehlo()
server.mail("ann@sender.example")
server.rcpt("bob@rcpt.example")
server.docmd("DATA")
server.send(b"Subject: half of it\\r\\n")
server.close()`,
    )
    const mail = await latest(dev, { failed: 'true' })
    expect(mail).toMatchObject({ code: 'body/connection-lost', error: { delivered: 'none' } })
    expect(dev.output.stdout).toContain('✗ body/connection-lost  ann@sender.example → bob@rcpt.example')
  })
})

const NODEMAILER = fileURLToPath(new URL('../nodemailer-program.ts', import.meta.url))

/** Sends with nodemailer to each recipient, and gives how each ended. */
async function nodemailer(dev: RunningDev, connections: number, to: readonly string[]): Promise<string[]> {
  const args = [NODEMAILER, String(dev.smtpPort), String(connections), ...to]
  const { output } = await program(process.execPath, args)
  return output.trimEnd().split('\n')
}

describe('a program with nodemailer', () => {
  it('sends 60 mails over 20 connections at once, and none is missing', async () => {
    const dev = await runningDev()
    const to = Array.from({ length: 60 }, (_, n) => `bob${n}@rcpt.example`)
    expect(new Set(await nodemailer(dev, 20, to))).toEqual(new Set(['sent']))
    const { mails } = (await (await fetch(`${dev.inbox}api/mails`)).json()) as { mails: ApiMail[] }
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual(to.map((each) => `To ${each}`).toSorted())
  })

  it('sees a failure that is rehearsed, and the inbox shows the step and what to do', async () => {
    const dev = await runningDev(['--rehearse', 'rcpt-to/mailbox-full'])
    const [response] = await nodemailer(dev, 1, ['bob@rcpt.example'])
    expect(response).toContain('452 4.2.2 Mailbox full')
    const mail = await latest(dev, { failed: 'true' })
    expect(mail.code).toBe('rcpt-to/mailbox-full')
    expect(mail.error?.hint).toMatch(/mailbox/)
  })

  it('fails as an address asks, while other mails arrive', async () => {
    const dev = await runningDev()
    const spam = 'fail+body.spam@example.test'
    expect(await nodemailer(dev, 1, [spam, 'bob@rcpt.example'])).toEqual([
      '550 5.7.1 The message looks like spam',
      'sent',
    ])
    expect((await latest(dev, { to: spam })).code).toBe('body/spam')
  })
})

describe('TLS and log-ins', () => {
  it.each(['starttls', 'implicit'])(
    'with --tls %s, a program that checks the certificate can trust it',
    async (tls) => {
      const folder = await mkdtemp(join(tmpdir(), 'loudmail-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const ca = join(folder, 'ca.pem')
      const secret = randomBytes(12).toString('hex')
      const dev = await runningDev(['--tls', tls, '--ca', ca, '--user', 'ann', '--password-env', 'PW'], {
        env: { PW: secret },
      })
      expect(await readFile(ca, 'utf8')).toContain('BEGIN CERTIFICATE')
      const sent = await python(
        dev,
        `${MESSAGE}
import ssl
context = ssl.create_default_context(cafile=os.environ["CA"])
if "${tls}" == "implicit":
    server = smtplib.SMTP_SSL(HOST, PORT, context=context)
else:
    server = smtplib.SMTP(HOST, PORT)
    server.starttls(context=context)
try:
    server.login("ann", "not it")
except smtplib.SMTPAuthenticationError as error:
    print(error.smtp_code)
server.login("ann", os.environ["PW"])
server.send_message(message)
server.quit()`,
        { CA: ca, PW: secret },
      )
      expect(sent).toEqual({ output: '535\n', status: 0 })
      expect((await latest(dev, {})).state).toBe('captured')
      expect(dev.output.stdout + dev.output.stderr).not.toContain(secret)
    },
  )
})
