import { createServer, type Server } from 'node:http'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessageInput } from '@loudmail/core'
import { inbox, memoryStore, outboxPage, type InboxHandler } from '@loudmail/debug'
import { outbox, sqlite, worker, type EnqueueOptions, type Outbox, type Worker } from '@loudmail/outbox'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import axe from 'axe-core'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser } from '../src/open-browser.ts'

/** Where pictures go that stand in the docs; without it they are not kept. */
const { SCREENSHOTS } = process.env
const HOUR_MS = 3_600_000

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

let folder: string
let server: SmtpServer
let box: Outbox
let sender: Worker | undefined
let http: Server
let url: string
let context: BrowserContext
let page: Page
let trouble: string[]

async function serve(handler: InboxHandler): Promise<void> {
  http = createServer((request, response) => handler(request, response))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
}

function stopServing(): void {
  http.close()
  http.closeAllConnections()
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'outbox-'))
  server = await startServer({
    on: {
      RCPT: {
        byRcpt: {
          'kim@example.org': '550 5.1.1 <kim@example.org> No such user here',
          'lee@example.net': '451 4.7.1 Greylisted, come back later',
        },
        default: { pass: true },
      },
      DOT: {
        byRcpt: { 'noor@example.com': { accept: true, then: { close: 'rst' } } },
        default: { pass: true },
      },
    },
  })
  box = outbox(smtp(server.url), { store: sqlite(join(folder, 'mail.db')) })
  await serve(outboxPage(box, { authorize: () => true }))
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  page = await context.newPage()
  trouble = []
  page.on('pageerror', (error) => trouble.push(String(error)))
  page.on('dialog', (dialog) => {
    trouble.push(dialog.message())
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) trouble.push(request.url())
  })
})

afterEach(async () => {
  await context.close()
  await sender?.close()
  sender = undefined
  stopServing()
  await box.close?.()
  await server.close()
  rmSync(folder, { recursive: true })
  expect(trouble).toEqual([])
})

async function enqueue(input: Partial<MessageInput>, options?: EnqueueOptions): Promise<string> {
  const base = { from: 'Tea Shop <tea@shop.example>', to: 'Ann <ann@example.com>', text: 'Hi' }
  return (await box.enqueue({ ...base, ...input }, options)).id
}

/** Sends what is due, for as long as the test lasts. */
function work(): void {
  sender = worker(box, { delayMs: HOUR_MS, pollMs: 20, observe: (event) => void event.error })
}

/** Messages in most of the states. */
async function fill(): Promise<Record<'sent' | 'dead' | 'later' | 'doubt', string>> {
  const sent = await enqueue({ subject: 'Welcome to the tea shop' })
  const later = await enqueue({ to: 'lee@example.net', subject: 'Your invoice for November' })
  const doubt = await enqueue({ to: 'noor@example.com', subject: 'New password' })
  const dead = await enqueue({
    to: ['ann@example.com', 'kim@example.org'],
    subject: 'Your order of 3 teas',
    idempotencyKey: 'order-1042',
  })
  work()
  for (const [id, state] of [
    [sent, 'sent'],
    [later, 'scheduled'],
    [doubt, 'in-doubt'],
    [dead, 'dead'],
  ] as const)
    await expect.poll(async () => (await box.get(id))?.state).toBe(state)
  await sender?.close()
  sender = undefined
  await enqueue({ subject: 'Tea of the month' }, { sendAt: new Date(Date.now() + 26 * HOUR_MS) })
  await enqueue({ subject: 'Your receipt' }, { sendAt: new Date(Date.now() - 200_000) })
  return { sent, dead, later, doubt }
}

const rows = (): Locator => page.locator('#list a[data-mail]')
const state = (): Promise<string> => page.locator('#message .state').innerText()
const view = (title: string): Promise<void> => page.getByRole('link', { name: title, exact: true }).click()
const choose = (title: RegExp): Promise<void> =>
  page.getByRole('group', { name: 'Show' }).getByRole('link', { name: title }).click()
const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? '')

async function faults(): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: typeof axe }).axe.run
    // The frame is a document of somebody else.
    const { violations } = await run({ exclude: ['iframe'] })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

async function picture(name: string): Promise<void> {
  if (!SCREENSHOTS) return
  mkdirSync(SCREENSHOTS, { recursive: true })
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
}

describe('the outbox in a browser', () => {
  it('shows how many messages there are in each state, and those of one state', async () => {
    await fill()
    await page.goto(url)
    await page.getByRole('heading', { name: 'Outbox' }).waitFor()
    expect(await page.locator('#count').innerText()).toBe('6 messages, the oldest due for 3 min')
    expect(await page.getByRole('row', { name: /^Dead/ }).innerText()).toMatch(
      /Dead\s+1\s+Nobody tries it again/,
    )
    await picture('outbox')
    await choose(/^Dead 1/)
    await expect.poll(() => rows().count()).toBe(1)
    expect(await rows().first().innerText()).toMatch(
      /ann@example\.com, kim@example\.org[^]*Your order of 3 teas[^]*Dead[^]*rcpt-to\/mailbox-unknown/,
    )
    await choose(/^All 6/)
    await expect.poll(() => rows().count()).toBe(6)
    await page.goBack()
    await expect.poll(() => rows().count()).toBe(1)
  })

  it('shows a message: why it failed, the conversation, recipients and details', async () => {
    await fill()
    await page.goto(url)
    await page.getByText('Your order of 3 teas').click()
    await page.getByText('What to do').waitFor()
    expect(await page.locator('.failure').innerText()).toMatch(
      /rcpt-to\/mailbox-unknown[^]*550 5\.1\.1 <kim@example\.org> No such user here/,
    )
    await picture('outbox-dead')
    await view('Conversation')
    await expect
      .poll(() => page.locator('tr.failed').allInnerTexts())
      .toEqual([
        expect.stringContaining('RCPT TO:<kim@example.org>'),
        expect.stringMatching(/No such user here\s+failed here/),
      ])
    await view('Recipients')
    await page.getByRole('row', { name: 'kim@example.org refused' }).waitFor()
    await page.getByRole('row', { name: 'ann@example.com accepted' }).waitFor()
    await view('Details')
    await page.getByText('order-1042').waitFor()
  })

  it('shows the content of a message, if the page is told so', async () => {
    const id = await enqueue({
      subject: 'New password',
      html: '<h1>Your link</h1><script>top.hacked=1</script>',
      attachments: [{ filename: 'Menu.pdf', content: 'A menu' }],
    })
    stopServing()
    await serve(outboxPage(box, { authorize: () => true, content: true }))
    await page.goto(`${url}?mail=${id}`)
    await view('Message')
    const frame = page.frameLocator('iframe')
    await frame.getByRole('heading', { name: 'Your link' }).waitFor()
    expect((await page.locator('iframe').boundingBox())!.height).toBeGreaterThan(200)
    expect(await faults()).toEqual([])
    await view('Phone')
    await expect.poll(async () => (await page.locator('iframe').boundingBox())?.width).toBe(375)
    await view('Attachments (1)')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Menu.pdf' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('Menu.pdf')
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
  })

  it('sends a dead message again, after a question', async () => {
    const { dead } = await fill()
    await page.goto(url)
    await page.getByText('Your order of 3 teas').click()
    await page.getByRole('link', { name: 'Send now' }).click()
    await page.getByRole('heading', { name: 'Send it now?' }).waitFor()
    await expect.poll(focused).toBe('ask')
    expect(await page.locator('#ask').innerText()).toMatch(
      /only to those who have not got it: kim@example\.org/,
    )
    await page.getByRole('link', { name: 'Cancel' }).click()
    await expect.poll(() => page.locator('#ask').count()).toBe(0)
    expect((await box.get(dead))!.state).toBe('dead')
    await page.getByRole('link', { name: 'Send now' }).click()
    await page.getByRole('button', { name: 'Send now' }).click()
    await page.getByText('It goes out as soon as a worker is free.').waitFor()
    await expect.poll(focused).toBe('notice')
    expect(await state()).toBe('Waiting')
    await expect.poll(() => page.url()).not.toContain('done')
  })

  it('settles what is in doubt: it arrived', async () => {
    const { doubt } = await fill()
    await page.goto(url)
    await choose(/^In doubt/)
    await page.getByText('New password').click()
    await page.getByRole('link', { name: 'It arrived' }).click()
    await page.getByRole('heading', { name: 'Do you know that it arrived?' }).waitFor()
    await page.getByRole('button', { name: 'It arrived' }).click()
    await page.getByText('Those who were in doubt have it now, as you said.').waitFor()
    expect(await state()).toBe('Sent')
    expect(await rows().count()).toBe(0)
    expect((await box.get(doubt))!.state).toBe('sent')
  })

  it('settles what is in doubt: it did not arrive', async () => {
    const { doubt } = await fill()
    await page.goto(`${url}?mail=${doubt}`)
    await page.getByRole('link', { name: 'It did not arrive' }).click()
    await page.getByText('If it did arrive, they get it twice: noor@example.com').waitFor()
    await picture('outbox-in-doubt')
    await page.getByRole('button', { name: 'It did not arrive' }).click()
    await page.getByText('It goes out as soon as a worker is free.').waitFor()
    expect((await box.get(doubt))!.state).toBe('waiting')
  })

  it('discards', async () => {
    const { later } = await fill()
    await page.goto(`${url}?mail=${later}`)
    await page.getByRole('link', { name: 'Discard', exact: true }).click()
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.getByText('It is discarded. Nobody sends it any more.').waitFor()
    expect((await box.get(later))!.state).toBe('discarded')
  })

  it('says that a message changed before the button was pressed', async () => {
    const { dead } = await fill()
    await page.goto(`${url}?mail=${dead}&ask=retry`)
    await box.discard(dead)
    await page.getByRole('button', { name: 'Send now' }).click()
    await page.getByText('Nothing was changed, because the message has changed in the meantime.').waitFor()
    expect(await state()).toBe('Discarded')
  })

  it('says that it was not done if the server refuses or is gone', async () => {
    const { dead } = await fill()
    stopServing()
    let isAllowed = true
    await serve(outboxPage(box, { authorize: () => isAllowed }))
    await page.goto(`${url}?mail=${dead}&ask=retry`)
    isAllowed = false
    await page.getByRole('button', { name: 'Send now' }).click()
    await page.getByText('It was not done. You may not see this page.').waitFor()
    stopServing()
    await page.getByRole('button', { name: 'Send now' }).click()
    await page.getByText('It was not done. Load this page again.').waitFor()
    expect((await box.get(dead))!.state).toBe('dead')
  })

  it('is live: the list, the counts and the open message', async () => {
    await page.goto(url)
    await page.getByText('appears here by itself').waitFor()
    const id = await enqueue({ subject: 'Fresh' })
    await page.getByText('Fresh').waitFor()
    await page.getByText('Fresh').click()
    await expect.poll(state).toBe('Waiting')
    await page.locator('#message').focus()
    work()
    await expect.poll(state, { timeout: 10_000 }).toBe('Sent')
    expect(await focused()).toBe('message')
    expect(await rows().first().innerText()).toContain('Sent')
    expect((await box.get(id))!.state).toBe('sent')
  })

  it('keeps a question open while other messages change', async () => {
    const { dead } = await fill()
    await page.goto(`${url}?mail=${dead}&ask=retry`)
    await page.getByRole('button', { name: 'Send now' }).focus()
    await enqueue({ subject: 'Fresh' })
    await page.getByText('Fresh').waitFor()
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Send now')
  })

  it('can be used with the keyboard only', async () => {
    const { dead } = await fill()
    await page.goto(`${url}?state=dead`)
    await page.keyboard.press('j')
    await page.getByRole('heading', { name: 'Your order of 3 teas' }).waitFor()
    await page.getByRole('link', { name: 'Send now' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('ask')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('notice')
    expect((await box.get(dead))!.state).toBe('waiting')
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { name: 'Outbox' }).waitFor()
  })

  it('works without its script', async () => {
    const { dead, doubt } = await fill()
    const plain = await browser.newContext({ javaScriptEnabled: false })
    const quiet = await plain.newPage()
    await quiet.goto(url)
    await quiet.getByRole('group', { name: 'Show' }).getByRole('link', { name: /^Dead/ }).click()
    await quiet.getByText('Your order of 3 teas').click()
    await quiet.getByRole('link', { name: 'Send now' }).click()
    await quiet.getByRole('button', { name: 'Send now' }).click()
    await quiet.getByText('It goes out as soon as a worker is free.').waitFor()
    expect((await box.get(dead))!.state).toBe('waiting')
    await quiet.goto(`${url}?mail=${doubt}&ask=delivered`)
    await box.resolve(doubt, 'delivered')
    await quiet.getByRole('button', { name: 'It arrived' }).click()
    await quiet.getByText('Nothing was changed').waitFor()
    await plain.close()
  })

  it('shows one view at a time on a phone, and nothing wider than the screen', async () => {
    await fill()
    await page.setViewportSize({ width: 390, height: 800 })
    await page.goto(url)
    const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth)
    expect(await width()).toBeLessThanOrEqual(390)
    await picture('outbox-phone')
    await page.getByText('Your order of 3 teas').click()
    await page.getByText('What to do').waitFor()
    expect(await page.locator('#list').isVisible()).toBe(false)
    for (const title of ['Why it failed', 'Recipients', 'Conversation', 'Details']) {
      await view(title)
      await page.locator('nav a[aria-current=page]', { hasText: title }).waitFor()
      expect(await width(), title).toBeLessThanOrEqual(390)
    }
    await page.getByRole('link', { name: 'Discard', exact: true }).click()
    await page.getByRole('button', { name: 'Discard' }).waitFor()
    expect(await width()).toBeLessThanOrEqual(390)
    await page.getByText('All messages').click()
    await rows().first().waitFor({ state: 'visible' })
  })

  it.each(['light', 'dark'] as const)(
    'is accessible: axe finds no fault in the %s',
    { timeout: 120_000 },
    async (colorScheme) => {
      const { dead, doubt } = await fill()
      await page.emulateMedia({ colorScheme })
      await page.goto(url)
      expect(await faults()).toEqual([])
      for (const path of [
        `?state=dead`,
        `?state=discarded`,
        ...['failure', 'people', 'conversation', 'details'].map((name) => `?mail=${dead}&view=${name}`),
        ...['delivered', 'not-delivered', 'discard'].map((ask) => `?mail=${doubt}&ask=${ask}`),
        `?mail=${dead}&done=discard`,
        `?mail=${dead}&late=discard`,
        `?mail=gone`,
      ]) {
        await page.goto(url + path)
        expect(await faults(), path).toEqual([])
      }
      await page.goto(`${url}?mail=${doubt}`)
      if (colorScheme === 'dark') await picture('outbox-dark')
    },
  )

  it('goes from the mails to the outbox and back', async () => {
    await fill()
    stopServing()
    await serve(inbox(memoryStore(), { outbox: box, authorize: () => true }))
    await page.goto(url)
    expect(await faults()).toEqual([])
    await page.getByRole('link', { name: 'Outbox' }).click()
    await page.getByText('New password').click()
    await expect.poll(state).toBe('In doubt')
    await page.getByRole('link', { name: 'Discard', exact: true }).click()
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.getByText('It is discarded.').waitFor()
    expect(page.url()).toContain('/outbox/?')
    await page.getByRole('link', { name: 'Mails' }).click()
    await page.getByRole('heading', { name: 'No mail yet' }).waitFor()
  })

  it('shows names, subjects and replies as text', async () => {
    const hack = '"><script>top.hacked=1</script><img src=x onerror=top.hacked=1>'
    const id = await enqueue({
      subject: hack,
      to: 'kim@example.org',
      idempotencyKey: '"><script>top.hacked=1</script>',
    })
    work()
    await expect.poll(async () => (await box.get(id))?.state).toBe('dead')
    await page.goto(`${url}?mail=${id}`)
    for (const title of ['Recipients', 'Conversation', 'Details']) {
      await view(title)
      await page.locator('nav a[aria-current=page]', { hasText: title }).waitFor()
    }
    await page.getByRole('link', { name: 'Discard', exact: true }).click()
    await page.locator('#ask').waitFor()
    expect(await page.locator('#subject').innerText()).toBe(hack)
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
  })
})
