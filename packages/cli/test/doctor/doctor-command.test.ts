import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { startServer, type SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { loudmail, start, type RunOptions } from '../cli.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const PASSWORD = 'hush#h@sh/99'
const login = { caps: ['PIPELINING', 'AUTH PLAIN'], users: { ann: PASSWORD } }

interface Printed {
  readonly url: string
  readonly verdict: string
  readonly steps: readonly { readonly name: string; readonly verdict: string; readonly detail: string }[]
  readonly failure?: { readonly code: string; readonly summary: string }
  readonly fixes: readonly { readonly change: string; readonly url?: string; readonly verified: boolean }[]
}

async function doctor(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Printed & { stdout: string; stderr: string; status: number | null }> {
  const run = await loudmail(['doctor', ...args, '--json'], options)
  return { ...(JSON.parse(run.stdout) as Printed), ...run }
}

function encoded({ host, port }: SmtpServer): string {
  return `smtp://ann:${encodeURIComponent(PASSWORD)}@${host}:${port}`
}

function raw({ host, port }: SmtpServer): string {
  return `smtp://ann:${PASSWORD}@${host}:${port}`
}

describe('loudmail doctor', () => {
  it('repairs a URL, and proves it with a log-in', async () => {
    await using server = await startServer(login)
    const { url, verdict, failure, fixes, status } = await doctor([raw(server)])
    expect({ status, verdict, code: failure?.code }).toEqual({
      status: 1,
      verdict: 'fail',
      code: 'config/invalid-config',
    })
    expect(fixes).toEqual([
      {
        change:
          'Percent-encode # as %23, @ as %40, / as %2F in the password. In code, encodeURIComponent() does it.',
        url: `smtp://ann:PASSWORD@127.0.0.1:${server.port}`,
        verified: true,
      },
    ])
    expect(url).toBe(fixes[0]?.url)
    // With the password in the place of PASSWORD, it works.
    expect(await doctor([fixes[0]!.url!.replace('PASSWORD', encodeURIComponent(PASSWORD))])).toMatchObject({
      status: 0,
      fixes: [],
    })
  })

  it('goes on with a value that .env cuts at a #', async () => {
    await using server = await startServer(login)
    const cwd = temporaryFolder({ '.env': `MAIL_URL=${raw(server)}\n` })
    const { failure, fixes, status } = await doctor(['--env', 'MAIL_URL'], { cwd })
    expect(failure?.summary).toContain('the value of MAIL_URL in .env ends at a #')
    expect(fixes).toMatchObject([{ verified: true }])
    expect(status).toBe(1)
  })

  it('goes on with the variable that was meant', async () => {
    await using server = await startServer(login)
    const { failure, fixes } = await doctor(['--env', 'MAIL_URL'], { env: { MAIL_URI: encoded(server) } })
    expect(failure?.code).toBe('config/invalid-config')
    expect(fixes).toMatchObject([
      { change: 'Set MAIL_URL, or let the application read MAIL_URI, which is set.', verified: true },
    ])
  })

  it('reads the environment of a running process', async () => {
    await using server = await startServer(login)
    const application = start(['doctor', 'smtp://127.0.0.1:9', '--password-stdin', '--user', 'ann'], {
      env: { MAIL_URL: encoded(server) },
    })
    try {
      await wait(0)
      const { steps, status } = await doctor(['--env', 'MAIL_URL', '--pid', String(application.pid)])
      expect(steps[0]?.detail).toBe(`Set in the environment of process ${application.pid}.`)
      expect(steps).toContainEqual(
        expect.objectContaining({
          name: 'environment',
          detail: `MAIL_URL: only process ${application.pid} has it, not this shell.`,
        }),
      )
      expect(status).toBe(0)
    } finally {
      application.kill()
    }
  })

  it.each([
    ['a variable', ['--password-env', 'SECRET'], { env: { SECRET: PASSWORD } }],
    ['standard input', ['--password-stdin'], { input: `${PASSWORD}\n` }],
    ['a variable in .env', ['--password-env', 'SECRET'], { files: { '.env': `SECRET="${PASSWORD}"` } }],
  ] as const)(
    'takes the password from %s',
    async (_, args, { files, ...options }: RunOptions & { files?: Record<string, string> }) => {
      await using server = await startServer(login)
      const url = `smtp://ann@127.0.0.1:${server.port}`
      const { failure, stderr, status, steps } = await doctor([url, ...args], {
        ...options,
        cwd: temporaryFolder(files),
      })
      expect({ failure, stderr, status }).toEqual({ failure: undefined, stderr: '', status: 0 })
      expect(steps[0]).toMatchObject({ name: 'URL', verdict: 'pass' })
      expect(steps[0]?.detail).toContain('logs in as ann')
    },
  )

  it('logs in as another user', async () => {
    await using server = await startServer(login)
    const url = encoded(server).replace('ann:', 'bob:')
    expect(await doctor([url, '--no-fixes'])).toMatchObject({
      status: 1,
      failure: { code: 'auth/bad-credentials' },
    })
    expect(await doctor([url, '--user', 'ann'])).toMatchObject({ status: 0 })
  })

  it('does not log in if it is told so', async () => {
    await using server = await startServer(login)
    expect(await doctor([encoded(server).replace('ann:', 'bob:'), '--no-log-in'])).toMatchObject({
      status: 0,
    })
    expect(
      server.connections.flatMap(({ entries }) => entries).some(({ text }) => text.startsWith('AUTH')),
    ).toBe(false)
  })

  it('misses a password, and there is nobody to ask', async () => {
    const { failure, status, fixes } = await doctor(['smtp://ann@127.0.0.1:1'])
    expect({ status, code: failure?.code }).toEqual({ status: 1, code: 'config/missing-credentials' })
    expect(fixes).toMatchObject([{ verified: false }])
  })

  it('tells how to keep a password off the command line, and takes it off the list of processes', async () => {
    await using server = await startServer({ on: { CONNECT: { stall: true } } })
    const child = start(['doctor', raw(server), '--timeout', '30', '--no-fixes'])
    await server.waitFor('connection')
    if (process.platform === 'linux')
      expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).toMatch(/^loudmail doctor\0*$/)
    child.kill('SIGINT')
    const [status] = (await once(child, 'close')) as [number | null]
    expect(status).toBe(130)
  })

  it.each([
    ['smtp://ann@127.0.0.1:1', false],
    ['failover(smtp://127.0.0.1:1 smtp://127.0.0.1:2)', false],
    ['smtp://ann:hushhush@127.0.0.1:1', true],
  ])('warns of %s on the command line: %s', async (url, isWarned) => {
    const { stderr } = await doctor([url, '--no-fixes'])
    expect(stderr.includes('The password is on the command line')).toBe(isWarned)
  })

  it.each([
    [
      'several targets',
      ['smtp://a.example', '--env', 'MAIL_URL'],
      'give a URL, --env NAME or --transport FILE',
    ],
    ['no target', [], 'give a URL, --env NAME or --transport FILE'],
    ['--send without a recipient', ['smtp://a.example', '--send'], '--send needs a recipient'],
    [
      'a password variable that is not set',
      ['smtp://ann@a.example', '--password-env', 'NOPE'],
      'NOPE of --password-env is not set',
    ],
    ['two passwords', ['smtp://a.example', '--password-env', 'X', '--password-stdin'], 'not both'],
    ['a password for nobody', ['smtp://a.example', '--password-env', 'HOME'], 'a password needs a user name'],
    ['a sender that is no domain', ['smtp://a.example', '--sender', ''], '--sender takes a domain'],
    ['a selector without a sender', ['smtp://a.example', '--selector', 'mail'], 'need --sender DOMAIN'],
    [
      'a size that is none',
      ['smtp://a.example', '--size', 'big'],
      'It must be a size such as 500kb or 20mb.',
    ],
    ['a time that is none', ['smtp://a.example', '--timeout', '0'], 'It must be a number of seconds'],
    ['a process that is not there', ['--env', 'X', '--pid', '99999999'], 'there is no such process'],
    [
      'a file that is not there',
      ['--env', 'X', '--dotenv', 'none.env'],
      '--dotenv none.env: the file cannot be read',
    ],
    ['a mistyped flag', ['smtp://a.example', '--jsn'], 'Did you mean --json?'],
  ])('ends with 2 for %s', async (_, args, text) => {
    const { stdout, stderr, status } = await loudmail(['doctor', ...args])
    expect(stderr).toContain(text)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })

  it.each([
    ['ends the program', 'process.exit(7)', 'ended the program while it was loaded'],
    ['waits for ever', 'await new Promise(() => {})', 'waits for something that never happens'],
  ])('says so if a file %s while it is loaded', async (_, text, message) => {
    const cwd = temporaryFolder({ 'mail.mjs': text })
    const run = await loudmail(['doctor', '--transport', './mail.mjs'], { cwd })
    expect(run.stderr).toMatch(new RegExp(`^loudmail: ./mail.mjs .*${message}.*\n$`))
    expect(run).toMatchObject({ stdout: '', status: 1 })
  })

  it('is ended by Ctrl-C while a file is loaded', async () => {
    const text = 'setInterval(() => {}, 1000); process.stdout.write("loading"); await new Promise(() => {})'
    const child = start(['doctor', '--transport', './mail.mjs'], {
      cwd: temporaryFolder({ 'mail.mjs': text }),
    })
    const ended = once(child, 'exit')
    await once(child.stdout!, 'data')
    child.kill('SIGINT')
    expect(await ended).toEqual([130, null])
  })

  it('never shows a password', async () => {
    // The server repeats what it is told, as it is and in base64.
    const plain = Buffer.from(`\0ann\0${PASSWORD}`).toString('base64')
    await using server = await startServer({ ...login, on: { AUTH: `535 5.7.8 not ${PASSWORD} ${plain}` } })
    const cwd = temporaryFolder({ '.env': `FILED=${raw(server)}` })
    const env = { SET: raw(server), QUOTED: `"${encoded(server)}"` }
    const runs = [
      [raw(server)],
      [encoded(server), '--json'],
      ['--env', 'SET', '--json'],
      ['--env', 'QUOTED'],
      ['--env', 'FILED'],
    ].map((args) => loudmail(['doctor', ...args], { env, cwd }))
    for (const { stdout, stderr } of await Promise.all(runs)) {
      expect(stdout).toContain('ann')
      expect(stdout + stderr).not.toMatch(/hush|h@sh|sh\/99/)
    }
  }, 60_000)

  it('shows how it is used', async () => {
    const { stdout, status } = await loudmail(['doctor', '--help'])
    expect(stdout).toContain('Examples:')
    expect(status).toBe(0)
  })
})
