import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('print-a-report.ts', import.meta.url))

async function printed(report: object, env: Record<string, string> = { NO_COLOR: '1' }) {
  const whole = {
    url: 'smtp://ann:PASSWORD@mail.example.com',
    verdict: 'pass',
    steps: [],
    fixes: [],
    ...report,
  }
  const { NO_COLOR: _, FORCE_COLOR: __, ...own } = process.env
  const child = spawn(process.execPath, ['--conditions=@loudmail/source', PROGRAM, JSON.stringify(whole)], {
    env: { ...own, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { stdout, stderr, lines: stdout.split('\n') }
}

const reply = { protocol: 'smtp', code: 535, enhanced: '5.7.8', text: 'Not accepted' }
const pass = { stage: 'greeting', name: 'greeting', verdict: 'pass', durationMs: 12.34, detail: 'mx ESMTP' }
const warn = { ...pass, name: 'TLS', stage: 'tls', verdict: 'warn', durationMs: 1234, detail: 'It is old.' }
const fail = { ...pass, name: 'log-in', stage: 'auth', verdict: 'fail', detail: 'It is wrong.', reply }
const skip = {
  ...pass,
  name: 'RCPT TO',
  stage: 'rcpt-to',
  verdict: 'skip',
  durationMs: 0,
  detail: 'Use --to.',
}
const failure = { stage: 'auth', kind: 'bad-credentials', reply }

describe('the report for people', () => {
  it('has a line for each step with mark, name, time and detail', async () => {
    const { lines, stderr } = await printed({ steps: [pass, warn, fail, skip] })
    expect(lines.slice(0, 5)).toEqual([
      '  ✓ greeting          12 ms  mx ESMTP',
      '  ! TLS               1.2 s  It is old.',
      '  ✗ log-in            12 ms  It is wrong.',
      '                             > 535 5.7.8 Not accepted',
      '  - RCPT TO                  Use --to.',
    ])
    expect(stderr).toBe('')
  })

  it('wraps the detail below itself, within 80 columns', async () => {
    const detail = 'a few words '.repeat(20).trim()
    const long = { ...reply, text: 'more words of the server '.repeat(10).trim() }
    const { lines } = await printed({ steps: [{ ...fail, detail, reply: long }] })
    const own = lines.slice(0, lines.indexOf(''))
    expect(own.length).toBeGreaterThan(6)
    expect(own.every((line) => line.length <= 80)).toBe(true)
    expect(own.slice(1).every((line) => line.startsWith(' '.repeat(29)))).toBe(true)
  })

  it('puts a long address beside its name', async () => {
    const name = 'TCP to [2001:db8:1234:5678:9abc:def0:1234:5678]:587'
    const { lines } = await printed({ steps: [{ ...pass, name, detail: 'It connects.' }] })
    expect(lines.slice(0, 2)).toEqual([
      '  ✓ TCP               12 ms  To [2001:db8:1234:5678:9abc:def0:1234:5678]:587: it',
      '                             connects.',
    ])
  })

  it('puts the steps that were not reached into one line', async () => {
    const detail = 'Not tried, because an earlier step failed.'
    const { lines } = await printed({ steps: [fail, { ...skip, detail }, { ...skip, name: 'send', detail }] })
    expect(lines[2]).toBe('  - not tried                RCPT TO and send, because an earlier step failed.')
    expect(lines[3]).toBe('')
  })

  it.each([
    ['pass', [pass], 'Mail can be sent through smtp://ann:PASSWORD@mail.example.com'],
    ['warn', [warn], 'Mail can be sent through smtp://ann:PASSWORD@mail.example.com, with a warning'],
    ['warn', [warn, warn], 'Mail can be sent through smtp://ann:PASSWORD@mail.example.com, with 2 warnings'],
    ['fail', [fail], 'Mail can be sent through smtp://ann:PASSWORD@mail.example.com, with a problem'],
  ])('says at the end: %s', async (verdict, steps, end) => {
    const { lines } = await printed({ verdict, steps })
    expect(lines.slice(-3)).toEqual(['', end, ''])
  })

  it('explains the failure, and says what to change', async () => {
    const fixes = [
      {
        change: 'Use port 465.',
        url: 'smtps://ann:PASSWORD@mail.example.com',
        options: { port: 465, tls: 'implicit', tlsOptions: { servername: "it's" } },
        verified: true,
      },
      { change: 'Ask the provider.', verified: false },
    ]
    const { stdout } = await printed({ verdict: 'fail', steps: [fail], failure, fixes })
    expect(stdout).toContain('Mail cannot be sent through smtp://ann:PASSWORD@mail.example.com\n')
    expect(stdout).toContain('✗ auth/bad-credentials')
    expect(stdout).toContain('  what to do      Check the user name')
    expect(stdout.slice(stdout.indexOf('What to change'))).toBe(`What to change: one of these

  1. Use port 465.
     ✓ tried: works
     URL         smtps://ann:PASSWORD@mail.example.com
     smtp()      port: 465,
                 tls: 'implicit',
                 tlsOptions: { servername: "it's" },

  2. Ask the provider.
     - not proved to work
`)
  })

  it('names the options as the application has them', async () => {
    const fixes = [{ change: 'Encrypt.', options: { secure: true }, verified: true }]
    const { stdout } = await printed({ verdict: 'fail', fixes, words: 'nodemailer' })
    expect(stdout).toContain('nodemailer  secure: true,')
  })

  it('never wraps what is to be copied', async () => {
    const url = `smtps://ann:PASSWORD@${'long-name.'.repeat(10)}example.com`
    const { lines } = await printed({ verdict: 'fail', fixes: [{ change: 'x', url, verified: false }] })
    expect(lines).toContain(`     URL         ${url}`)
  })

  it('has colours only where they are wanted, and the same words', async () => {
    const report = { verdict: 'fail', steps: [pass, warn, fail, skip], failure }
    const plain = await printed(report)
    const piped = await printed(report, {})
    const coloured = await printed(report, { FORCE_COLOR: '1' })
    // oxlint-disable-next-line no-control-regex
    expect(plain.stdout).not.toMatch(/\u001B/)
    expect(piped.stdout).toBe(plain.stdout)
    expect(coloured.stdout).toContain('\u001B[31m✗')
    expect(stripVTControlCharacters(coloured.stdout)).toBe(plain.stdout)
  })

  it('lets no server control the terminal', async () => {
    const hostile = { ...reply, text: 'a\u001B[2Jb\rc' }
    const steps = [{ ...fail, reply: hostile, detail: 'x\u001B[31my' }]
    const { stdout } = await printed({ verdict: 'fail', steps, failure: { ...failure, reply: hostile } })
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u001B\r]/)
    expect(stdout).toContain(String.raw`a\u001b[2Jb`)
  })

  it('shows no secret', async () => {
    const steps = [{ ...fail, detail: 's3cret-word', reply: { ...reply, text: 's3cret-word' } }]
    const { stdout } = await printed({
      verdict: 'fail',
      steps,
      url: 'smtp://s3cret-word@x',
      secret: 's3cret-word',
    })
    expect(stdout).not.toContain('s3cret-word')
  })
})

describe('the report for programs', () => {
  it('is one object of the promised form', async () => {
    const fixes = [{ change: 'Use port 465.', url: 'smtps://x', options: { port: 465 }, verified: true }]
    const { stdout, stderr } = await printed({
      json: true,
      verdict: 'fail',
      steps: [pass, fail],
      failure,
      fixes,
    })
    expect(JSON.parse(stdout)).toEqual({
      url: 'smtp://ann:PASSWORD@mail.example.com',
      verdict: 'fail',
      steps: [
        { stage: 'greeting', name: 'greeting', verdict: 'pass', durationMs: 12.3, detail: 'mx ESMTP' },
        { stage: 'auth', name: 'log-in', verdict: 'fail', durationMs: 12.3, detail: 'It is wrong.', reply },
      ],
      failure: {
        code: 'auth/bad-credentials',
        stage: 'auth',
        kind: 'bad-credentials',
        summary: expect.any(String),
        hint: expect.any(String),
        delivered: 'none',
        permanence: 'permanent',
        reply,
      },
      fixes,
    })
    expect(stderr).toBe('')
  })

  it('leaves out what there is not', async () => {
    const { stdout } = await printed({ json: true })
    expect(JSON.parse(stdout)).toEqual({
      url: 'smtp://ann:PASSWORD@mail.example.com',
      verdict: 'pass',
      steps: [],
      fixes: [],
    })
  })

  it('shows no secret, also one with characters that JSON escapes', async () => {
    const secret = 'a"b\\c-s3cret'
    const steps = [{ ...fail, detail: `said ${secret}` }]
    const { stdout } = await printed({ json: true, verdict: 'fail', steps, secret })
    expect((JSON.parse(stdout) as { steps: { detail: string }[] }).steps[0]!.detail).toBe('said <redacted>')
  })
})
