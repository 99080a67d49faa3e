// oxlint-disable no-control-regex -- the escape sequences of a terminal
import { randomBytes } from 'node:crypto'
import { stripVTControlCharacters } from 'node:util'
import { startServer, type SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { loudmail } from './cli.ts'
import { loudmailPty, type Pty } from './pty.ts'

const MESSAGE = ['--from', 'ann@example.com', '--to', 'bob@example.com', '--subject', 'Tea', '--text', 'Hi']
const WAITING = '\r\x1b[2K\x1b[2m  … waiting for the greeting\x1b[22m'
const urlOf = ({ port }: SmtpServer, user = ''): string => `smtp://${user}127.0.0.1:${port}`
const columnsOf = (text: string): number =>
  Math.max(
    ...stripVTControlCharacters(text.replaceAll('\r\n', '\n'))
      .split(/[\r\n]/)
      .map((line) => line.length),
  )

/** Presses Ctrl-C, and expects that the program ends at once, with 130, without a stack, and on a line of its own. */
async function interrupt(terminal: Pty): Promise<string> {
  const before = performance.now()
  terminal.type('\x03')
  expect(await terminal.ended).toBe(130)
  expect(performance.now() - before).toBeLessThan(2_000)
  expect(terminal.output).not.toMatch(/Error|\n\s+at /)
  expect(terminal.output).toMatch(/\n$/)
  return terminal.output
}

describe('the doctor in a terminal', () => {
  it('shows in one line what it waits for, and takes the line away', async () => {
    await using server = await startServer({})
    await using terminal = loudmailPty(['doctor', urlOf(server)])
    expect(await terminal.ended).toBe(0)
    expect(terminal.output).toContain(`${WAITING}\r\x1b[2K  \x1b[32m✓\x1b[39m greeting `)
    const shown = terminal.output.split(/\r\n/).map((line) => line.slice(line.lastIndexOf('\x1b[2K') + 1))
    expect(shown.filter((line) => line.includes('waiting'))).toEqual([])
    expect(terminal.output).toContain('\x1b[32m\x1b[1mMail can be sent through')
  })

  it('says which changes it tries', async () => {
    await using server = await startServer({ caps: ['STARTTLS'] })
    await using terminal = loudmailPty(['doctor', `smtps://127.0.0.1:${server.port}`])
    await terminal.sees(/not tried.*\r\n(?: .*\r\n)*\r\x1b\[2K\x1b\[2m {2}… trying: /)
    await terminal.sees('What to change')
    expect(await terminal.ended).toBe(1)
  })

  it('fits into the window also after it was resized in the middle of a walk', async () => {
    await using server = await startServer({
      on: { CONNECT: { delay: 1_500, then: `220 ${'a long greeting '.repeat(12)}` } },
    })
    await using terminal = loudmailPty(['doctor', urlOf(server)], { columns: 100 })
    const wide = await terminal.sees('waiting for the greeting')
    terminal.resize(60, 24)
    expect(await terminal.ended).toBe(0)
    const narrow = terminal.output.slice(terminal.output.indexOf(wide) + wide.length)
    expect(columnsOf(wide)).toBeGreaterThan(60)
    expect(columnsOf(narrow)).toBeLessThanOrEqual(60)
    expect(columnsOf(narrow)).toBeGreaterThan(45)
  })

  it('has no colours under NO_COLOR, and none in a pipe', async () => {
    await using server = await startServer({})
    await using terminal = loudmailPty(['doctor', urlOf(server)], { env: { NO_COLOR: '1' } })
    expect(await terminal.ended).toBe(0)
    // Only the line that it waits in is written over.
    expect(terminal.output.replaceAll('\r\x1b[2K', '')).not.toContain('\x1b')
    const { stdout, stderr } = await loudmail(['doctor', urlOf(server)], { env: { NO_COLOR: '' } })
    expect(stdout).not.toContain('\x1b')
    expect(stderr).toBe('')
  })

  it.each([
    ['the greeting', { CONNECT: { stall: true } }],
    ['the answer to EHLO', { EHLO: { stall: true } }],
    ['the answer to MAIL FROM', { MAIL: { stall: true } }],
  ] as const)('ends at Ctrl-C while it waits for %s', async (what, on) => {
    await using server = await startServer({ on })
    await using terminal = loudmailPty(['doctor', urlOf(server)])
    await terminal.sees(`waiting for ${what}`)
    const output = await interrupt(terminal)
    expect(output).not.toContain('Mail can')
  })

  it('asks for the password without showing it, and logs in with it', async () => {
    const password = randomBytes(9).toString('hex')
    await using server = await startServer({
      caps: ['AUTH PLAIN'],
      users: { ann: password },
      requireAuth: true,
    })
    await using terminal = loudmailPty(['doctor', urlOf(server, 'ann@')])
    await terminal.sees(/Password.*: /)
    expect(terminal.hasEcho).toBe(false)
    terminal.type(`${password}\r`)
    await terminal.sees(/✓\x1b\[39m log-in/)
    expect(await terminal.ended).toBe(0)
    expect(terminal.output).not.toContain(password)
  })
})

describe('send in a terminal', () => {
  it('asks for the password without showing it, and sends', async () => {
    const password = randomBytes(9).toString('hex')
    await using server = await startServer({
      caps: ['AUTH PLAIN'],
      users: { ann: password },
      requireAuth: true,
    })
    await using terminal = loudmailPty(['send', urlOf(server, 'ann@'), ...MESSAGE])
    await terminal.sees(/Password of ann at \S+: /)
    terminal.type(`${password}\r`)
    expect(await terminal.ended).toBe(0)
    expect(server.messages).toHaveLength(1)
    expect(terminal.output).not.toContain(password)
  })

  it('shows a bar during a load check, and a summary after Ctrl-C', async () => {
    await using server = await startServer({})
    const load = ['--repeat', '1000', '--rate', '20']
    await using terminal = loudmailPty(['send', urlOf(server), ...MESSAGE, ...load])
    await terminal.sees(/\r[█░]{30} \d+% {2}[1-9]\d* of 1000, 0 failed, \d+ a second\x1b\[K/)
    const output = stripVTControlCharacters(await interrupt(terminal))
    expect(output).toContain('No more messages are started.')
    // The bar is gone, and the summary stands below.
    expect(output.slice(output.indexOf('No more messages'))).not.toMatch(/% {2}\d+ of 1000/)
    expect(output).toMatch(/not started/)
  })
})

it('dev ends at Ctrl-C with 130', async () => {
  await using terminal = loudmailPty(['dev', '--smtp-port', '0', '--http-port', '0'])
  await terminal.sees('Ctrl-C stops it.')
  await interrupt(terminal)
})
