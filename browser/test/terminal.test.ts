import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
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
  const size = { columns: 100, rows: 20 }
  await using terminal = loudmailPty(['--help'], size)
  expect(await terminal.ended).toBe(0)
  const path = SCREENSHOTS && join(SCREENSHOTS, 'cli-help.png')
  const lines = await pictureTerminal(browser, { ...size, output: terminal.output, path })
  expect(lines[0]).toBe('Usage: loudmail [options] [command]')
  // No escape sequence is left as text, and no line is broken by the terminal.
  expect(lines.join('\n')).not.toMatch(/\[\d+m/)
  expect(lines.filter((line) => line.length > size.columns)).toEqual([])
})
