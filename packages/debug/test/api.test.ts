import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Mailer, type MessageInput } from '@loudmail/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { debug, folderStore, inbox, memoryStore, startInbox, type MailStore } from '../src/index.ts'

const defaults = {
  from: 'Jürgen <j@shop.example>',
  to: 'Ann <ann@rcpt.example>',
  subject: 'Hello',
  text: 'Hi',
}

interface Answered {
  readonly status: number
  readonly type: string | null
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** An inbox with mails, and a function that asks its API. */
async function running(inputs: readonly Partial<MessageInput>[] = [{}], store: MailStore = memoryStore()) {
  const mailer = new Mailer({
    transport: debug({ store }),
    defaults,
    failure: 'silent',
    observe: (event) => void event.error,
  })
  const send = (input: Partial<MessageInput>) => mailer.send(input)
  for (const input of inputs) await send(input)
  const own = await startInbox(store)
  onTestFinished(async () => {
    await own.close()
    await mailer.close()
  })
  const ask = async (path: string, init?: RequestInit): Promise<Answered> => {
    const response = await fetch(new URL(path, own.url), init)
    const body = await response.text()
    const type = response.headers.get('content-type')
    return { status: response.status, type, body: type?.includes('json') && body ? JSON.parse(body) : body }
  }
  return { store, send, own, ask }
}

const subjects = ({ body }: Answered): string[] =>
  body.mails.map(({ subject }: { subject: string }) => subject)

describe('GET api/mails', () => {
  const MAILS = [
    { subject: 'One', to: 'ann@rcpt.example' },
    { subject: 'Two', to: 'Bob <BOB@rcpt.example>', bcc: 'carol@rcpt.example', text: 'A needle' },
    { subject: 'Three', to: 'fail+rcpt-to.mailbox-full@example.test' },
    { subject: 'Four', to: 'dave at rcpt.example' },
  ]

  it('lists what was sent and what failed, the newest first, with the addresses of more', async () => {
    const { ask, own } = await running(MAILS)
    const listed = await ask('api/mails')
    expect(listed).toMatchObject({ status: 200, type: 'application/json', body: { total: 4 } })
    expect(listed.body.mails[3]).toMatchObject({
      id: '000000001',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      state: 'captured',
      from: 'Jürgen <j@shop.example>',
      to: ['ann@rcpt.example'],
      envelope: { from: 'j@shop.example', to: ['ann@rcpt.example'] },
      subject: 'One',
      url: `${own.url}api/mails/000000001`,
      pageUrl: `${own.url}?mail=000000001`,
    })
    expect(listed.body.mails[0]).toMatchObject({ state: 'failed', code: 'compose/invalid-address' })
  })

  it.each([
    ['', ['Four', 'Three', 'Two', 'One'], 4],
    ['?search=needle', ['Two'], 1],
    ['?search=mailbox-full', ['Three'], 1],
    ['?to=ann@rcpt.example', ['One'], 1],
    ['?to=bob@RCPT.example', ['Two'], 1],
    ['?to=carol%40rcpt.example', ['Two'], 1],
    ['?to=rcpt.example', [], 0],
    ['?to=dave+at+rcpt.example', ['Four'], 1],
    ['?failed=true', ['Four', 'Three'], 2],
    ['?failed=1&search=Three', ['Three'], 1],
    ['?failed=false', ['Four', 'Three', 'Two', 'One'], 4],
    ['?limit=1', ['Four'], 4],
    ['?limit=0', [], 4],
    ['?before=000000002', ['One'], 4],
    ['?after=000000003', ['Four'], 4],
    ['?after=000000001&before=000000004&limit=1', ['Three'], 4],
  ])('finds %s', async (query, found, total) => {
    for (const slash of ['', '/']) {
      const { ask } = await running(MAILS)
      const listed = await ask(`api/mails${slash}${query}`)
      expect(subjects(listed)).toEqual(found)
      expect(listed.body.total).toBe(total)
    }
  })

  it.each([
    ['?limit=x', /limit must be a whole number from 0 to 1000/],
    ['?limit=1001', /limit must be/],
    ['?limit=-1', /limit must be/],
    ['?wait=60001', /wait must be a whole number from 0 to 60000 \(ms\)/],
    ['?failed=yes', /failed must be true or false/],
    ['?query=x', /no parameter "query", only search, to, failed/],
  ])('says what is wrong with %s', async (query, detail) => {
    const { ask } = await running([])
    for (const path of ['api/mails', 'api/mails/latest'])
      expect(await ask(path + query)).toMatchObject({
        status: 400,
        type: 'application/problem+json',
        body: {
          type: 'about:blank',
          title: 'Bad Request',
          status: 400,
          detail: expect.stringMatching(detail),
        },
      })
  })

  it('names the files that cannot be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'loudmail-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const id = '20260101-000000000-000001-aaaaaaaa'
    writeFileSync(join(folder, `${id}.json`), '{')
    const { ask } = await running([{}], folderStore(folder))
    expect((await ask('api/mails')).body.unreadable).toEqual([
      { id, file: `${id}.json`, reason: 'it is not valid JSON' },
    ])
    expect((await ask(`api/mails/${id}`)).body.detail).toContain('it is not valid JSON')
    expect((await ask(`api/mails/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await ask('api/mails')).body.unreadable).toBeUndefined()
  })
})

describe('a request that waits', () => {
  it('is answered at once if there is a mail', async () => {
    const { ask } = await running()
    expect(subjects(await ask('api/mails?wait=60000'))).toEqual(['Hello'])
  })

  it.each([['memory'], ['a folder']])('is answered as soon as a mail matches: in %s', async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'loudmail-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const { ask, send } = await running([{}], kind === 'memory' ? memoryStore() : folderStore(folder))
    const waiting = ask('api/mails/latest?to=bob@rcpt.example&wait=60000')
    await send({ subject: 'Another' })
    await pause(100)
    await send({ to: 'bob@rcpt.example', subject: 'For Bob' })
    expect((await waiting).body).toMatchObject({ subject: 'For Bob', text: 'Hi\n' })
  })

  it('misses no mail that comes with it', async () => {
    const { ask, send } = await running([])
    for (let n = 0; n < 20; n++) {
      const { body } = await ask('api/mails?limit=1')
      const after = body.mails[0]?.id ?? '0'
      const [found] = await Promise.all([
        ask(`api/mails?after=${after}&wait=5000`),
        send({ subject: `${n}` }),
      ])
      expect(subjects(found)).toEqual([`${n}`])
    }
  })

  it('is answered when its time is over', async () => {
    const { ask } = await running()
    const startedAt = performance.now()
    expect((await ask('api/mails?to=nobody@rcpt.example&wait=300')).body).toEqual({ total: 0, mails: [] })
    expect(performance.now() - startedAt).toBeGreaterThan(280)
    expect(await ask('api/mails/latest?to=nobody@rcpt.example&wait=50')).toMatchObject({
      status: 404,
      body: { detail: 'No mail matches, and none came within 50 ms.' },
    })
    expect((await ask('api/mails/latest?search=nothing')).body.detail).toBe('No mail matches.')
  })

  it('keeps no server from closing', async () => {
    const server = createServer(inbox(memoryStore())).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const waiting = fetch(`http://127.0.0.1:${port}/api/mails?wait=60000`, {
      headers: { connection: 'close' },
    })
    await once(server, 'request')
    const startedAt = performance.now()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(await (await waiting).json()).toEqual({ total: 0, mails: [] })
  })

  it('ends when the other side hangs up', async () => {
    let listeners = 0
    const store = memoryStore()
    const counting: MailStore = {
      ...store,
      subscribe(listener) {
        listeners++
        const stop = store.subscribe(listener)
        return () => {
          listeners--
          stop()
        }
      },
    }
    const { own } = await running([], counting)
    const socket = connect(own.port, '127.0.0.1')
    socket.write('GET /api/mails?wait=60000 HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await expect.poll(() => listeners).toBe(1)
    socket.destroy()
    await expect.poll(() => listeners).toBe(0)
  })
})

describe('GET api/mails/:id', () => {
  it('has everything that is known of a mail', async () => {
    const { ask, own } = await running([
      {
        subject: 'Grüße',
        html: '<p>Hi <img src="cid:logo"></p>',
        headers: { 'X-Tea': 'Grün' },
        attachments: [
          { filename: 'logo.png', contentId: 'logo', content: Buffer.from('PNG!') },
          { filename: 'Menü.pdf', content: Buffer.from([0, 255, 13, 10]) },
        ],
      },
    ])
    const { status, type, body } = await ask('api/mails/000000001')
    expect([status, type]).toEqual([200, 'application/json'])
    expect(body).toMatchObject({
      id: '000000001',
      subject: 'Grüße',
      text: 'Hi\n',
      html: '<p>Hi <img src="cid:logo"></p>\n',
      attachments: [
        { filename: 'logo.png', type: 'image/png', size: 4, contentId: 'logo', inline: true },
        { filename: 'Menü.pdf', type: 'application/pdf', size: 4, inline: false },
      ],
    })
    expect(body.headers).toContainEqual({
      name: 'X-Tea',
      value: 'Grün',
      raw: expect.stringMatching(/^=\?utf-8\?.*\?=$/i),
    })
    expect(body.transcript.map(({ text }: { text: string }) => text).join('\n')).toMatch(
      /EHLO[^]*DATA[^]*250/,
    )
    expect(body.error).toBeUndefined()

    const file = await fetch(body.attachments[1].url)
    expect(Buffer.from(await file.arrayBuffer())).toEqual(Buffer.from([0, 255, 13, 10]))
    expect(file.headers.get('content-disposition')).toContain('attachment')
    expect(body.sourceUrl).toBe(`${own.url}api/mails/000000001/source`)
    expect(await (await fetch(body.sourceUrl)).text()).toMatch(/^Date: [^]*multipart\/mixed/)
    expect(await (await fetch(body.pageUrl)).text()).toContain('Grüße')
  })

  it('says why a send failed', async () => {
    const { ask } = await running([
      { to: 'fail+rcpt-to.mailbox-full@example.test' },
      { to: 'bob', text: 'Hi' },
    ])
    const refused = await ask('api/mails/000000001')
    expect(refused.body).toMatchObject({
      state: 'failed',
      error: {
        code: 'rcpt-to/mailbox-full',
        delivered: 'none',
        hint: expect.stringContaining('Try again'),
        reply: { code: 452 },
        recipients: [{ status: 'rejected' }],
      },
    })
    const unbuilt = await ask('api/mails/000000002')
    expect(unbuilt.body).toMatchObject({
      error: { code: 'compose/invalid-address' },
      problem: 'the message could not be built',
      text: 'Hi',
      headers: [],
    })
    expect(unbuilt.body.sourceUrl).toBeUndefined()
    expect(await ask('api/mails/000000002/source')).toMatchObject({
      status: 404,
      body: { detail: 'This mail has no source: the message could not be built.' },
    })
  })

  it.each([
    ['api', 404, 'The API begins at api/mails'],
    ['api/', 404, 'The API begins at api/mails'],
    ['api/mail', 404, 'The API begins at api/mails'],
    ['api/mails/000000001/html', 404, 'The API begins at api/mails'],
    ['api/mails/..%2f..', 404, 'The API begins at api/mails'],
    ['api/mails/7', 404, 'There is no such mail'],
    ['api/mails/7/source', 404, 'There is no such mail'],
    ['api/mails/000000001/attachments/0', 404, 'There is no such attachment'],
  ])('%s is %d', async (path, status, detail) => {
    const { ask } = await running()
    expect(await ask(path)).toMatchObject({
      status,
      type: 'application/problem+json',
      body: { status, title: 'Not Found', detail: expect.stringContaining(detail) },
    })
  })
})

describe('DELETE', () => {
  it('api/mails/:id deletes one, and api/mails all', async () => {
    const { ask, store } = await running([{ subject: 'One' }, { subject: 'Two' }, { subject: 'Three' }])
    expect(await ask('api/mails/000000002', { method: 'DELETE' })).toEqual({
      status: 204,
      type: 'application/json',
      body: '',
    })
    expect((await store.list()).mails.map(({ subject }) => subject)).toEqual(['Three', 'One'])
    expect((await ask('api/mails/000000002', { method: 'DELETE' })).status).toBe(404)
    expect((await ask('api/mails', { method: 'DELETE' })).status).toBe(204)
    expect((await store.list()).total).toBe(0)
  })

  it.each([
    ['POST', 'api/mails', 'GET, HEAD, DELETE'],
    ['PUT', 'api/mails/000000001', 'GET, HEAD, DELETE'],
    ['DELETE', 'api/mails/latest', 'GET, HEAD'],
    ['DELETE', 'api/mails/000000001/source', 'GET, HEAD'],
  ])('%s %s cannot be used', async (method, path, allow) => {
    const { ask, own, store } = await running()
    const response = await fetch(own.url + path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
    expect((await ask(path, { method })).body).toMatchObject({ title: 'Method Not Allowed' })
    expect((await store.list()).total).toBe(1)
  })

  it.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:9' }],
    ['a page without a name', { origin: 'null' }],
    ['a page that hides where it is', { 'sec-fetch-site': 'cross-site' }],
  ])('is refused to %s', async (_what, headers) => {
    const { ask, store } = await running()
    for (const path of ['api/mails', 'api/mails/000000001'])
      expect(await ask(path, { method: 'DELETE', headers })).toMatchObject({
        status: 403,
        type: 'application/problem+json',
        body: { detail: expect.stringContaining('no requests from pages of other sites') },
      })
    expect((await store.list()).total).toBe(1)
  })

  it('is open to the page itself', async () => {
    const { ask, own } = await running()
    const headers = { origin: own.url.slice(0, -1), 'sec-fetch-site': 'same-origin' }
    expect((await ask('api/mails', { method: 'DELETE', headers })).status).toBe(204)
  })
})

describe('the API', () => {
  it('answers no other machine, and no other page', async () => {
    const { ask, own } = await running()
    expect(await ask('api/mails', { headers: { 'x-forwarded-for': '192.0.2.7' } })).toMatchObject({
      status: 403,
      type: 'application/problem+json',
      body: { title: 'Forbidden' },
    })
    const { headers } = await fetch(`${own.url}api/mails`, { headers: { origin: 'https://evil.example' } })
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('tells of a store that cannot be read', async () => {
    const { ask } = await running([], {
      ...memoryStore(),
      list: () => Promise.reject(new Error('the disk is gone')),
    })
    expect(await ask('api/mails')).toMatchObject({
      status: 500,
      type: 'application/problem+json',
      body: { detail: expect.stringContaining('the disk is gone') },
    })
  })

  it('stands under the path of the inbox, and its addresses too', async () => {
    const { store } = await running()
    const handler = inbox(store, { path: '/dev/mail' })
    const server = createServer((request, response) =>
      handler(request, response, () => response.end('the app')),
    )
    onTestFinished(() => void server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const base = `http://localhost:${(server.address() as AddressInfo).port}/dev/mail/`
    const body = (await (await fetch(`${base}api/mails`)).json()) as {
      mails: { url: string; pageUrl: string }[]
    }
    expect(body.mails[0]).toMatchObject({
      url: `${base}api/mails/000000001`,
      pageUrl: `${base}?mail=000000001`,
    })
    expect((await fetch(body.mails[0]!.url)).status).toBe(200)
    expect(await (await fetch(new URL('/api/mails', base))).text()).toBe('the app')
  })
})
