import { startServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { loudmail, type RunOptions } from '../cli.ts'
import { temporaryFolder } from '../temporary-folder.ts'

interface Printed {
  readonly url: string
  readonly verdict: string
  readonly steps: readonly {
    readonly name: string
    readonly verdict: string
    readonly detail: string
    readonly stage: string
  }[]
  readonly failure?: { readonly code: string; readonly summary: string; readonly hint: string }
}

async function examine(
  files: Readonly<Record<string, string>>,
  options: Omit<RunOptions, 'cwd'> = {},
): Promise<Printed & { stderr: string; stdout: string; status: number | null }> {
  const cwd = temporaryFolder(files)
  const file = Object.keys(files)[0]!
  const run = await loudmail(['doctor', '--transport', `./${file}`, '--json', '--no-fixes'], {
    ...options,
    cwd,
  })
  return { ...(JSON.parse(run.stdout) as Printed), ...run }
}

const login = { caps: ['AUTH PLAIN'], users: { ann: 'hush-hush' } }

describe('the transport of an application', () => {
  it('is a transporter of nodemailer in TypeScript', async () => {
    await using server = await startServer(login)
    const text = `
      import { createTransport, type Transporter } from 'nodemailer'
      const transporter: Transporter = createTransport({
        host: '127.0.0.1', port: ${server.port}, auth: { user: 'ann', pass: 'hush-hush' },
      })
      export default transporter`
    const { steps, verdict, status, url } = await examine({ 'mail.ts': text })
    expect(steps[0]).toMatchObject({
      name: 'transport',
      detail: './mail.ts exports a nodemailer transporter.',
    })
    expect(steps).toContainEqual(expect.objectContaining({ name: 'requireTLS', verdict: 'warn' }))
    // nodemailer goes on where STARTTLS is not offered.
    expect(steps).toContainEqual(expect.objectContaining({ name: 'STARTTLS', verdict: 'warn' }))
    expect({ status, url }).toEqual({
      status: 0,
      url: `smtp://ann:PASSWORD@127.0.0.1:${server.port}?tls=starttls`,
    })
    expect(verdict).not.toBe('pass')
    expect(server.connections.flatMap(({ entries }) => entries.map((entry) => entry.text))).toContainEqual(
      expect.stringContaining('AUTH PLAIN'),
    )
  })

  it.each([
    ['a transport of Loudmail', 'export default smtp(process.env.MAIL_URL)'],
    ['a Mailer', 'export default new Mailer({ transport: smtp(process.env.MAIL_URL) })'],
    ['a transport of Loudmail', 'export default async () => smtp(process.env.MAIL_URL)'],
    ['a URL', 'export default process.env.MAIL_URL'],
  ])('is %s: %s', async (what, line) => {
    await using server = await startServer(login)
    const text = `import { Mailer } from '@loudmail/core'\nimport { smtp } from '@loudmail/smtp'\n${line}`
    const env = `MAIL_URL=smtp://ann:hush-hush@127.0.0.1:${server.port}`
    const { steps, failure, status } = await examine({ 'mail.mjs': text, '.env': env })
    expect(steps[0]?.detail).toBe(`./mail.mjs exports ${what}.`)
    expect({ failure, status }).toEqual({ failure: undefined, status: 0 })
    await server.waitFor('command', ({ line: command }) => command.startsWith('AUTH'))
  })

  it('is an object of options from CommonJS', async () => {
    await using server = await startServer(login)
    const text = `exports.__esModule = true; exports.default = { host: '127.0.0.1', port: ${server.port}, auth: { user: 'ann', pass: 'hush-hush' } }`
    const { steps, status } = await examine({ 'mail.cjs': text })
    expect(steps[0]?.detail).toBe('./mail.cjs exports options of smtp().')
    expect(status).toBe(0)
  })

  it('is a transporter that has secure as a text', async () => {
    const text = `export default { host: '127.0.0.1', port: 1, secure: 'false' }`
    const { steps } = await examine({ 'mail.mjs': text })
    expect(steps).toContainEqual(expect.objectContaining({ name: 'secure', verdict: 'warn' }))
  })

  it('fails with its own failure if smtp() refuses its options', async () => {
    const text = `import { smtp } from '@loudmail/smtp'\nexport default smtp({ host: 'a b' })`
    const { failure, status } = await examine({ 'mail.mjs': text })
    expect(failure?.summary).toBe('smtp() host must be a host name or an IP address')
    expect(status).toBe(1)
  })

  it('is missing, and what is there is named', async () => {
    const { failure, status } = await examine({ 'mail.mjs': 'export const mailer = 1, port = 2' })
    expect(failure?.summary).toBe('the file has no default export: it exports mailer, port')
    expect(status).toBe(1)
  })

  it('is something that cannot send', async () => {
    expect((await examine({ 'mail.mjs': 'export default 42' })).failure?.summary).toBe(
      'the default export is a number, which is nothing that sends',
    )
  })

  it('shows no secret of an error, nor of what its file prints', async () => {
    const text = `
      console.log('starting with', process.env.DB_PASSWORD)
      throw new Error('refused: postgres://ann:' + process.env.DB_PASSWORD + '@db.example.com')`
    const run = await examine({ 'mail.mjs': text }, { env: { DB_PASSWORD: 'hush-hush-99' } })
    expect(run.failure?.summary).toContain('the file cannot be loaded: refused')
    expect(run.stderr).toContain('starting with <redacted>')
    expect(run.stdout + run.stderr).not.toContain('hush-hush')
  })

  it('may print its own password while it is loaded', async () => {
    const text = `
      console.log('connecting with hush-hush-99')
      export default { host: '127.0.0.1', port: 1, auth: { user: 'ann', pass: 'hush-hush-99' } }`
    expect((await examine({ 'mail.mjs': text })).stderr).toContain('connecting with <redacted>')
  })

  it('does not keep the program alive', async () => {
    const { status } = await examine({
      'mail.mjs': `setInterval(() => {}, 1000)\nexport default 'smtp://127.0.0.1:1'`,
    })
    expect(status).toBe(1)
  })

  it('is not where the command line says', async () => {
    const { stderr, status } = await loudmail(['doctor', '--transport', './nothing.ts'])
    expect({ stderr, status }).toEqual({
      stderr: 'loudmail: --transport ./nothing.ts: there is no such file\n',
      status: 2,
    })
  })
})
