import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer, type MessageInput } from '@loudmail/core'
import {
  debug,
  folderStore,
  memoryStore,
  startInbox,
  type MemoryStore,
  type RunningInbox,
} from '@loudmail/debug'
import axe from 'axe-core'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser } from '../src/open-browser.ts'
import { hostileHtml } from '../src/hostile-html.ts'
import { startTrap, type Trap } from '../src/trap.ts'

/** Where pictures go that stand in the README and the docs; without it they are not kept. */
const { SCREENSHOTS } = process.env

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

let store: MemoryStore
let own: RunningInbox
let mailer: Mailer
let context: BrowserContext
let page: Page
/** What went wrong in the page, and whom it asked for something, apart from the inbox. */
let trouble: string[]
/** When the page, or what is in it, asked for something last. */
let askedAt: number

beforeEach(async () => {
  store = memoryStore({ limit: 20_000 })
  own = await startInbox(store)
  mailer = new Mailer({
    transport: debug({ store }),
    defaults: { from: 'Tea Shop <tea@shop.example>', to: 'Ann <ann@example.com>' },
    failure: 'silent',
    observe: (event) => void event.error,
  })
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await context.newPage()
  trouble = []
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('dialog', (dialog) => void (dialog.type() === 'alert' ? trouble.push('an alert') : dialog.accept()))
  page.on('request', (request) => {
    askedAt = performance.now()
    const url = request.url()
    if (!url.startsWith(own.url) && !url.startsWith('data:')) trouble.push(url)
  })
  // What the page's policy stopped never left.
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText === 'csp') trouble.splice(trouble.indexOf(request.url()), 1)
  })
})

afterEach(async () => {
  await context.close()
  await mailer.close()
  await own.close()
  expect(trouble).toEqual([])
})

const send = (input: Partial<MessageInput>): Promise<unknown> => mailer.send({ text: 'Hi', ...input })
const rows = (): Locator => page.locator('#list a[data-mail]')
const view = (title: string): Promise<void> => page.getByRole('link', { name: title, exact: true }).click()

/** What axe finds wrong with the accessibility of the page. */
async function faults(): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    // The frame is a document of somebody else.
    const run = (globalThis as unknown as { axe: typeof axe }).axe.run
    const { violations } = await run({ exclude: ['iframe'] })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

async function picture(name: string): Promise<void> {
  if (!SCREENSHOTS) return
  mkdirSync(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
}

const WELCOME = {
  subject: 'Welcome to the tea shop',
  text: 'Your tea is waiting.\n\nYour code is 482913. Or follow this link: https://tea.example.com/confirm/482913\n',
  html: `<div style="font: 16px/1.5 sans-serif; max-width: 34rem; margin: 1rem auto">
    <img src="cid:logo" alt="" width="48" height="48"><h1 style="color: #b03a06">Your tea is waiting</h1>
    <p>Your code is <strong style="font-size: 1.4em">482 913</strong>.</p>
    <p><a href="https://tea.example.com/confirm/482913">Confirm your address</a></p></div>`,
  attachments: [
    {
      contentId: 'logo',
      filename: 'logo.svg',
      content:
        '<svg xmlns="http://www.w3.org/2000/svg"><circle cx="24" cy="24" r="20" fill="#b03a06"/></svg>',
    },
    { filename: 'Menu.pdf', content: 'A menu' },
  ],
} satisfies Partial<MessageInput>

async function fillWithMail(): Promise<void> {
  await send({
    to: 'kim@example.org',
    subject: 'Your order of 3 teas',
    text: 'It left the warehouse this morning.',
  })
  await send({
    to: 'lee@example.net',
    subject: 'Your invoice for November',
    attachments: [{ filename: 'Invoice.pdf', content: 'PDF' }],
  })
  await send({
    to: ['fail+rcpt-to.mailbox-full@example.test', 'ann@example.com'],
    subject: 'Tea of the month',
    text: 'Sencha, this time.',
  })
  await send({
    to: 'fail+body.connection-lost@example.test',
    subject: 'New password',
    text: 'Follow this link.',
  })
  await send(WELCOME)
}

describe('the inbox in a browser', () => {
  it('shows new mail without a reload', async () => {
    await page.goto(own.url)
    await expect.poll(() => page.locator('#count').innerText()).toBe('0 mails')
    await send(WELCOME)
    await rows().first().waitFor()
    expect(await rows().first().innerText()).toMatch(/ann@example\.com[^]*Welcome to the tea shop/)
    expect(await page.locator('#live').innerText()).toBe('New mail: Welcome to the tea shop')
    await send({ to: 'fail+rcpt-to.mailbox-unknown@example.test', subject: 'Lost' })
    await page.getByText('rcpt-to/mailbox-unknown').waitFor()
    expect(await page.locator('#count').innerText()).toBe('2 mails')
  })

  it('keeps the open mail open when new mail arrives', async () => {
    await send({ subject: 'First' })
    await page.goto(own.url)
    await rows().first().click()
    await view('Source')
    await rows().first().focus()
    await send({ subject: 'Second' })
    await expect.poll(() => rows().count()).toBe(2)
    expect(await page.locator('#subject').innerText()).toBe('First')
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).innerText)).toContain('First')
    expect(await page.locator('section.source').count()).toBe(1)
  })

  it('reconnects by itself after the server was down', async () => {
    await page.goto(own.url)
    const { port } = own
    await own.close()
    await page.getByText('Not connected.').waitFor()
    await send({ subject: 'Meanwhile' })
    own = await startInbox(store, { port })
    await page.getByText('Meanwhile').waitFor()
  })

  it('shows a mail in every way', async () => {
    await fillWithMail()
    await page.goto(own.url)
    await picture('inbox-list')
    await rows().first().click()
    const frame = page.frameLocator('iframe')
    await frame.getByRole('heading', { name: 'Your tea is waiting' }).waitFor()
    expect(await frame.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth > 0)).toBe(
      true,
    )
    await picture('inbox-message')

    await view('Phone')
    const width = async (): Promise<number | undefined> => (await page.locator('iframe').boundingBox())?.width
    await expect.poll(width).toBe(375)
    await view('Desktop')
    await expect.poll(width).toBeGreaterThan(700)

    await view('Text')
    expect(await page.locator('pre').innerText()).toContain('Your code is 482913')
    expect(await page.locator('pre a').getAttribute('rel')).toBe('noopener noreferrer')
    await view('Headers')
    expect(await page.getByRole('row', { name: /^Subject/ }).innerText()).toContain('Welcome to the tea shop')
    await view('Attachments (2)')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Menu.pdf' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('Menu.pdf')
    await view('Source')
    expect(await page.locator('pre').innerText()).toMatch(/^Date: [^]*multipart\/mixed/)
    const [eml] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download .eml' }).click(),
    ])
    expect(eml.suggestedFilename()).toBe('Welcome to the tea shop.eml')
    await view('Conversation')
    expect(await page.getByRole('row', { name: /RCPT TO/ }).innerText()).toMatch(
      /\+\d+ ms\s+Client\s+RCPT TO:<ann@example\.com>/,
    )
  })

  it('says why a send failed and what to do, and marks the step', async () => {
    await fillWithMail()
    await page.goto(own.url)
    await page.getByText('Tea of the month').click()
    await page.getByText('What to do').waitFor()
    expect(await page.locator('.failure').innerText()).toMatch(
      /rcpt-to\/mailbox-full[^]*Try again in a few hours[^]*452 4\.2\.2 Mailbox full[^]*accepted/,
    )
    await picture('inbox-failure')
    await view('Conversation')
    expect(await page.locator('tr.failed').allInnerTexts()).toEqual([
      expect.stringContaining('RCPT TO:<fail+rcpt-to.mailbox-full@example.test>'),
      expect.stringMatching(/452 4\.2\.2 Mailbox full\s+failed here/),
    ])
    await picture('inbox-conversation')
  })

  it('searches while you type, and clears the search', async () => {
    await fillWithMail()
    await page.goto(own.url)
    await page.keyboard.press('/')
    await page.keyboard.type('INVOICE')
    await expect.poll(() => rows().count()).toBe(1)
    expect(await page.locator('#count').innerText()).toBe('1 mail for “INVOICE”')
    expect(page.url()).toContain('q=INVOICE')
    await page.getByRole('searchbox').fill('body/connection-lost')
    await page.getByText('New password').waitFor()
    await page.getByRole('searchbox').fill('')
    await expect.poll(() => rows().count()).toBe(5)
  })

  it('deletes one and goes to the next, and clears', async () => {
    await fillWithMail()
    await page.goto(own.url)
    await page.getByText('New password').click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await expect.poll(() => page.locator('#subject').innerText()).toBe('Tea of the month')
    expect(store.mails).toHaveLength(4)
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByText('No mail yet').waitFor()
    expect(store.mails).toEqual([])
  })

  it('can be used with the keyboard only', async () => {
    await fillWithMail()
    await page.goto(own.url)
    const subject = (): Promise<string> => page.locator('#subject').innerText()
    await page.keyboard.press('j')
    await expect.poll(subject).toBe('Welcome to the tea shop')
    await page.keyboard.press('j')
    await expect.poll(subject).toBe('New password')
    await page.keyboard.press('k')
    await expect.poll(subject).toBe('Welcome to the tea shop')
    await page.keyboard.press('Delete')
    await expect.poll(subject).toBe('New password')
    await page.keyboard.press('Escape')
    await page.getByText('Choose a mail').waitFor()
    // The skip link is the first thing that Tab comes to.
    await page.goto(own.url)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).innerText)).toBe(
      'Skip to the message',
    )
    await page.goBack()
  })

  it('goes back and forward, and every view has an address', async () => {
    await fillWithMail()
    await page.goto(own.url)
    await page.getByText('Your invoice').click()
    await view('Source')
    await page.locator('section.source').waitFor()
    const address = page.url()
    await page.goBack()
    await page.locator('section.text').waitFor()
    await page.goBack()
    await page.getByText('Choose a mail').waitFor()
    await page.goto(address)
    expect(await page.locator('section.source').count()).toBe(1)
  })

  it('shows one view at a time on a phone, and nothing wider than the screen', async () => {
    await fillWithMail()
    await page.setViewportSize({ width: 390, height: 800 })
    await page.goto(own.url)
    expect(await page.locator('#message').isVisible()).toBe(false)
    await picture('inbox-phone')
    await page.getByText('New password').click()
    await page.getByText('What to do').waitFor()
    expect(await page.locator('#list').isVisible()).toBe(false)
    for (const title of ['Why it failed', 'Text', 'Headers', 'Source', 'Conversation']) {
      await view(title)
      await page.locator(`nav a[aria-current=page]`, { hasText: title }).waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth), title).toBeLessThanOrEqual(390)
    }
    await page.getByText('All mails').click()
    await rows().first().waitFor({ state: 'visible' })
  })

  it.each(['light', 'dark'] as const)('is accessible: axe finds no fault in the %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await fillWithMail()
    await page.goto(own.url)
    expect(await faults()).toEqual([])
    await page.getByText('Tea of the month').click()
    for (const title of ['Why it failed', 'Text', 'Headers', 'Source', 'Conversation']) {
      await view(title)
      await page.locator(`nav a[aria-current=page]`, { hasText: title }).waitFor()
      expect(await faults(), title).toEqual([])
    }
    await rows().first().click()
    await page.locator('iframe').waitFor()
    expect(await faults()).toEqual([])
    if (colorScheme === 'dark') await picture('inbox-dark')
  })

  it('keeps the selected row where it is when many mails arrive, and leads to the newer ones', async () => {
    for (let n = 1; n <= 30; n++) await send({ subject: `Tea ${n}.` })
    await page.goto(own.url)
    await page.getByText('Tea 28.').click()
    await page.locator('#list ol a[aria-current]').waitFor()
    const top = async (): Promise<number> => (await page.locator('#list ol a[aria-current]').boundingBox())!.y
    const before = await top()
    for (let n = 31; n <= 160; n++) await send({ subject: `Tea ${n}.` })
    await page.getByRole('button', { name: '130 newer mails' }).waitFor()
    expect(Math.abs((await top()) - before)).toBeLessThan(2)
    expect(await page.locator('#subject').innerText()).toBe('Tea 28.')
    await page.getByRole('button', { name: 'newer mails' }).click()
    await page.getByText('Tea 160.', { exact: true }).waitFor()
    expect(await page.locator('#newer').isVisible()).toBe(false)
    // Opened by its address, a row far below is scrolled into view.
    await page.goto(`${own.url}?mail=000000100`)
    await expect
      .poll(() =>
        page.locator('#list ol a[aria-current]').evaluate((row) => {
          const { top: start, bottom } = row.getBoundingClientRect()
          return start > 0 && bottom <= innerHeight
        }),
      )
      .toBe(true)
  })

  it('scrolls to the reply that failed', async () => {
    await send({
      to: [
        ...Array.from({ length: 60 }, (_, n) => `r${n}@example.com`),
        'fail+rcpt-to.mailbox-full@example.test',
      ],
    })
    await page.goto(own.url)
    await rows().first().click()
    await page.getByText('and 56 more').first().click()
    await page.getByText('r59@example.com').first().waitFor()
    const isInView = (): Promise<boolean> =>
      page.locator('tr.server.failed').evaluate((line) => {
        const { top, bottom } = line.getBoundingClientRect()
        return top > 0 && bottom <= innerHeight
      })
    await view('Conversation')
    await expect.poll(isInView).toBe(true)
    await page.reload()
    await expect.poll(isInView).toBe(true)
  })

  it('marks unread mails, and shows only failed ones', async () => {
    await fillWithMail()
    await page.goto(own.url)
    expect(await page.locator('#list a.unread').count()).toBe(5)
    await rows().first().click()
    await expect.poll(() => page.locator('#list a.unread').count()).toBe(4)
    await page.getByRole('link', { name: 'Failed only' }).click()
    await expect.poll(() => rows().count()).toBe(2)
    expect(await page.locator('#count').innerText()).toBe('2 failed mails')
    await page.getByRole('searchbox').fill('password')
    await expect.poll(() => rows().count()).toBe(1)
    await send({ subject: 'My password' })
    await page.getByText('New mail: My password').waitFor()
    expect(await rows().count()).toBe(1)
    await page.getByRole('link', { name: 'All', exact: true }).click()
    await expect.poll(() => rows().count()).toBe(2)
  })

  it('says how to begin, with lines to copy, until the first mail comes', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(own.url)
    await page.getByRole('heading', { name: 'No mail yet' }).waitFor()
    await picture('inbox-empty')
    expect(await faults()).toEqual([])
    await page.getByRole('button', { name: 'Copy' }).nth(1).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      'fail+rcpt-to.mailbox-full@example.test',
    )
    await send({ to: 'fail+rcpt-to.mailbox-full@example.test', subject: 'First' })
    await page.getByText('Choose a mail').waitFor()
    expect(await rows().count()).toBe(1)
  })

  it('shows attachments with small pictures, those of the HTML apart', async () => {
    await fillWithMail()
    await page.goto(own.url)
    await rows().first().click()
    await view('Attachments (2)')
    await page.getByText('Inline: shown in the text').waitFor()
    const image = page.locator('.attachments img')
    await expect.poll(() => image.evaluate((each: HTMLImageElement) => each.naturalWidth > 0)).toBe(true)
    expect(await page.locator('.attachments li').allInnerTexts()).toEqual([
      expect.stringMatching(/PDF[^]*Menu\.pdf[^]*application\/pdf, 6 B/),
      expect.stringMatching(/logo\.svg[^]*image\/svg\+xml, 93 B[^]*cid:logo/),
    ])
    expect(await faults()).toEqual([])
    await picture('inbox-attachments')
  })

  it('shows a message that could not be built', async () => {
    await send({ to: 'ann at example.com', subject: 'Not sent', text: 'Hello Ann' })
    await page.goto(own.url)
    await page.getByText('Not sent').click()
    await page.getByText('Whoever entered the address').waitFor()
    await view('Text')
    await page.getByText('Hello Ann').last().waitFor()
    expect(await faults()).toEqual([])
  })

  it('works without its script', async () => {
    await fillWithMail()
    const plain = await browser.newContext({ javaScriptEnabled: false })
    const quiet = await plain.newPage()
    await quiet.goto(own.url)
    await quiet.getByRole('searchbox').fill('invoice')
    await quiet.keyboard.press('Enter')
    await quiet.getByText('Your invoice').click()
    await quiet.getByRole('link', { name: 'Source' }).click()
    expect(await quiet.locator('pre').innerText()).toContain('Subject: Your invoice')
    await quiet.getByRole('button', { name: 'Delete' }).click()
    expect(await quiet.locator('#count').innerText()).toBe('4 mails')
    await quiet.getByRole('link', { name: 'Failed only' }).click()
    expect(await quiet.locator('#count').innerText()).toBe('2 failed mails')
    await quiet.getByText('Tea of the month').click()
    await quiet.getByRole('link', { name: 'Conversation' }).click()
    expect(quiet.url()).toMatch(/failed=1.*#failed-line$/)
    await plain.close()
  })

  it('names the files that cannot be read, and deletes one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'loudmail-'))
    const names = ['1', '2'].map((n) => `20260101-000000000-00000${n}-aaaaaaa${n}.json`)
    for (const name of names) writeFileSync(join(folder, name), '{')
    await own.close()
    own = await startInbox(folderStore(folder))
    await page.goto(own.url)
    await page.getByText('2 files cannot be read as a mail').click()
    await page.getByRole('listitem').filter({ hasText: 'it is not valid JSON' }).first().waitFor()
    expect(await faults()).toEqual([])
    await page.getByRole('link', { name: names[0]! }).click()
    await page.getByRole('heading', { name: 'This mail cannot be read' }).waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('1 file cannot be read as a mail').waitFor()
    expect(readdirSync(folder)).toEqual([names[1]])
    rmSync(folder, { recursive: true })
  })

  it('works with 10,000 mails', async () => {
    await send({ subject: 'A needle' })
    const [mail] = store.mails
    for (let n = 1; n < 10_000; n++) await store.add({ ...mail!, subject: `Straw ${n}` })
    await page.goto(own.url)
    expect(await page.locator('#count').innerText()).toBe('10000 mails')
    expect(await rows().count()).toBe(100)
    await page.getByRole('link', { name: 'Older' }).click()
    await page.getByText('Straw 9899', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Newest' }).click()
    await page.getByRole('searchbox').fill('needle')
    await expect.poll(() => rows().count()).toBe(1)
    await page.getByRole('searchbox').fill('')
    await expect.poll(() => rows().count()).toBe(100)
    await send({ subject: 'The newest' })
    await page.getByText('The newest').first().waitFor()
    expect(await page.locator('#count').innerText()).toBe('10001 mails')
  })
})

describe('hostile mail in a browser', () => {
  let trap: Trap
  beforeAll(async () => {
    trap = await startTrap()
  })
  afterAll(() => trap?.[Symbol.asyncDispose]())
  afterEach(() => trap.asked.splice(0))

  // Not `networkidle`: Playwright never reports it if the network was idle once before the frame appeared.
  const silence = (): Promise<void> =>
    expect.poll(() => performance.now() - askedAt, { timeout: 10_000 }).toBeGreaterThan(500)

  const open = async (html: string): Promise<void> => {
    await send({ subject: '<img src=x onerror=alert(1)>', html })
    await page.goto(own.url)
    await rows().first().click()
    await page.locator('iframe').waitFor()
    await page.frameLocator('iframe').locator('body, frameset').first().waitFor({ state: 'attached' })
    // What calls out does so at once, or when it is shown.
    await page.locator('iframe').hover()
    await silence()
  }

  it.each(hostileHtml('http://trap').map(([title]) => title))('cannot act: %s', async (title) => {
    const [, html] = hostileHtml(trap.url).find(([each]) => each === title)!
    await open(html)
    expect(trap.asked).toEqual([])
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
    expect(await page.title()).toBe('Loudmail inbox')
    expect(page.url().startsWith(own.url)).toBe(true)
    expect(context.pages()).toHaveLength(1)
    expect(page.frames()).toHaveLength(2)
    // The page around it stands as it is.
    expect(await page.locator('#subject').innerText()).toBe('<img src=x onerror=alert(1)>')
  })

  it('cannot send what is typed into its forms', async () => {
    await open(`<form action="${trap.url}/form"><input name=q><button>Send</button></form>`)
    await page.frameLocator('iframe').getByRole('textbox').fill('secret')
    await page.frameLocator('iframe').getByRole('textbox').press('Enter')
    await page.frameLocator('iframe').getByRole('button').click()
    await silence()
    expect(trap.asked).toEqual([])
  })

  it.each([
    ['a link', (url: string) => `<a href="${url}/link">link</a>`],
    [
      'a link that wants to know its opener',
      (url: string) => `<a href="${url}/link" target=_top rel=opener>link</a>`,
    ],
    ['a link that would replace the page', (url: string) => `<a href="${url}/link" target=_parent>link</a>`],
    [
      'a place in a map',
      (url: string) =>
        `<map name=m><area shape=default href="${url}/link" alt=link></map><img usemap=#m alt=link width=99 height=99 src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`,
    ],
  ])('%s opens elsewhere, and knows nothing of the inbox', async (_what, html) => {
    await open(html(trap.url))
    const link = page.frameLocator('iframe').locator('a, img').first()
    const [opened] = await Promise.all([context.waitForEvent('page'), link.click()])
    await opened.waitForLoadState()
    expect(
      await opened.evaluate(() => [
        window.opener,
        document.referrer,
        (globalThis as { found?: string }).found,
      ]),
    ).toEqual([null, '', 'null'])
    expect(trap.asked).toEqual([{ path: '/link', referrer: undefined }])
    expect(page.url().startsWith(own.url)).toBe(true)
  })

  it('javascript: and data: links lead nowhere', async () => {
    await open(
      `<a href="javascript:top.hacked=1">one</a> <a href="data:text/html,<script>opener.hacked=1</script>">two</a> <svg width=50 height=50><a href="javascript:top.hacked=1"><text y=20>three</text></a></svg>`,
    )
    for (const text of ['one', 'two', 'three']) await page.frameLocator('iframe').getByText(text).click()
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
    expect(context.pages()).toHaveLength(1)
  })

  it('images from elsewhere load only when asked for, without a referrer, and still no code runs', async () => {
    await open(`<img src="${trap.url}/pixel.png" onload="top.hacked=1"><script>top.hacked=1</script>`)
    expect(trap.asked).toEqual([])
    await page.getByRole('link', { name: 'Load it' }).click()
    await expect.poll(() => trap.asked).toEqual([{ path: '/pixel.png', referrer: undefined }])
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
    trouble.splice(0)
  })

  it('names, subjects and replies are shown as text', async () => {
    const hack = '"><script>top.hacked=1</script><img src=x onerror=top.hacked=1>'
    await send({
      subject: hack,
      from: { name: hack, address: 'a@example.com' },
      text: hack,
      attachments: [{ filename: hack, content: 'x' }],
    })
    await page.goto(`${own.url}?q=${encodeURIComponent(hack)}`)
    await rows().first().click()
    for (const title of ['Headers', 'Attachments (1)', 'Source', 'Conversation', 'Text']) await view(title)
    await page.locator('section.text').waitFor()
    expect(await page.locator('#subject').innerText()).toBe(hack)
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
  })
})
