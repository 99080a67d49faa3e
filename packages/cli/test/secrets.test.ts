import { readdirSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { programOf } from '../src/program.ts'
import { Terminal } from '../src/terminal/terminal.ts'
import { loudmail, type RunOptions } from './cli.ts'
import { latest, runningDev, type RunningDev } from './dev/running-dev.ts'
import { settled, waitingOutbox } from './outbox/filled-outbox.ts'
import { startWork } from './outbox/start-work.ts'
import { echoingProxy, echoingServer, talk, type EchoingServer, type RefusedAt } from './secrets/echoing.ts'
import { echoesOf, foundIn, USER } from './secrets/forms-of-secret.ts'
import { LOGS } from './secrets/logs.ts'
import { NEW_SECRETS, SECRET_KINDS } from './secrets/new-secrets.ts'
import { TRANSPORTS } from './secrets/transports.ts'
import { temporaryFolder } from './temporary-folder.ts'

// Most tests start the program dozens of times.
vi.setConfig({ testTimeout: 120_000 })

const PEOPLE = ['--from', 'ann@example.com', '--to', 'bob@example.org']
const MESSAGE = [...PEOPLE, '--subject', 'Hi']
const REFUSED_AT = [undefined, 'CONNECT', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'DOT'] as const

/** Runs them side by side, as many as there are processors on small machines. */
async function eachOf<Item>(items: readonly Item[], visit: (item: Item) => Promise<unknown>): Promise<void> {
  const waiting = items.values()
  const work = async (): Promise<void> => {
    for (const item of waiting) await visit(item)
  }
  await Promise.all([work(), work(), work()])
}

/** Each with another kind of password, so that every kind meets many of them. */
let turn = Number(process.env['TURN'] ?? 0)
function newSecret(): string {
  const kind = SECRET_KINDS[turn++ % SECRET_KINDS.length]!
  return NEW_SECRETS[kind]()
}

/** Every command line that was tried. */
const tried: (readonly string[])[] = []

/** Runs the program, and fails if it wrote the secret in any form. Gives what it wrote. */
async function run(
  secret: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ readonly output: string; readonly status: number | null }> {
  tried.push(args)
  const { stdout, stderr, status } = await loudmail(args, options)
  const output = stdout + stderr
  expect(foundIn(output, secret), `${args[0]} wrote:\n${output}`).toEqual([])
  expect(output, 'it says something').not.toBe('')
  expect(output, 'it does not break').not.toContain('This is a mistake in loudmail itself')
  return { output, status }
}

const urlOf = ({ port }: EchoingServer, secret?: string): string =>
  `smtp://${USER}${secret === undefined ? '' : `:${encodeURIComponent(secret)}`}@127.0.0.1:${port}`

async function echoing(secret: string, refusedAt?: RefusedAt): Promise<EchoingServer> {
  const server = await echoingServer(secret, refusedAt)
  onTestFinished(() => server.close())
  return server
}

/** The ways to give a password, as arguments and what else the program needs for them. */
function waysToGive(
  server: EchoingServer,
  secret: string,
): readonly { readonly args: readonly string[]; readonly options?: RunOptions }[] {
  const folder = temporaryFolder({ '.env': `MAIL_URL=${urlOf(server, secret)}\nSECRET=${quoted(secret)}\n` })
  return [
    { args: [urlOf(server, secret)] },
    { args: ['--env', 'MAIL_URL'], options: { env: { MAIL_URL: urlOf(server, secret) } } },
    { args: ['--env', 'MAIL_URL'], options: { cwd: folder } },
    { args: [urlOf(server), '--password-env', 'SECRET'], options: { env: { SECRET: secret } } },
    { args: [urlOf(server), '--password-env', 'SECRET'], options: { cwd: folder } },
    { args: [urlOf(server), '--password-stdin'], options: { input: `${secret}\n` } },
  ]
}

/** A value for .env with quotes that are not in it. */
function quoted(value: string): string {
  const quote = [`'`, '`'].find((each) => !value.includes(each))!
  return quote + value + quote
}

/** A URL with the password as it should be written, and as it often is. */
function urlsWith(secret: string): readonly string[] {
  return [encodeURIComponent(secret), secret].map(
    (password) => `smtp://${USER}:${password}@mail.example.invalid`,
  )
}

/** The tests of each command. The program without a command has no name. */
const COMMANDS: Readonly<Record<string, () => void>> = {
  ''() {
    it('is not shown in the place of a command or an option', async () => {
      const secret = newSecret()
      const commandLines = urlsWith(secret).flatMap((url) => [
        [url],
        ['bogus', url],
        [`--bogus=${url}`],
        ['--help', url],
      ])
      await eachOf(commandLines, (args) => run(secret, args))
    })
  },

  help() {
    it('is not shown in the place of a command', async () => {
      const secret = newSecret()
      for (const url of urlsWith(secret)) await run(secret, ['help', url])
    })
  },

  completion() {
    it('is not shown in the place of a shell', async () => {
      const secret = newSecret()
      for (const url of urlsWith(secret)) await run(secret, ['completion', url])
      await run(secret, ['completion', 'bash'], { env: { SECRET: secret } })
    })
  },

  send() {
    it.each(REFUSED_AT)('is not shown when the server repeats it and refuses at %s', async (refusedAt) => {
      const secret = newSecret()
      const server = await echoing(secret, refusedAt)
      const modes = [
        ['--retry'],
        ['--transcript'],
        ['--json', '--transcript'],
        ['--policy', 'silent'],
        ['--policy', 'silent', '--json'],
        ['--repeat', '2'],
        ['--repeat', '2', '--json'],
      ]
      await eachOf(modes, async (mode) => {
        const { output, status } = await run(secret, ['send', urlOf(server, secret), ...MESSAGE, ...mode])
        const isFailed = refusedAt !== undefined && !mode.includes('silent')
        expect(status).toBe(isFailed ? 1 : 0)
        if (isFailed || mode.includes('--transcript')) expect(output).toContain('<redacted>')
      })
      expect(server.given.every((password) => password === secret)).toBe(true)
    })

    it('is not shown wherever it comes from', async () => {
      for (const refusedAt of ['AUTH', undefined] as const) {
        const secret = newSecret()
        const server = await echoing(secret, refusedAt)
        await eachOf(waysToGive(server, secret), ({ args, options }) =>
          run(secret, ['send', ...args, ...MESSAGE, '--transcript'], options),
        )
        expect(server.given).toEqual(Array.from({ length: 6 }, () => secret))
      }
    })

    it('of a proxy is not shown when the proxy repeats it', async () => {
      for (const mode of [[], ['--json'], ['--repeat', '2']]) {
        const secret = newSecret()
        await using proxy = await echoingProxy(secret)
        const way = encodeURIComponent(`http://${USER}:${encodeURIComponent(secret)}@127.0.0.1:${proxy.port}`)
        const url = `smtp://mail.example.invalid:587?proxy=${way}`
        const { output } = await run(secret, ['send', url, ...MESSAGE, ...mode, '--i-own-this-server'])
        expect(output).toContain('connect/proxy')
        expect(proxy.given[0]).toBe(`Basic ${Buffer.from(`${USER}:${secret}`).toString('base64')}`)
      }
    })

    it('is not shown in the wrong place', async () => {
      const secret = newSecret()
      const commandLines = urlsWith(secret).flatMap((url) => [
        [url, url, url],
        ['--bogus', url],
        [`--bogus=${url}`],
        ['--env', url],
        ['--repeat', url],
        ['--policy', url],
        ['--as', url, url],
        [url, '--password-env', url],
        [url, '--attach', url],
        ['smtp://127.0.0.1:1', url],
        [`${url}?proxy=http://${url.slice('smtp://'.length)}`, '--repeat', '5'],
      ])
      await eachOf(commandLines, async (args) => {
        expect((await run(secret, ['send', ...args, ...MESSAGE])).status).not.toBe(0)
      })
    })
  },

  doctor() {
    it.each(REFUSED_AT)('is not shown when the server repeats it and refuses at %s', async (refusedAt) => {
      const secret = newSecret()
      const server = await echoing(secret, refusedAt)
      const modes = [[], ['--json'], ['--json', '--no-fixes', '--send', '--size', '5kb']]
      await eachOf(modes, async (mode) => {
        const args = ['doctor', urlOf(server, secret), ...PEOPLE, '--timeout', '3', ...mode]
        const { output, status } = await run(secret, args)
        expect(status).toBe(
          refusedAt === undefined || (refusedAt.startsWith('D') && !mode.includes('--send')) ? 0 : 1,
        )
        if (refusedAt !== undefined || mode.includes('--json')) expect(output).toContain('<redacted>')
      })
      expect(server.given.every((password) => password === secret)).toBe(true)
    })

    it('is not shown wherever it comes from', async () => {
      for (const refusedAt of ['AUTH', 'MAIL'] as const) {
        const secret = newSecret()
        const server = await echoing(secret, refusedAt)
        await eachOf(waysToGive(server, secret), ({ args, options }) =>
          run(secret, ['doctor', ...args, '--no-fixes'], options),
        )
        expect(server.given).toEqual(Array.from({ length: 6 }, () => secret))
      }
    })

    it.each(TRANSPORTS)('is not shown when it comes from %s', async (_, textOf) => {
      const secret = newSecret()
      const server = await echoing(secret, 'AUTH')
      const cwd = temporaryFolder({ 'mail.mjs': textOf(server.port, secret) })
      await eachOf([[], ['--json']], async (mode) => {
        const { output, status } = await run(secret, ['doctor', '--transport', './mail.mjs', ...mode], {
          cwd,
        })
        expect(output).toContain('<redacted>')
        expect(status).toBe(1)
      })
    })

    it('is not shown when the file of the transport throws it', async () => {
      const secret = newSecret()
      const echoes = JSON.stringify(echoesOf(secret).join(' or '))
      const texts = [
        `throw new Error('it is not ' + process.env.SMTP_PASS + ${echoes})`,
        `console.log(${echoes}); throw Object.assign(new Error('no'), { cause: ${echoes} })`,
        `throw ${echoes}`,
        `export default () => Promise.reject(new TypeError(${echoes}))`,
        `export default { name: 'x', send() {}, verify() { throw new Error(${echoes}) } }`,
        `export default { name: ${echoes}, send() {}, verify() {} }`,
        `export const pass = 1; console.error(${echoes})`,
      ]
      await eachOf([...texts.entries()], async ([index, text]) => {
        const cwd = temporaryFolder({ 'mail.mjs': text, '.env': `SMTP_PASS=${quoted(secret)}\n` })
        const mode = index % 2 === 0 ? ['--json'] : []
        await run(secret, ['doctor', '--transport', './mail.mjs', ...mode], { cwd })
      })
    })

    it('of a proxy is not shown when the proxy repeats it', async () => {
      for (const mode of [[], ['--json']]) {
        const secret = newSecret()
        await using proxy = await echoingProxy(secret)
        const way = `http://${USER}:${encodeURIComponent(secret)}@127.0.0.1:${proxy.port}`
        await run(secret, ['doctor', `smtp://mail.example.invalid?proxy=${encodeURIComponent(way)}`, ...mode])
        const text = `export default { host: 'mail.example.invalid', port: 587, proxy: ${JSON.stringify(way)} }`
        const cwd = temporaryFolder({ 'mail.mjs': text })
        await run(secret, ['doctor', '--transport', 'mail.mjs', ...mode], { cwd })
        expect(proxy.given[0]).toBe(`Basic ${Buffer.from(`${USER}:${secret}`).toString('base64')}`)
      }
    })

    it('is not shown when the URL or the variables are wrong', async () => {
      const secret = newSecret()
      const server = await echoing(secret)
      const raw = urlOf(server, secret).replace(encodeURIComponent(secret), secret)
      const broken = [raw, `"${raw}"`, `${raw}\n`, raw.slice(0, -8), raw.replace('@', ':'), `${raw}?bogus=1`]
      await eachOf(broken, async (value) => {
        const cwd = temporaryFolder({ '.env': `MAIL_URL=${value}\n` })
        await run(secret, ['doctor', value, '--no-fixes', '--user', USER])
        await run(secret, ['doctor', '--env', 'MAIL_URL', '--no-fixes', '--json'], { cwd })
        await run(secret, ['doctor', '--env', 'MAIL_URI', '--no-fixes'], { env: { MAIL_URL: value } })
      })
      const parts = { SMTP_HOST: '127.0.0.1', SMTP_PORT: 'x', SMTP_USER: USER, SMTP_PASS: secret }
      for (const mode of [[], ['--json']])
        await run(secret, ['doctor', '--env', 'SMTP', ...mode], { env: parts })
    })

    it('is not shown in the wrong place', async () => {
      const secret = newSecret()
      const commandLines = urlsWith(secret).flatMap((url) => [
        [url, url],
        ['--bogus', url],
        [`--bogus=${url}`],
        ['--env', url],
        ['--timeout', url],
        ['--transport', url],
        ['--dotenv', url, '--env', 'X'],
        ['--sender', url],
      ])
      await eachOf(commandLines, async (args) => {
        expect((await run(secret, ['doctor', ...args])).status).not.toBe(0)
      })
    })
  },

  dev() {
    it.each([
      [[]],
      [['--json']],
      [['--auth']],
      [['--auth', '--json']],
      [['--user', USER, '--password-env', 'SECRET']],
      [['--user', USER, '--password-env', 'SECRET', '--json', '--settings', 'all']],
      [['--rehearse', 'auth/bad-credentials', '--json']],
      [['--rehearse', 'body/spam']],
    ])('of a client is not shown with %j, and not kept in the store', async (options) => {
      const secret = newSecret()
      const store = temporaryFolder()
      tried.push(['dev', ...options])
      const dev = await runningDev(['--store', store, ...options], { env: { SECRET: secret } })
      const base64 = (text: string): string => Buffer.from(text).toString('base64')
      const plain = base64(`\0${USER}\0${secret}`)
      const message = [
        'MAIL FROM:<ann@example.com>',
        'RCPT TO:<bob@example.org>',
        'DATA',
        'Subject: Hi\r\n\r\nHi\r\n.',
      ]
      await talk(dev.smtpPort, ['EHLO x', `AUTH PLAIN ${plain}`, ...message, 'QUIT'])
      await talk(dev.smtpPort, ['EHLO x', 'AUTH LOGIN', base64(USER), base64(secret), ...message, 'QUIT'])
      await talk(dev.smtpPort, [
        'EHLO x',
        `AUTH CRAM-MD5 ${plain}`,
        plain,
        base64(secret),
        secret,
        ...message,
      ])
      await expectNoneInDev(dev, secret, store)
    })

    it.each([[['--forward']], [['--forward', '--json']], [['--forward-env']], [['--forward-env', '--json']]])(
      'of the server that mail is sent on to with %j is not shown, and not kept in the store',
      async ([option, ...mode]) => {
        const secret = newSecret()
        const server = await echoing(secret, 'RCPT')
        const url = urlOf(server, secret)
        const store = temporaryFolder()
        const to = ['--forward-to', 'me@example.com']
        const args = [option!, option === '--forward' ? url : 'REAL_URL', ...to, ...mode, '--store', store]
        tried.push(['dev', ...args])
        const dev = await runningDev(args, { env: { REAL_URL: url } })
        const message = [
          'MAIL FROM:<ann@example.com>',
          'RCPT TO:<bob@example.org>',
          'DATA',
          'Subject: Hi\r\n\r\nHi\r\n.',
        ]
        await talk(dev.smtpPort, ['EHLO x', ...message, 'QUIT'])
        await latest(dev, { code: 'rcpt-to/rejected' }).catch(() => undefined)
        await expectNoneInDev(dev, secret, store)
        expect(dev.output.stderr).toContain('<redacted>')
        expect(server.given).toEqual([secret])
      },
    )

    it('is not shown in the wrong place', async () => {
      const secret = newSecret()
      const broken = [...urlsWith(secret), `ann:${secret}@host`, `smtp://ann:${secret}`]
      await eachOf(broken, (url) =>
        run(secret, ['dev', '--forward', url, '--smtp-port', '1', '--http-port', '1']),
      )
      const commandLines = urlsWith(secret).flatMap((url) => [
        [url],
        ['--bogus', url],
        [`--bogus=${url}`],
        ['--forward-env', url],
        ['--user', USER, '--password-env', url],
        ['--smtp-port', url],
        ['--rehearse', url],
      ])
      await eachOf(commandLines, async (args) => {
        expect((await run(secret, ['dev', ...args])).status).toBe(2)
      })
    })
  },

  outbox() {
    it.each(REFUSED_AT)('is not shown when the server repeats it and refuses at %s', async (refusedAt) => {
      const modes = [[], ['--json'], ['--quiet']]
      await eachOf(modes, async (mode) => {
        const secret = newSecret()
        const server = await echoing(secret, refusedAt)
        const filled = await waitingOutbox(['bob'])
        const args = ['--url', urlOf(server, secret), ...mode]
        tried.push(['outbox', 'work', ...args])
        const work = startWork(filled.file, args)
        await filled.look(settled)
        const { stdout, stderr } = await work.stop('SIGTERM')
        expect(foundIn(stdout + stderr, secret)).toEqual([])
        const store = ['--store', filled.file]
        await run(secret, ['outbox', 'list', '--json', ...store])
        await run(secret, ['outbox', 'list', ...store])
        for (const format of [[], ['--json']]) {
          const { output } = await run(secret, ['outbox', 'show', filled.ids.bob!, ...format, ...store])
          if (refusedAt !== undefined) expect(output).toContain('<redacted>')
        }
        for (const name of readdirSync(filled.folder).filter((each) => each.startsWith('mail.db')))
          expect(foundIn(readFileSync(join(filled.folder, name), 'latin1'), secret), name).toEqual([])
      })
    })

    it('of the mail server is not shown wherever it comes from', async () => {
      const secret = newSecret()
      const server = await echoing(secret, 'AUTH')
      await eachOf(waysToGive(server, secret), async ({ args: [first, ...others], options = {} }) => {
        const { file, look } = await waitingOutbox(['bob'])
        const args = first === '--env' ? ['--env', ...others] : ['--url', first!, ...others]
        tried.push(['outbox', 'work', ...args])
        const work = startWork(file, args, options)
        await look(settled)
        const { stdout, stderr } = await work.stop('SIGTERM')
        expect(foundIn(stdout + stderr, secret)).toEqual([])
        expect(stdout + stderr).toContain('<redacted>')
      })
      expect(new Set(server.given)).toEqual(new Set([secret]))
    })

    it.each([
      ['counts'],
      ['list'],
      ['show', '01a'],
      ['retry', '01a'],
      ['resolve', '01a', '--delivered'],
      ['discard', '01a'],
      ['purge', '--sent', '--older-than', '1d', '--yes'],
      ['work', '--url', 'smtp://127.0.0.1:1'],
    ])('of the store is not shown wherever it comes from: %s', async (...command) => {
      const secret = newSecret()
      const urlWith = (password: string): string => `postgres://${USER}:${password}@127.0.0.1:1/mail`
      const urls = [urlWith(encodeURIComponent(secret)), urlWith(secret)]
      urls.push(`postgres://${USER}@127.0.0.1:1/mail?password=${encodeURIComponent(secret)}`)
      await eachOf(urls, async (url) => {
        await run(secret, ['outbox', ...command, '--store', url])
        const args = ['outbox', ...command, '--store-env', 'STORE', '--json']
        await run(secret, args, { env: { STORE: url } })
        if (command[0] === 'counts') await run(secret, ['outbox'], { env: { LOUDMAIL_OUTBOX: url } })
      })
    })

    it.each(['encoded', 'as it is'])('is not shown in the wrong place, %s', async (form) => {
      const secret = newSecret()
      const url = urlsWith(secret)[form === 'encoded' ? 0 : 1]!
      const { file } = await waitingOutbox([])
      const commandLines = [
        [url],
        ['list', url],
        ['list', '--bogus', url],
        ['list', `--bogus=${url}`],
        ['list', '--state', url],
        ['list', '--limit', url],
        ['show', url, '--store', file],
        ['retry', url, '--store', file],
        ['discard', url, url, '--store', file],
        ['--store', url],
        ['--store-env', url],
        ['--store', file, url],
        ['purge', '--older-than', url],
        ['work', '--url', url, '--env', url],
        ['work', '--url', `${url}?bogus=1`, '--store', file],
        ['work', '--env', url, '--store', file],
        ['work', '--concurrency', url],
        ['work', '--password-env', url, '--url', 'smtp://ann@127.0.0.1', '--store', file],
        [
          'work',
          '--store',
          `mysql://${USER}:${encodeURIComponent(secret)}@127.0.0.1/mail`,
          '--url',
          'smtp://127.0.0.1:1',
        ],
      ]
      await eachOf(commandLines, async (args) => {
        expect((await run(secret, ['outbox', ...args])).status).toBe(2)
      })
    })
  },

  explain() {
    it.each(Object.entries(LOGS))('is not shown from the log of %s', async (_, logOf) => {
      for (const mode of [[], ['--json']]) {
        const secret = newSecret()
        const input = logOf(secret)
        await run(secret, ['explain', '-', ...mode], { input })
        const cwd = temporaryFolder({ 'mail.log': input })
        await run(secret, ['explain', 'mail.log', ...mode], { cwd })
      }
    })

    it('is not shown when a server breaks it over several lines', async () => {
      const secret = NEW_SECRETS['that is long']()
      const parts = secret.match(/.{1,12}/g)!
      const input = [
        '220 mail.example.com ESMTP',
        'EHLO x',
        '250 AUTH PLAIN',
        `AUTH PLAIN ${Buffer.from(`\0${USER}\0${secret}`).toString('base64')}`,
        ...parts.map((part) => `535-5.7.8 ${part}`),
        '535 5.7.8 is wrong',
      ].join('\n')
      for (const mode of [[], ['--json']]) {
        const { output } = await run(secret, ['explain', '-', ...mode], { input })
        for (const part of parts.filter(({ length }) => length === 12)) expect(output).not.toContain(part)
      }
    })

    it('is not shown from words on the command line', async () => {
      const secret = newSecret()
      const commandLines = urlsWith(secret).flatMap((url) => [
        [url],
        [`535 5.7.8 ${url} is not valid`],
        ['--stage', url, '535'],
        ['--host', url, '535 5.7.8 No'],
        [`--bogus=${url}`],
        ['./no-such-file.log', '--json', url],
      ])
      await eachOf(commandLines, async (args) => {
        await run(secret, ['explain', ...args])
      })
    })
  },
}

describe.each(Object.entries(COMMANDS))('a secret at loudmail %s', (_, tests) => {
  tests()
})

describe('these tests', () => {
  const program = programOf(new Terminal(), () => {})

  it('have cases for every command', () => {
    const names = program
      .createHelp()
      .visibleCommands(program)
      .map((command) => command.name())
    expect(Object.keys(COMMANDS).toSorted()).toEqual(['', ...names].toSorted())
  })

  it('use every option that changes the output or gives a secret', () => {
    const look = (command: Command, path: readonly string[]): void => {
      for (const { long } of command.options) {
        if (!/json|transcript|policy|repeat|password|env|forward|transport|user|store|url/.test(long!))
          continue
        const isTried = tried.some(
          (args) => path.every((name, index) => args[index] === name) && args.includes(long!),
        )
        expect(isTried, `loudmail ${path.join(' ')} ${long}`).toBe(true)
      }
      for (const each of command.commands) look(each, [...path, each.name()])
    }
    for (const command of program.commands) look(command, [command.name()])
  })
})

/** Ends it, and looks at all that it wrote, answers and keeps. */
async function expectNoneInDev(dev: RunningDev, secret: string, store: string): Promise<void> {
  // A client may be gone before its mail is kept.
  const { list, mails } = await vi.waitFor(
    async () => {
      const text = await (await fetch(`${dev.inbox}api/mails`)).text()
      const kept = JSON.parse(text) as { readonly mails: readonly { readonly id: string }[] }
      expect(kept.mails).not.toEqual([])
      return { list: text, mails: kept.mails }
    },
    { timeout: 10_000 },
  )
  const answers = [list, await (await fetch(dev.inbox)).text()]
  for (const { id } of mails)
    for (const path of [`api/mails/${id}`, `api/mails/${id}/transcript`, `mails/${id}`])
      answers.push(await (await fetch(dev.inbox + path)).text())
  await dev.stop()
  expect(foundIn(answers.join('\n'), secret)).toEqual([])
  expect(foundIn(dev.output.stdout + dev.output.stderr, secret)).toEqual([])
  const files = (await readdir(store, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  )
  expect(files).not.toEqual([])
  for (const { parentPath, name } of files)
    expect(foundIn(name + readFileSync(join(parentPath, name), 'latin1'), secret), name).toEqual([])
}
