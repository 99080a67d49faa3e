import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inbox, memoryStore } from '@loudmail/debug'
import axe from 'axe-core'
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FolderPreviews } from '../../packages/debug/test/folder-previews.ts'
import { hostileHtml } from '../src/hostile-html.ts'
import { openBrowser } from '../src/open-browser.ts'
import { startTrap, type Trap } from '../src/trap.ts'

const WELCOME = `<!doctype html>
<html lang="en">
<head>
<title>Welcome to the tea shop, {{name}}</title>
<meta name="color-scheme" content="light dark">
<style>
  body { margin: 0; background: #f6f1ea; color: #2b2b2b; font: 16px/1.5 sans-serif }
  .card { max-width: 34rem; margin: 1.5rem auto; padding: 1.5rem 2rem; border-radius: 12px; background: #fff }
  h1 { color: #9a3412 }
  .button { display: inline-block; padding: .6rem 1.2rem; border-radius: 6px; background: #9a3412; color: #fff }
  @media (prefers-color-scheme: dark) {
    body { background: #121212; color: #eee } .card { background: #1f1f1f } h1 { color: #fdba74 }
  }
  @media (max-width: 500px) { .card { margin: 0; border-radius: 0; padding: 1rem } }
</style>
</head>
<body>
<div class="card">
  <img src="cid:logo" alt="Tea Shop" width="48" height="48">
  <h1>Welcome, {{name}}</h1>
  <p>Your first order is on its way. It has {{count}} teas, and a pot for each of them.</p>
  <p><a class="button" href="https://tea.example/orders">See your order</a></p>
</div>
</body>
</html>
`
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkmM9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

let folder: string
let http: Server
let url: string
let previews: FolderPreviews
let context: BrowserContext
let page: Page
let trouble: string[]

function put(name: string, content: string | Buffer): void {
  writeFileSync(join(folder, name), content)
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'previews-'))
  put('welcome.html', WELCOME)
  put('welcome.txt', 'Welcome, {{name}}.\n\nSee your order: https://tea.example/orders\n')
  put('welcome.json', JSON.stringify({ ann: { name: 'Ann', count: '3' }, 'without a count': { name: 'Bo' } }))
  put('receipt.html', '<title>Your receipt</title><p>12 €</p>')
  put('receipt.json', JSON.stringify({ 'one tea': {} }))
  put('logo.png', PNG)
  previews = new FolderPreviews(folder, axe.source)
  http = createServer(inbox(memoryStore(), { previews }))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await context.newPage()
  trouble = []
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('dialog', (dialog) => {
    trouble.push(dialog.message())
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) trouble.push(request.url())
  })
  page.on('requestfailed', (request) => {
    // What the policy stopped never left.
    if (request.failure()?.errorText === 'csp') trouble.splice(trouble.indexOf(request.url()), 1)
  })
})

afterEach(async () => {
  await context.close()
  http.close()
  http.closeAllConnections()
  rmSync(folder, { recursive: true })
  expect(trouble).toEqual([])
})

const view = (title: string | RegExp): Promise<void> =>
  page.locator('#message').getByRole('link', { name: title, exact: true }).click()
const frame = (): FrameLocator => page.frameLocator('#message iframe')
const background = (): Promise<string> =>
  frame()
    .locator('body')
    .evaluate((body) => getComputedStyle(body).backgroundColor)
const width = (): Promise<number> =>
  page.locator('#message iframe').evaluate((shown) => (shown as HTMLElement).clientWidth)

async function open(sample: string): Promise<void> {
  await page.goto(`${url}previews/`)
  await page.locator('#list').getByText(sample, { exact: true }).click()
  await page.locator('#subject').waitFor()
}

async function faults(): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: typeof axe }).axe.run
    // The frame is a document of somebody else.
    const { violations } = await run({ exclude: ['iframe'] })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

describe('the previews in a browser', () => {
  it('are a link away from the mails, and show a template on a desktop, on a phone and in dark colours', async () => {
    await page.goto(url)
    await page.getByRole('link', { name: 'Previews' }).click()
    await page.getByRole('heading', { name: 'Previews' }).waitFor()
    await page.locator('#list').getByText('ann', { exact: true }).click()
    await frame().getByText('Welcome, Ann').waitFor()
    expect(await width()).toBeGreaterThan(700)
    expect(
      await frame()
        .locator('img')
        .evaluate((image) => (image as HTMLImageElement).naturalWidth),
    ).toBe(1)
    expect(await background()).toBe('rgb(246, 241, 234)')
    await view('Phone')
    await expect.poll(width).toBe(375)
    expect(
      await frame()
        .locator('body')
        .evaluate(() => innerWidth),
    ).toBe(375)
    await view('Dark')
    await expect.poll(background).toBe('rgb(18, 18, 18)')
    expect(await width()).toBe(375)
    await view('Light')
    await expect.poll(background).toBe('rgb(246, 241, 234)')
    expect(await page.getByText('no styles for dark mode').count()).toBe(0)
    await view('Dark')
    await page.locator('#list').getByText('one tea').click()
    await page.getByText('This mail has no styles for dark mode.').waitFor()
  })

  it('show text, source and attachments', async () => {
    await open('ann')
    await view('Text')
    await page.getByText('Welcome, Ann.').waitFor()
    await view('HTML source')
    await page.getByText('<h1>Welcome, Ann</h1>').waitFor()
    await view(/Attachments/)
    await page.getByText('cid:logo').waitFor()
    await page.locator('#list').getByText('one tea').click()
    await view('Text')
    await page.getByText('There is no text part.').waitFor()
  })

  it('mark what Gmail cuts off', async () => {
    put('welcome.html', `<title>Long</title><p>${'Tea. '.repeat(21_000)}</p><p>The end</p>`)
    await open('ann')
    expect(await page.locator('dd.size').innerText()).toMatch(
      /103 kB of HTML; Gmail shows 102 kB and cuts the rest off/,
    )
    await page.getByRole('link', { name: 'see where' }).click()
    await page.getByText('Gmail cuts off everything from here on').waitFor()
    expect(await page.locator('mark').innerText()).toMatch(/^(?:Tea\. |ea\. |a\. |\. | ).*<p>The end<\/p>$/)
  })

  it('show why a template fails, with the file and the lines', async () => {
    await open('without a count')
    await page.getByText('"count" is not in the data').waitFor()
    expect(await page.locator('.location p code').innerText()).toBe(`${join(folder, 'welcome.html')}:21:45`)
    expect(await page.locator('.location pre').innerText()).toContain('It has {{count}} teas')
    expect(await faults()).toEqual([])
  })

  it('renew themselves when a file is saved, in the chosen view, scrolled as they were', async () => {
    put('welcome.html', WELCOME.replace('</div>', `<p>${'More tea. '.repeat(2_000)}</p></div>`))
    await open('ann')
    await view('Phone')
    await frame().locator('h1').waitFor()
    await expect.poll(width).toBe(375)
    const scrolled = (): Promise<number> =>
      frame()
        .locator('body')
        .evaluate(() => Math.round(scrollY))
    await frame()
      .locator('body')
      .evaluate(() => scrollTo(0, 400))
    await expect.poll(scrolled).toBe(400)
    put(
      'welcome.html',
      WELCOME.replace('Welcome, {{name}}', 'Good day').replace(
        '</div>',
        `<p>${'Much tea. '.repeat(2_000)}</p></div>`,
      ),
    )
    await frame().getByText('Good day').waitFor()
    await expect.poll(scrolled).toBe(400)
    expect(await width()).toBe(375)
    expect(page.url()).toContain('width=phone')
    put('welcome.html', '<title>Broken</title>{{nothing}}')
    await page.getByText('"nothing" is not in the data').waitFor()
    put('welcome.html', WELCOME)
    await frame().getByText('Welcome, Ann').waitFor()
    expect(await width()).toBe(375)
  })

  it('check links when asked, and go on to show the same sample', async () => {
    const shop = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1')
    await new Promise((resolve) => shop.once('listening', resolve))
    const { port } = shop.address() as AddressInfo
    put('welcome.html', WELCOME.replace('https://tea.example', `http://127.0.0.1:${port}`))
    await open('ann')
    await view('Problems')
    await page.getByRole('button', { name: 'Check links and images' }).click()
    await page.getByText(/1 problem was found/).waitFor()
    expect(await page.locator('ul.problems').innerText()).toMatch(/Error[^]*Link[^]*\/orders answers 404/)
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('notice')
    expect(await faults()).toEqual([])
    shop.close()
    shop.closeAllConnections()
  })

  it('find with axe what is hard to see or to hear, and show it as text', async () => {
    put(
      'welcome.html',
      '<html lang="en"><title>Tea</title><img src="cid:logo"><p style="color:#bbb;background:#fff">Pale <b>text</b></p></html>',
    )
    await open('ann')
    await view('Accessibility')
    await page.getByText('2 rules are broken.').waitFor()
    const found = await page.locator('#accessibility').innerText()
    expect(found).toMatch(
      /Critical[^]*Images must have alternative text[^]*1 element[^]*About the rule image-alt[^]*<img src="/,
    )
    expect(found).toMatch(
      /Serious[^]*color contrast[^]*2 elements[^]*<p style="color:#bbb;background:#fff">Pale <b>text<\/b><\/p>/,
    )
    expect(await faults()).toEqual([])
    put('welcome.html', WELCOME)
    await page.getByText('axe found no problem.').waitFor()
  })

  it('are checked whatever the names of their images are', async () => {
    const names = ['createElement', 'documentElement', 'body', 'querySelectorAll', 'getElementById']
    put(
      'welcome.html',
      `<html lang="en"><title>Tea</title>${names.map((name) => `<img src="cid:logo" alt="" name=${name}>`).join('')}</html>`,
    )
    await open('ann')
    await view('Accessibility')
    await page.getByText('axe found no problem.').waitFor()
  })

  it('say so if they cannot be shown safely and so not be checked', async () => {
    put('welcome.html', '<title>Tea</title><p>Tea<plaintext></p>')
    await open('ann')
    await view('Accessibility')
    await page.getByText('The check failed: This HTML cannot be shown safely').waitFor()
  })

  it('run in a frame that only axe speaks from', async () => {
    put('welcome.html', '<html lang="en"><title>Tea</title><p>Tea</p></html>')
    await open('ann')
    await view('Accessibility')
    await page.getByText('axe found no problem.').waitFor()
    await page.evaluate(() => {
      const violations = [{ id: 'x', impact: 'critical', help: 'Not from the frame', count: 1, elements: [] }]
      postMessage({ preview: 'checked', violations }, '*')
    })
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          addEventListener('message', resolve, { once: true })
          postMessage('after it', '*')
        }),
    )
    expect(await page.getByText('Not from the frame').count()).toBe(0)
    // Even the frame is not trusted.
    const inner = page.frames().find((each) => each.url().endsWith('/axe'))!
    await inner.evaluate(() => {
      const odd = {
        id: 7,
        impact: 'x" onclick="x',
        help: '<img src=x onerror=alert(1)>',
        helpUrl: 'javascript:alert(1)',
        count: -1.5,
        elements: ['<script>alert(1)</script>', {}],
      }
      parent.postMessage({ preview: 'checked', violations: [odd, undefined, 'x'] }, '*')
    })
    await page.getByText('<img src=x onerror=alert(1)>').waitFor()
    expect(await page.locator('#accessibility a, #accessibility img, #accessibility script').count()).toBe(0)
  })

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 375],
  ] as const)('can be used by everybody, in %s, %i px wide', async (colorScheme, pixels) => {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: pixels, height: 700 })
    await page.goto(`${url}previews/`)
    expect(await faults()).toEqual([])
    await page.locator('#list').getByText('ann', { exact: true }).click()
    for (const title of ['HTML', 'Text', 'HTML source', 'Problems', 'Accessibility']) {
      await view(title)
      await page.locator(`.views a[aria-current]`, { hasText: title }).waitFor()
      expect(await faults()).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(pixels)
    }
    // What a reader of the page prefers says nothing about the template.
    await view('HTML')
    await expect.poll(background).toBe('rgb(246, 241, 234)')
  })
})

describe('a hostile template', () => {
  let trap: Trap
  beforeAll(async () => {
    trap = await startTrap()
  })
  afterAll(() => trap[Symbol.asyncDispose]())

  it.each(hostileHtml('http://127.0.0.1:9'))('does nothing: %s', async (_title, html) => {
    const hostile = html.replaceAll('http://127.0.0.1:9', trap.url)
    put('welcome.html', `<p>Shown</p>${hostile}`)
    for (const what of ['html', 'accessibility']) {
      await page.goto(`${url}previews/?mail=welcome/ann&view=${what}`)
      await frame().getByText('Shown').first().waitFor({ state: 'attached' })
      if (what === 'accessibility')
        await expect.poll(() => page.locator('#accessibility').innerText()).not.toBe('Checking.')
    }
    expect(await page.evaluate(() => [(globalThis as { hacked?: number }).hacked, document.title])).toEqual([
      undefined,
      'Loudmail previews',
    ])
    expect(trap.asked).toEqual([])
  })
})
