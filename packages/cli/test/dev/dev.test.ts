import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { smtp } from '@loudmail/smtp'
import { Mailer } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loudmail } from '../cli.ts'
import { latest, runningDev, type RunningDev } from './running-dev.ts'

async function send(dev: RunningDev, to: string | string[] = 'bob@rcpt.example'): Promise<string> {
  await using mailer = new Mailer({ transport: smtp({ host: '127.0.0.1', port: dev.smtpPort }) })
  const message = { from: 'ann@sender.example', to, subject: 'Hello', text: 'Hi' }
  return mailer.send(message).then(
    ({ state }) => state,
    (error: { code: string }) => error.code,
  )
}

describe('the end', () => {
  it.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ] as const)('%s ends it with %i, although a client is in the middle of a mail', async (signal, status) => {
    const dev = await runningDev()
    const socket = connect(dev.smtpPort, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'data')
    socket.write('EHLO me\r\n')
    await once(socket, 'data')
    const events = await fetch(`${dev.inbox}events`)
    const closed = once(socket, 'close')
    const before = performance.now()
    expect(await dev.stop(signal)).toBe(status)
    expect(performance.now() - before).toBeLessThan(3_000)
    await closed
    await events.body?.cancel().catch(() => {})
  })
})

describe('--store', () => {
  it('keeps the mails over a restart, also one that was caught just before the end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'loudmail-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const first = await runningDev(['--store', folder])
    await send(first)
    await first.stop()
    const second = await runningDev(['--store', folder])
    expect(await latest(second, {})).toMatchObject({ subject: 'Hello', state: 'captured' })
  })
})

describe('a file that cannot be written', () => {
  it('is a mistake on the command line, found before any mail is lost', async () => {
    const file = fileURLToPath(import.meta.url)
    const ports = ['dev', '--smtp-port', '0', '--http-port', '0']
    const store = await loudmail([...ports, '--store', file])
    expect(store.stderr).toBe(
      `loudmail: --store ${file}: no mail can be kept there: it is a file, not a folder\n`,
    )
    expect(store.status).toBe(2)
    const ca = await loudmail([...ports, '--tls', 'starttls', '--ca', join(file, 'ca.pem')])
    expect(ca.stderr).toContain('the file cannot be written: a part of the path is a file, not a folder\n')
    expect(ca.stderr).not.toContain('mistake in loudmail')
    expect(ca.status).toBe(2)
  })
})

describe('--max-messages', () => {
  it('keeps no more than that', async () => {
    const dev = await runningDev(['--max-messages', '2'])
    for (let count = 0; count < 4; count++) await send(dev, `bob${count}@rcpt.example`)
    const { total } = (await (await fetch(`${dev.inbox}api/mails`)).json()) as { total: number }
    expect(total).toBe(2)
  })
})

describe('a port that is taken', () => {
  it('by another loudmail dev is named, with the inbox of that one', async () => {
    const dev = await runningDev()
    const httpPort = new URL(dev.inbox).port
    const taken = await loudmail(['dev', '--smtp-port', '0', '--http-port', httpPort])
    expect(taken).toMatchObject({ status: 1, stdout: '' })
    expect(taken.stderr).toContain(
      `port ${httpPort} for the inbox is taken by another loudmail dev, whose inbox is at ${dev.inbox}`,
    )
    const mail = await loudmail(['dev', '--smtp-port', String(dev.smtpPort), '--http-port', '0'])
    expect(mail.status).toBe(1)
    expect(mail.stderr).toContain(`port ${dev.smtpPort} for mail is taken by another loudmail dev`)
    expect(mail.stderr).toContain('--smtp-port')
  })

  it('by another mail server is named, with its greeting', async () => {
    const other = createServer(
      (socket) => void socket.on('error', () => {}).write('220 mailhog.example ESMTP MailHog\r\n'),
    )
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const { stderr, status } = await loudmail(['dev', '--smtp-port', String(port), '--http-port', '0'])
    expect(status).toBe(1)
    expect(stderr).toContain(
      `port ${port} for mail is taken by a mail server that greets with "220 mailhog.example ESMTP MailHog"`,
    )
  })
})

describe('--forward', () => {
  it('sends each mail on, byte for byte, and leaves the password out of every output', async () => {
    const password = randomBytes(12).toString('hex')
    await using real = await startServer({
      caps: ['AUTH PLAIN', 'PIPELINING'],
      users: { ann: password },
      requireAuth: true,
    })
    const url = `smtp://ann:${password}@127.0.0.1:${real.port}`
    const dev = await runningDev(['--forward-env', 'REAL', '--forward-to', 'me@example.com'], {
      env: { REAL: url },
    })
    await send(dev)
    const message = await real.waitFor('message')
    expect(message.envelope).toMatchObject({ from: 'ann@sender.example', to: ['me@example.com'] })
    const { id } = await latest(dev, {})
    expect(message.content.toString()).toContain('Subject: Hello')
    const source = await (await fetch(`${dev.inbox}api/mails/${id}/source`)).text()
    expect(message.content.toString()).toBe(source)
    expect(await dev.stop()).toBe(0)
    expect(dev.output.stdout + dev.output.stderr).not.toContain(password)
  })

  it('shows what could not be sent on, in the inbox and on standard error', async () => {
    await using real = await startServer({ on: { RCPT: '554 5.7.1 Relay access denied' } })
    const dev = await runningDev(['--forward', real.url])
    expect(await send(dev)).toBe('sent')
    const failed = await latest(dev, { failed: 'true' })
    expect(failed).toMatchObject({
      subject: 'Hello',
      code: 'rcpt-to/relay-denied',
      transport: `smtp(127.0.0.1:${real.port})`,
    })
    expect(dev.output.stderr).toContain('a mail could not be sent on: rcpt-to/relay-denied')
    expect((await latest(dev, { before: failed.id })).state).toBe('captured')
  })

  it('says that a password in the URL can be seen, without showing it', async () => {
    const password = randomBytes(12).toString('hex')
    const dev = await runningDev(['--forward', `smtp://ann:${password}@127.0.0.1:9`])
    expect(dev.output.stderr).toContain('--forward-env')
    expect(dev.output.stdout + dev.output.stderr).not.toContain(password)
  })

  it('to itself is refused', async () => {
    const { stderr, status } = await loudmail([
      'dev',
      '--smtp-port',
      '2599',
      '--http-port',
      '0',
      '--forward',
      'smtp://localhost:2599',
    ])
    expect(status).toBe(2)
    expect(stderr).toContain('this server itself')
  })
})

describe('--json', () => {
  it('prints one object for each mail and nothing else', async () => {
    const dev = await runningDev(['--json'])
    await send(dev)
    await send(dev, 'fail+rcpt-to.mailbox-full@example.test')
    await latest(dev, { failed: 'true' })
    await dev.stop()
    const lines = dev.output.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    expect(lines).toMatchObject([
      { state: 'captured', subject: 'Hello' },
      { state: 'failed', code: 'rcpt-to/mailbox-full', error: { delivered: 'none' } },
    ])
    expect(lines[0]?.['url']).toBe(`${dev.inbox}api/mails/${lines[0]?.['id']}`)
  })
})

/** What the inbox answers to a browser that has this name in its address bar. */
async function statusUnder(host: string, url: string): Promise<number | undefined> {
  const [answer] = (await once(get(url, { headers: { host } }), 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

describe('--host', () => {
  it('for all addresses says how to open the inbox from elsewhere, and --allow-host opens it', async () => {
    const closed = await runningDev(['--host', '0.0.0.0'])
    expect(closed.output.stderr).toContain('--allow-host localhost')
    expect(await statusUnder('mail.example', closed.inbox)).toBe(403)
    const open = await runningDev(['--host', '0.0.0.0', '--allow-host', '*'])
    expect(open.output.stderr).toBe('')
    expect(await statusUnder('mail.example', open.inbox)).toBe(200)
  })
})

describe('wrong options', () => {
  it.each([
    [['--rehearse', 'rcpt-to/mailbox-ful'], 'it knows rcpt-to/account-blocked'],
    [['--rehearse', 'connect/timeout'], 'before a program reaches the server'],
    [['--settings', 'cobol'], 'Allowed choices are node'],
    [['--smtp-port', '99999'], 'A port is a number from 0 to 65535'],
    [['--smtp-port', '2525', '--http-port', '2525'], 'they must differ'],
    [['--user', 'ann'], '--user and --password-env need each other'],
    [['--user', 'ann', '--password-env', 'a secret'], 'the variable that --password-env names is not set'],
    [['--forward-to', 'me@example.com'], '--forward-to needs --forward'],
    [['--forward', 'http://example.com'], 'the URL to forward to is not valid'],
    [['--ca', 'ca.pem'], '--ca needs --tls'],
  ])('%j end with 2 and say what to change', async (args, says) => {
    const { stdout, stderr, status } = await loudmail(['dev', ...args])
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
    expect(stderr).toContain(says)
    expect(stderr).not.toContain('a secret')
  })
})
