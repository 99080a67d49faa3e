import { randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer, type ActionContext, type SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { loudmail, type Run } from '../cli.ts'

const MESSAGE = ['--from', 'ann@example.com', '--to', 'bob@example.org', '--subject', 'Hi']

/** With characters that URLs, JSON and base64 write in another way, and a blank, at which lines are wrapped. */
const newSecret = (): string => `p@:/"%\\ ${randomBytes(12).toString('base64')} ü`

/** A server that repeats the password in many forms, in every reply after the log-in. */
function echoing(on: 'AUTH' | 'RCPT' | 'DOT', code: string): Promise<SmtpServer> {
  let password = ''
  const learn = ({ credentials }: ActionContext): undefined =>
    void (password = credentials?.password ?? password)
  const echo = (context: ActionContext): string => {
    learn(context)
    const base64 = Buffer.from(password).toString('base64')
    const plain = Buffer.from(`\0ann\0${password}`).toString('base64')
    return `${code}-you said ${password}\r\n${code}-or ${base64}\r\n${code}-or ${plain}\r\n${code} or ${encodeURIComponent(password)}`
  }
  return startServer({ caps: ['PIPELINING', 'AUTH PLAIN'], on: { AUTH: learn, [on]: echo } })
}

function expectNone({ stdout, stderr }: Run, secret: string): void {
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
  const encoded = [secret, `\0ann\0${secret}`].map((text) => Buffer.from(text).toString('base64'))
  const random = secret.split(' ')[1]!
  for (const form of [...forms, ...encoded, random]) expect(stdout + stderr).not.toContain(form)
  expect(stdout + stderr).toContain('<redacted>')
}

const urlWith = ({ port }: SmtpServer, secret?: string): string =>
  `smtp://ann${secret === undefined ? '' : `:${encodeURIComponent(secret)}`}@127.0.0.1:${port}`

describe('a password', () => {
  it.each([
    ['AUTH', '535', [], 1],
    ['AUTH', '535', ['--json'], 1],
    ['RCPT', '550', [], 1],
    ['RCPT', '550', ['--policy', 'silent'], 0],
    ['RCPT', '451', ['--retry', '--json', '--policy', 'silent'], 0],
    ['DOT', '250', ['--transcript'], 0],
    ['DOT', '250', ['--json', '--transcript'], 0],
    ['RCPT', '550', ['--repeat', '3'], 1],
    ['RCPT', '550', ['--repeat', '3', '--json'], 1],
  ] as const)(
    'that the server repeats at %s with %s is not shown with %j',
    async (on, code, options, wanted) => {
      await using server = await echoing(on, code)
      const secret = newSecret()
      const run = await loudmail(['send', urlWith(server, secret), ...MESSAGE, ...options])
      expectNone(run, secret)
      expect(run.status).toBe(wanted)
      if (options.includes('--json' as never)) expect(JSON.parse(run.stdout)).toBeTypeOf('object')
    },
  )

  it('on the command line is not repeated, and one note says how to do without', async () => {
    await using server = await startServer({ caps: ['AUTH PLAIN'] })
    const secret = newSecret()
    const url = `failover(${urlWith(server, secret)} ${urlWith(server, secret)})`
    const { stdout, stderr, status } = await loudmail(['send', url, ...MESSAGE])
    expect(stderr).toMatch(/^Note: the password is on the command line\..*--env.*\n$/)
    expect(stdout + stderr).not.toContain(encodeURIComponent(secret))
    expect(status).toBe(0)
  })

  it('comes from --env, --password-env or --password-stdin', async () => {
    await using server = await echoing('DOT', '250')
    const secret = newSecret()
    const folder = await mkdtemp(join(tmpdir(), 'loudmail-secrets-'))
    await writeFile(join(folder, '.env'), `SECRET='${secret}'\n`)
    const message = [...MESSAGE, '--transcript']
    const env = { MAIL_URL: urlWith(server, secret), SECRET: secret }
    const runs = [
      await loudmail(['send', '--env', 'MAIL_URL', ...message], { env }),
      await loudmail(['send', urlWith(server), '--password-env', 'SECRET', ...message], { env }),
      await loudmail(['send', urlWith(server), '--password-env', 'SECRET', ...message], { cwd: folder }),
      await loudmail(['send', urlWith(server), '--password-stdin', ...message], { input: `${secret}\n` }),
    ]
    for (const run of runs) {
      expectNone(run, secret)
      expect(run).toMatchObject({ stderr: '', status: 0 })
    }
    expect(server.messages.map(({ authenticatedAs }) => authenticatedAs)).toEqual([
      'ann',
      'ann',
      'ann',
      'ann',
    ])
  })

  it('is asked for only on a terminal', async () => {
    await using server = await startServer({ caps: ['AUTH PLAIN'] })
    const { stderr, status } = await loudmail(['send', urlWith(server), ...MESSAGE])
    expect(stderr).toContain('the password of ann at 127.0.0.1')
    expect(stderr).toContain('use --password-env or --password-stdin')
    expect({ status, connections: server.connections.length }).toEqual({ status: 2, connections: 0 })
  })

  it('in the wrong place is not repeated', async () => {
    const secret = `Aa1${randomBytes(9).toString('hex')}`
    const url = `smtp://ann:${secret}@mail.example.com`
    for (const args of [
      [url, 'a', 'b'],
      ['--env', url],
      ['smtp://ann@mail.example.com', '--password-env', secret],
      [`ann:${secret}@mail.example.com`],
      [`smtp://ann:${secret}/@mail.example.com`],
      [`smtp://mail.example.com:${secret}`],
      [`${url}?proxy=socks5://me:${secret}@127.0.0.1:1`, '--repeat', '5'],
    ]) {
      const { stdout, stderr, status } = await loudmail(['send', ...args, ...MESSAGE])
      expect(stdout + stderr).not.toContain(secret)
      expect(status).toBe(2)
    }
  })

  it('that is a number does not change the numbers in JSON', async () => {
    await using server = await startServer({ caps: ['AUTH PLAIN'] })
    const args = [
      'send',
      urlWith(server, '2345'),
      ...MESSAGE,
      '--repeat',
      '2345',
      '--rate',
      '100000',
      '--json',
    ]
    const { stdout } = await loudmail(args)
    expect(JSON.parse(stdout)).toMatchObject({ requested: 2345, sent: 2345 })
  })

  it('that is given for a URL without a user is an error', async () => {
    const { stderr, status } = await loudmail(
      ['send', 'smtp://127.0.0.1:1', '--password-stdin', ...MESSAGE],
      {
        input: 'secret\n',
      },
    )
    expect(stderr).toContain('the URL has no user without a password')
    expect(status).toBe(2)
  })
})
