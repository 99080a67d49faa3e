// The templates of apps/express in the inbox, by previews() of @loudmail/content. The pictures in the docs are from here.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inbox, memoryStore } from '@loudmail/debug'
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { handlebars } from '../../packages/content/src/handlebars/index.ts'
import { render } from '../../packages/content/src/index.ts'
import { previews } from '../../packages/content/src/previews/index.ts'
import { openBrowser } from '../src/open-browser.ts'

const { SCREENSHOTS } = process.env
const MAILS = fileURLToPath(new URL('../../apps/express/src/mails', import.meta.url))

let folder: string
let browser: Browser
let http: Server
let page: Page

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tea-shop-'))
  cpSync(MAILS, folder, { recursive: true })
  const mails = render({ engine: handlebars(), folder })
  const shown = previews({
    welcome: { Ann: mails('welcome', { name: 'Ann' }), 'without a name': mails('welcome', {}) },
  })
  http = createServer(inbox(memoryStore(), { previews: shown }))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
})

afterAll(async () => {
  await browser?.close()
  http.close()
  http.closeAllConnections()
  rmSync(folder, { recursive: true })
})

const frame = (): FrameLocator => page.frameLocator('#message iframe')
const background = (): Promise<string> =>
  frame()
    .locator('main')
    .evaluate((main) => getComputedStyle(main).backgroundColor)
const view = (title: string): Promise<void> =>
  page.locator('#message').getByRole('link', { name: title, exact: true }).click()

async function open(sample: string): Promise<void> {
  await page.goto(`http://127.0.0.1:${(http.address() as AddressInfo).port}/previews/`)
  await page.locator('#list').getByText(sample, { exact: true }).click()
}

async function picture(name: string): Promise<void> {
  if (!SCREENSHOTS) return
  mkdirSync(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
}

it('shows the mail of the shop with its logo, light and dark, as text, and finds nothing wrong', async () => {
  await open('Ann')
  await frame().getByText('Welcome, Ann').waitFor()
  const logo = frame().locator('img')
  await expect
    .poll(() => logo.evaluate((image) => (image as HTMLImageElement).naturalWidth))
    .toBeGreaterThan(1)
  await expect.poll(background).toBe('rgb(255, 253, 249)')
  await picture('previews')
  await view('Phone')
  await view('Dark')
  await expect.poll(background).toBe('rgb(42, 35, 29)')
  await picture('previews-phone-dark')
  await view('Text')
  await page.getByText('Choose your first tea (https://tea.example.com/teas)').waitFor()
  await view('Problems')
  await page.getByText('No problems were found.').waitFor()
  await view('Accessibility')
  await page.getByText('axe found no problem.').waitFor()
})

it('shows a value that is missing, with its line, and the mail again when the template is saved', async () => {
  await open('without a name')
  await page.getByText(/name is missing in the data/).waitFor()
  // It is the name of a value, and no capital letter belongs to it.
  const capital = await page
    .locator('.failure .what')
    .evaluate((what) => getComputedStyle(what, '::first-letter').textTransform)
  expect(capital).toBe('none')
  expect(await page.locator('.location p code').innerText()).toBe(`${join(folder, 'welcome.hbs')}:2:18`)
  await picture('previews-failure')
  const file = join(folder, 'welcome.hbs')
  writeFileSync(file, readFileSync(file, 'utf8').replace('{{name}}', '{{optional name}}'))
  await frame().getByText('Welcome,').waitFor()
})

it('shows what is hard to see or to hear', async () => {
  const layout = join(folder, 'partials/layout.hbs')
  const before = readFileSync(layout, 'utf8')
  writeFileSync(layout, before.replace(' alt="Tea Shop"', '').replace('#3b2a1a', '#d8cfc4'))
  await open('Ann')
  await view('Accessibility')
  await page.getByText('2 rules are broken.').waitFor()
  await picture('previews-accessibility')
})
