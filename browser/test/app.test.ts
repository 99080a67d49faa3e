import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser } from '../src/open-browser.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

let browser: Browser
let program: ChildProcess
let url: string

beforeAll(async () => {
  browser = await openBrowser()
  program = spawn(process.execPath, ['--conditions=@loudmail/source', 'apps/debug/src/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'development', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  url = await new Promise((resolve) => {
    let output = ''
    program.stdout!.on('data', (text) => {
      const address = /listening on (\S+)/.exec((output += String(text)))?.[1]
      if (address !== undefined) resolve(address)
    })
  })
})

afterAll(async () => {
  await browser?.close()
  const ended = once(program, 'exit')
  program.kill()
  await ended
})

it('the mail of a sign-up appears in the inbox while you watch', async () => {
  const context = await browser.newContext()
  const [shop, inbox] = [await context.newPage(), await context.newPage()]
  await inbox.goto(`${url}/mail/`)
  await shop.goto(url)
  const signUp = async (address: string): Promise<void> => {
    await shop.getByLabel('E-mail').fill(address)
    await shop.getByRole('button', { name: 'Sign up' }).click()
  }
  await signUp('ann@example.com')
  await shop.getByText('A mail went to ann@example.com.').waitFor()
  await inbox.locator('#list').getByText('Welcome to the tea shop').click()
  await inbox.frameLocator('iframe').getByRole('heading', { name: 'Your tea is waiting' }).waitFor()
  // The page shows the same below its form.
  await shop.frameLocator('iframe').locator('#list').getByText('Welcome to the tea shop').waitFor()

  await signUp('fail+rcpt-to.mailbox-full@example.test')
  await shop.getByText('It can be tried again later').waitFor()
  await inbox.getByText('rcpt-to/mailbox-full').first().click()
  await inbox.getByText('What to do').waitFor()
  expect(await inbox.locator('#count').innerText()).toBe('2 mails')
  await context.close()
})
