// What a page of another site can do to the inbox of a developer who visits it.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inbox, memoryStore } from '@loudmail/debug'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { previews } from '../../packages/content/src/previews/index.ts'
import { openBrowser } from '../src/open-browser.ts'
import { startTrap, type Trap } from '../src/trap.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkmM9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const SAMPLE = 'previews/mails/welcome/default'

let browser: Browser
let linked: Trap
let foreign: Trap
let http: Server
let asked: string[]
let url: string
let page: Page

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

beforeEach(async () => {
  linked = await startTrap()
  foreign = await startTrap()
  const logo = { filename: 'logo.png', content: Buffer.from(PNG, 'base64'), contentId: 'logo' }
  const welcome = {
    subject: 'Tea',
    html: `<title>Tea</title><img src="cid:logo" alt=""><a href="${linked.url}/confirm">Tea</a>`,
    attachments: [logo],
  }
  asked = []
  const handler = inbox(memoryStore(), { previews: previews({ welcome }) })
  http = createServer((request, response) => {
    asked.push(request.url!)
    handler(request, response)
  })
  await once(http.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
  page = await browser.newPage()
  // Another port is another origin of the same site, which is nearer than any other site.
  await page.goto(foreign.url)
})

afterEach(async () => {
  await page.close()
  http.close()
  http.closeAllConnections()
  await linked[Symbol.asyncDispose]()
  await foreign[Symbol.asyncDispose]()
})

it.each([
  ['reads no sample', 'fetch', 'previews/api/samples/welcome/default'],
  ['hears of no change', 'EventSource', 'previews/events'],
  ['shows no image of a sample', 'img', `${SAMPLE}/images/0`],
  ['runs no script', 'script', 'previews/previews.js'],
])('a page of another site %s', async (_, how, path) => {
  const found = page.evaluate(
    async ([kind, address]) => {
      if (kind === 'fetch') return (await fetch(address!).catch(() => undefined)) ? 'read' : 'refused'
      const isStream = kind === 'EventSource'
      const part = isStream
        ? new EventSource(address!)
        : document.body.appendChild(document.createElement(kind!))
      return new Promise((resolve) => {
        part.addEventListener(isStream ? 'open' : 'load', () => resolve('read'))
        part.addEventListener('error', () => resolve('refused'))
        if (part instanceof Element) part.setAttribute('src', address!)
      })
    },
    [how, url + path],
  )
  expect(await found).toBe('refused')
  expect(asked).toEqual([`/${path}`])
})

it.each([
  'previews/',
  'previews/?mail=welcome/default',
  `${SAMPLE}/html`,
  `${SAMPLE}/axe`,
  `${SAMPLE}/source`,
])('a page of another site shows it in no frame: %s', async (path) => {
  await page.evaluate(
    (address) =>
      new Promise((resolve) => {
        const frame = document.createElement('iframe')
        frame.addEventListener('load', resolve)
        frame.src = address
        document.body.append(frame)
      }),
    url + path,
  )
  expect(page.frames().map((each) => each.url())).toEqual([
    `${foreign.url}/`,
    'chrome-error://chromewebdata/',
  ])
})

it.each(['previews/check?mail=welcome/default', 'previews/api/samples/welcome/default/check', 'clear'])(
  'a page of another site presses no button: %s',
  async (path) => {
    const answered = page.waitForResponse(url + path)
    await page.evaluate((action) => {
      const form = document.body.appendChild(document.createElement('form'))
      Object.assign(form, { method: 'post', enctype: 'text/plain', action })
      form.submit()
    }, url + path)
    expect((await answered).status()).toBe(403)
    expect(linked.asked).toEqual([])
  },
)

it('a page of another site that opens it in a window loses hold of it', async () => {
  const opened = page.waitForEvent('popup')
  await page.evaluate(
    (address) => void Object.assign(globalThis, { opened: open(address) }),
    `${url}previews/`,
  )
  const popup = await opened
  await popup.waitForURL(`${url}previews/`)
  expect(await popup.evaluate(() => globalThis.opener as unknown)).toBeNull()
  expect(await page.evaluate(() => (globalThis as unknown as { opened: Window }).opened.closed)).toBe(true)
})
