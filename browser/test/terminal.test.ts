import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer } from '@loudmail/server'
import { loudmailPty } from '../../packages/cli/test/pty.ts'
import { openBrowser } from '../src/open-browser.ts'
import { pictureTerminal } from '../src/picture-terminal.ts'

/** Where pictures go that stand in the README and the docs; without it they are not kept. */
const { SCREENSHOTS } = process.env
if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true })

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

it('the help looks as it should in a terminal', async () => {
  const size = { columns: 100, rows: 30 }
  await using terminal = loudmailPty(['--help'], size)
  expect(await terminal.ended).toBe(0)
  const path = SCREENSHOTS && join(SCREENSHOTS, 'cli-help.png')
  const lines = await pictureTerminal(browser, { ...size, output: terminal.output, path })
  expect(lines[0]).toBe('Usage: loudmail [options] [command]')
  // No escape sequence is left as text, and no line is broken by the terminal.
  expect(lines.join('\n')).not.toMatch(/\[\d+m/)
  expect(lines.filter((line) => line.length > size.columns)).toEqual([])
})

it('the report of the doctor looks as it should in a terminal', async () => {
  const password = randomBytes(9).toString('hex')
  await using server = await startServer({
    port: 2587,
    caps: ['PIPELINING', 'SIZE 26214400', 'STARTTLS'],
    capsTls: ['PIPELINING', 'SIZE 26214400', 'AUTH PLAIN LOGIN'],
    users: { 'tea@example.com': password },
    requireAuth: true,
  })
  const cwd = mkdtempSync(join(tmpdir(), 'loudmail-'))
  try {
    writeFileSync(join(cwd, 'ca.pem'), server.ca)
    const env = {
      MAIL_URL: `smtps://tea%40example.com:${password}@localhost:2587`,
      NODE_EXTRA_CA_CERTS: 'ca.pem',
    }
    const size = { columns: 100, rows: 26 }
    const args = ['doctor', '--env', 'MAIL_URL', '--to', 'ann@example.com']
    await using terminal = loudmailPty(args, { ...size, cwd, env })
    expect(await terminal.ended).toBe(1)
    const path = SCREENSHOTS && join(SCREENSHOTS, 'doctor.png')
    const output = `\x1b[2m$\x1b[22m npx loudmail ${args.join(' ')}\r\n${terminal.output.trimEnd()}`
    const lines = await pictureTerminal(browser, { ...size, output, path })
    // All of it is in the picture, and nothing that it waited for is left.
    expect(lines[0]).toContain('npx loudmail doctor')
    expect(lines.join('\n')).toContain('✓ tried: works')
    expect(lines.join('\n')).not.toMatch(/\[\d+m|waiting|trying/)
    expect(lines.filter((line) => line.length > size.columns)).toEqual([])
  } finally {
    rmSync(cwd, { recursive: true })
  }
})
