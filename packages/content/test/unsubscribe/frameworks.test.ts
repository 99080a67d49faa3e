import express from 'express'
import express4 from 'express4'
import { describe, expect, it } from 'vitest'
import {
  unsubscribeHandler,
  unsubscribeWebHandler,
  type UnsubscribeOptions,
  type Unsubscribing,
} from '../../src/unsubscribe/index.ts'
import { FORM, links, listen, ONE_CLICK, oneClick, pathOf } from './unsubscribe-server.ts'

const MULTIPART = 'multipart/form-data; boundary=x'
const PARTS = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
const ANN = { address: 'ann@rcpt.example', list: 'newsletter', oneClick: true }
const quiet: UnsubscribeOptions = { onProblem: () => {} }

describe.each([
  ['5', express],
  ['4', express4],
])('Express %s', (_version, framework) => {
  const start = (): { app: express.Express; told: Unsubscribing[]; handler: express.RequestHandler } => {
    const told: Unsubscribing[] = []
    return { app: framework(), told, handler: unsubscribeHandler(links, (each) => told.push(each), quiet) }
  }

  it.each<[string, () => express.RequestHandler]>([
    ['express.urlencoded({ extended: false })', () => framework.urlencoded({ extended: false })],
    ['express.urlencoded({ extended: true })', () => framework.urlencoded({ extended: true })],
    ['express.json()', () => framework.json()],
    ['express.text()', () => framework.text({ type: '*/*' })],
    ['express.raw()', () => framework.raw({ type: '*/*' })],
    ['nothing', () => (_request, _response, next) => next()],
  ])('behind %s', async (_name, parser) => {
    const { app, told, handler } = start()
    app.use(parser())
    app.all('/unsubscribe', handler)
    const url = (await listen(app)) + pathOf()
    expect((await fetch(url)).status).toBe(200)
    expect(told).toEqual([])
    expect((await oneClick(url)).status).toBe(200)
    expect((await oneClick(url, MULTIPART, PARTS)).status).toBe(200)
    expect(told).toEqual([ANN, ANN])
    expect((await oneClick(url, FORM, 'unsubscribe=confirm')).status).toBe(200)
    expect(told[2]).toEqual({ ...ANN, oneClick: false })
    expect((await oneClick(url, FORM, 'a=b')).status).toBe(400)
    expect((await oneClick(url, FORM, '__proto__[List-Unsubscribe]=One-Click')).status).toBe(400)
    expect((await oneClick(url, 'application/json', '{"List-Unsubscribe":"One-Click"}')).status).toBe(415)
    expect(told).toHaveLength(3)
  })

  it('before express.json(), and other routes still have JSON', async () => {
    const { app, told, handler } = start()
    app.all('/unsubscribe', handler)
    app.use(framework.json())
    app.post('/orders', (request, response) => void response.json(request.body))
    const url = await listen(app)
    expect((await oneClick(url + pathOf())).status).toBe(200)
    expect(told).toEqual([ANN])
    expect(await (await oneClick(`${url}/orders`, 'application/json', '{"a":1}')).json()).toEqual({ a: 1 })
  })

  it('in a router below a path', async () => {
    const { app, told, handler } = start()
    const router = framework.Router()
    router.use('/unsubscribe', handler)
    app.use('/mail', router)
    const url = await listen(app)
    expect((await oneClick(`${url}/mail${pathOf()}`)).status).toBe(200)
    expect(told).toEqual([ANN])
  })

  it('says what to do if somebody read the body and left nothing', async () => {
    const { app, told, handler } = start()
    app.use((request, _response, next) => void request.resume().on('end', next))
    app.all('/unsubscribe', handler)
    const answer = await oneClick((await listen(app)) + pathOf())
    expect([answer.status, (await answer.text()).includes('express.urlencoded()')]).toEqual([400, true])
    expect(told).toEqual([])
  })

  it('takes only fields that the body has itself, also if it has one several times', async () => {
    const { app, told, handler } = start()
    let body: object = {}
    app.use((request, _response, next) => {
      request.resume().on('end', () => next(Object.assign(request, { body }) && undefined))
    })
    app.all('/unsubscribe', handler)
    const url = (await listen(app)) + pathOf()
    body = Object.create({ 'List-Unsubscribe': 'One-Click' }) as object
    expect((await oneClick(url)).status).toBe(400)
    expect(told).toEqual([])
    body = { 'List-Unsubscribe': ['a', 'One-Click'] }
    expect((await oneClick(url)).status).toBe(200)
    expect(told).toEqual([ANN])
  })

  it('bounds a body that a parser has read', async () => {
    const { app, told } = start()
    const small = unsubscribeHandler(links, (each) => told.push(each), { maxBytes: 10, ...quiet })
    app.all('/unsubscribe', framework.raw({ type: '*/*' }), small)
    expect((await oneClick((await listen(app)) + pathOf())).status).toBe(413)
    expect(told).toEqual([])
  })
})

it('takes the body that Nest keeps with rawBody: true', async () => {
  const told: Unsubscribing[] = []
  const handler = unsubscribeHandler(links, (each) => told.push(each), quiet)
  const url = await listen((request, response) => {
    request.on('data', (rawBody: Buffer) => Object.assign(request, { rawBody }))
    request.on('end', () => handler(request, response))
  })
  expect((await oneClick(url + pathOf())).status).toBe(200)
  expect(told).toEqual([ANN])
})

describe('the Request of the web platform', () => {
  const told: Unsubscribing[] = []
  const handle = unsubscribeWebHandler(links, (each) => void told.push(each), quiet)
  const request = (init?: RequestInit, path = pathOf()): Request =>
    new Request(`https://example.com${path}`, init)
  const form = (type: string, body: string): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': type },
    body,
  })

  it('is answered', async () => {
    told.length = 0
    const asked = await handle(request())
    expect([asked.status, (await asked.text()).includes('<form method="post">')]).toEqual([200, true])
    expect(told).toEqual([])
    for (const [type, body] of [
      [FORM, ONE_CLICK],
      [MULTIPART, PARTS],
    ] as const) {
      const answer = await handle(request(form(type, body)))
      expect([answer.status, answer.redirected]).toEqual([200, false])
    }
    const ofBrowser = new FormData()
    ofBrowser.set('unsubscribe', 'confirm')
    expect((await handle(request({ method: 'POST', body: ofBrowser }))).status).toBe(200)
    expect(told).toEqual([ANN, ANN, { ...ANN, oneClick: false }])
    expect(await (await handle(request({ method: 'HEAD' }))).text()).toBe('')
  })

  it.each<[number, () => Request | Promise<Request>]>([
    [400, () => request(undefined, '/unsubscribe?token=forged')],
    [400, () => request(form(FORM, 'a=b'))],
    [405, () => request({ method: 'PUT', body: ONE_CLICK })],
    [413, () => request(form(FORM, 'a'.repeat(20_000)))],
    [415, () => request(form('text/plain', ONE_CLICK))],
    [
      400,
      async () => {
        const read = request(form(FORM, ONE_CLICK))
        await read.text()
        return read
      },
    ],
  ])('is refused with %i (%#)', async (status, make) => {
    told.length = 0
    expect((await handle(await make())).status).toBe(status)
    expect(told).toEqual([])
  })

  it('is refused if its body does not come', async () => {
    const never = new ReadableStream({ pull: () => new Promise<never>(() => {}) })
    const slow = unsubscribeWebHandler(links, () => {}, { bodyTimeoutMs: 10, ...quiet })
    const init = { method: 'POST', headers: { 'content-type': FORM }, body: never, duplex: 'half' }
    expect((await slow(request(init as RequestInit))).status).toBe(408)
  })
})
