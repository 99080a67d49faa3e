import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer, type SmtpServer } from '@loudmail/server'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loudmail, type RunOptions } from '../cli.ts'

const PEOPLE = ['--from', 'Ann <ann@example.com>', '--to', 'bob@example.org']

let server: SmtpServer
let folder: string
beforeAll(async () => {
  server = await startServer({ caps: ['PIPELINING', '8BITMIME', 'SMTPUTF8'] })
  folder = await mkdtemp(join(tmpdir(), 'loudmail-send-'))
})
afterAll(() => server.close())
beforeEach(() => server.clear())

async function send(args: readonly string[], options: RunOptions = {}): Promise<void> {
  const { stderr, status } = await loudmail(['send', server.url, ...args], { cwd: folder, ...options })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
}

/** Runs a command line that is wrong, and returns what it says. Nothing has arrived. */
async function refused(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout, stderr, status } = await loudmail(args, { cwd: folder, ...options })
  expect({ stdout, status, connections: server.connections.length }).toEqual({
    stdout: '',
    status: 2,
    connections: 0,
  })
  return stderr
}

const file = async (name: string, content: string | Buffer): Promise<string> => {
  await writeFile(join(folder, name), content)
  return name
}

const arrived = (): string => server.messages[0]!.content.toString()

describe('a message from options', () => {
  it('has the fields that the options name', async () => {
    const people = [
      '--to',
      'cleo@example.org, dan@example.org',
      '--cc',
      'eve@example.org',
      '--bcc',
      'fay@example.org',
    ]
    const content = ['--subject', 'Grüße', '--text', 'Plain', '--html', '<b>Bold</b>']
    const headers = ['--header', 'X-Campaign: spring', '--header', 'X-Campaign: summer']
    await send([...PEOPLE, ...people, '--reply-to', 'office@example.com', ...content, ...headers])
    expect(server.messages[0]!.envelope).toMatchObject({
      from: 'ann@example.com',
      to: ['bob', 'cleo', 'dan', 'eve', 'fay'].map((name) => `${name}@example.org`),
    })
    expect(arrived()).toMatch(/^From: Ann <ann@example\.com>\r$/m)
    expect(arrived()).toMatch(/^To: bob@example\.org, cleo@example\.org,\s+dan@example\.org\r$/m)
    expect(arrived()).toMatch(/^Cc: eve@example\.org\r$/m)
    expect(arrived()).toMatch(/^Reply-To: office@example\.com\r$/m)
    expect(arrived()).toMatch(/^Subject: =\?utf-8\?/im)
    expect(arrived()).toMatch(/^X-Campaign: spring\r\n(?:.*\r\n)*?X-Campaign: summer\r$/m)
    expect(arrived()).toContain('Plain')
    expect(arrived()).toContain('<b>Bold</b>')
    expect(arrived()).not.toContain('fay@')
  })

  it('reads texts and attachments from files', async () => {
    await file('page.html', '\uFEFF<p>From a file</p>')
    await file('table.csv', 'a,b\r\n')
    await file('picture.png', Buffer.from('89504e470d0a1a0a', 'hex'))
    await send([...PEOPLE, '--html-file', 'page.html', '--attach', 'table.csv', '--attach', 'picture.png'])
    expect(arrived()).toContain('\r\n\r\n<p>From a file</p>')
    expect(arrived()).toMatch(/filename="?table\.csv/)
    expect(arrived()).toContain(Buffer.from('89504e470d0a1a0a', 'hex').toString('base64'))
  })

  it('reads the text from standard input', async () => {
    await send([...PEOPLE, '--subject', 'Log', '--text-file', '-'], { input: 'line 1\nline 2\n' })
    expect(arrived()).toContain('\r\n\r\nline 1\r\nline 2\r\n')
  })

  it('needs a sender and a recipient, and says with which options', async () => {
    const [from, ann] = ['--from', 'ann@example.com']
    expect(await refused(['send', server.url, '--text', 'a'])).toContain('add --from ADDRESS')
    expect(await refused(['send', server.url, from, ann, '--text', 'a'])).toContain('add --to ADDRESS')
  })

  it('is refused if the options contradict each other', async () => {
    const wrong = async (...args: string[]): Promise<string> =>
      refused(['send', server.url, ...PEOPLE, ...args])
    expect(await wrong('--text', 'a', '--text-file', 'b')).toContain('--text and --text-file')
    expect(await wrong('--subject', 'a', '--header', 'no colon')).toContain(
      '--header must have a name, a colon and a value',
    )
    expect(await wrong('--html-file', 'missing.html')).toContain('there is no file missing.html')
    expect(await wrong('--text-file', '-', '--html-file', '-')).toContain(
      'cannot both come from standard input',
    )
    expect(await wrong('--password-stdin', '-')).toContain('cannot both come from standard input')
    expect(await wrong()).toContain('there is no message')
  })
})

describe('a whole message', () => {
  const EML = Buffer.from(
    'Received: by example\r\nFrom: "Ann, A." <ann@example.com>\r\nTo: Team:\r\n bob@example.org,\r\n\tcleo@example.org;\r\nCc: DAN@example.org (at work)\r\nSubject: Raw \xE4\r\n\r\nBcc: nobody@example.org\r\n.dots\r\n..\r\n\xFF\r\n',
    'latin1',
  )

  it('arrives octet for octet, for the people in its header', async () => {
    await send([await file('mail.eml', EML)])
    expect(server.messages[0]!.content.equals(EML)).toBe(true)
    expect(server.messages[0]!.envelope).toMatchObject({
      from: 'ann@example.com',
      to: ['bob@example.org', 'cleo@example.org', 'DAN@example.org'],
    })
  })

  it('comes from standard input, with or without a dash', async () => {
    await send([], { input: EML })
    await send(['-'], { input: EML })
    expect(server.messages.map(({ content }) => content.equals(EML))).toEqual([true, true])
  })

  it('goes to the people that the options name, if they name some', async () => {
    await send([await file('mail.eml', EML), '--from', '<>', '--to', 'Zoe <zoe@example.org>'])
    expect(server.messages[0]!.envelope).toMatchObject({ from: '', to: ['zoe@example.org'] })
    expect(server.messages[0]!.content.equals(EML)).toBe(true)
  })

  it('is sent by its Sender if it has one', async () => {
    const input = 'From: a@example.com, b@example.com\nSender: c@example.com\nTo: d@example.org\n\nHi\n'
    await send([], { input })
    expect(server.messages[0]!.envelope.from).toBe('c@example.com')
  })

  it('is refused if it is something else, whatever its name', async () => {
    const picture = Buffer.from('\x89PNG\r\n\x1a\nTitle: a picture\r\n', 'latin1')
    const name = await file('picture.eml', picture)
    expect(await refused(['send', server.url, name, ...PEOPLE])).toContain('this is not a message')
  })

  it('may have any name with --as eml', async () => {
    await send([await file('mail.json', EML), '--as', 'eml'])
    expect(server.messages[0]!.content.equals(EML)).toBe(true)
  })

  it('is not changed by options', async () => {
    const name = await file('mail.eml', EML)
    expect(await refused(['send', server.url, name, '--subject', 'New'])).toContain(
      '--subject cannot be used',
    )
  })

  it('needs somebody to send it to', async () => {
    const input = 'From: ann@example.com\n\nHi\n'
    expect(await refused(['send', server.url], { input })).toContain('names no recipients')
    expect(await refused(['send', server.url], { input: 'To: ann@example.com\n\n' })).toContain(
      'does not name a sender',
    )
  })
})

describe('messages from JSON', () => {
  const MESSAGE = { from: 'ann@example.com', to: 'bob@example.org', subject: 'One', text: 'Hello' }

  it('are read from an object, with what JSON can hold', async () => {
    const attachments = [{ filename: 'a.bin', content: { type: 'Buffer', data: [0, 1, 255] } }]
    const own = { messageId: '<x@example.com>', idempotencyKey: 'order/7' }
    const message = { ...MESSAGE, date: '2024-02-29T12:00:00Z', ...own, attachments }
    await send([await file('mail.json', JSON.stringify(message, undefined, 2))])
    expect(arrived()).toMatch(/^Date: Thu, 29 Feb 2024 12:00:00 \+0000\r$/m)
    expect(arrived()).toMatch(/^Message-ID: <x@example\.com>\r$/m)
    expect(arrived()).toContain(Buffer.from([0, 1, 255]).toString('base64'))
  })

  it('are changed by options', async () => {
    const message = { ...MESSAGE, headers: { 'X-One': '1', 'X-Two': '2' } }
    const options = ['--subject', 'Other', '--to', 'cleo@example.org', '--header', 'x-two: new']
    await send([await file('mail.json', JSON.stringify(message)), ...options])
    expect(server.messages[0]!.envelope.to).toEqual(['cleo@example.org'])
    expect(arrived()).toMatch(/^Subject: Other\r$/m)
    expect(arrived()).toMatch(/^X-One: 1\r$/m)
    expect(arrived()).toMatch(/^x-two: new\r$/m)
    expect(arrived()).not.toContain('X-Two')
  })

  it('may contain a whole message', async () => {
    const raw = 'From: ann@example.com\r\n\r\nHi\r\n'
    const message = { raw, envelope: { from: 'ann@example.com', to: 'bob@example.org' } }
    await send(['-', '--to', 'cleo@example.org'], { input: JSON.stringify(message) })
    expect(arrived()).toBe(raw)
    expect(server.messages[0]!.envelope).toMatchObject({ from: 'ann@example.com', to: ['cleo@example.org'] })
  })

  it.each([
    ['an array', (messages: object[]) => JSON.stringify(messages)],
    [
      'one object on each line',
      (messages: object[]) => messages.map((each) => `${JSON.stringify(each)}\r\n`).join('\r\n'),
    ],
  ])('are read from %s', async (_what, write) => {
    const input = write(['One', 'Two', 'Three'].map((subject) => ({ ...MESSAGE, subject })))
    const { stdout, stderr, status } = await loudmail(['send', server.url, '-'], { input })
    expect({ stderr, status }).toEqual({ stderr: '3 sent, 0 failed\n', status: 0 })
    expect(stdout.match(/✓ sent/g)).toHaveLength(3)
    const subjects = server.messages.map(({ content }) => /^Subject: (.*)\r$/m.exec(content.toString())?.[1])
    expect(new Set(subjects)).toEqual(new Set(['One', 'Two', 'Three']))
  })

  it('are refused if they are something else', async () => {
    const wrong = async (input: string): Promise<string> => refused(['send', server.url, '-'], { input })
    expect(await wrong('{"from": ')).toContain('standard input is not valid JSON')
    expect(await wrong('{}\n{"a": nothing}\n')).toContain('line 2 of standard input is not valid JSON')
    expect(await wrong('[{}, 1]')).toContain('message 2 in standard input is not an object')
    expect(await wrong('[]')).toContain('standard input has no message')
    expect(await wrong('just some words')).toContain('say which with --as')
  })
})

describe('the URL', () => {
  it('comes from the environment, or else from .env', async () => {
    const message = [...PEOPLE, '--subject', 'Hi']
    await file('.env', `MAIL_URL='${server.url}'\n`)
    const run = await loudmail(['send', '--env', 'MAIL_URL', ...message], { cwd: folder })
    expect(run).toMatchObject({ stderr: '', status: 0 })
    const env = { MAIL_URL: 'smtp://127.0.0.1:1' }
    const other = await loudmail(['send', '--env', 'MAIL_URL', ...message], { cwd: folder, env })
    expect(other.stdout).toContain('connect/connection-refused')
    expect(server.messages).toHaveLength(1)
  })

  it('is missed with what to do', async () => {
    expect(await refused(['send'])).toContain('the URL of the mail server is missing')
    expect(await refused(['send', '--env', 'NO_SUCH_URL'])).toContain(
      'NO_SUCH_URL, which --env names, is not set',
    )
    expect(await refused(['send', 'http://127.0.0.1/', ...PEOPLE, '--text', 'a'])).toContain(
      'has the scheme http',
    )
  })

  it('may name several servers, and any kind of transport', async () => {
    const message = [...PEOPLE, '--subject', 'Hi']
    const both = await loudmail(['send', `failover(smtp://127.0.0.1:1 ${server.url})`, ...message])
    expect(both.stderr).toContain('An attempt failed: connect/connection-refused')
    expect(both.status).toBe(0)
    expect(server.messages).toHaveLength(1)
    for (const [url, state] of [
      ['debug:', 'captured'],
      ['memory:', 'captured'],
      ['discard:', 'discarded'],
    ] as const)
      expect((await loudmail(['send', url, ...message])).stdout).toContain(`✓ ${state}`)
  })
})
