import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { MailError, type RecipientOutcome } from '@loudmail/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  inbox,
  memoryStore,
  outboxPage,
  type OutboxPageOptions,
  type ShownEntry,
  type ShownOutbox,
} from '../src/index.ts'
import { BUSY, GONE, NOBODY, runningOutbox, runningPage, serving } from './running-outbox.ts'

const page = async (url: string): Promise<string> => (await fetch(url)).text()
/** What a browser shows of a page, roughly. */
const words = (body: string): string =>
  body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll(/\s+/g, ' ')
const rows = (body: string): string[] =>
  [...body.matchAll(/<li>\s*<a\s[^>]*data-mail[^]*?<\/li>/g)].map(([row]) => words(row))
const post = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers })

describe('the page of an outbox', () => {
  it('counts the messages in each state, and lists them, the newest first', async () => {
    const { box, url, enqueue, work } = await runningPage()
    const sent = await enqueue({ subject: 'Sent' })
    const dead = await enqueue({ to: NOBODY, subject: 'Dead' })
    const again = await enqueue({ to: BUSY, subject: 'Again' })
    const doubt = await enqueue({ to: GONE, subject: 'In doubt' })
    await work({ [sent]: 'sent', [dead]: 'dead', [again]: 'scheduled', [doubt]: 'in-doubt' })
    const dropped = await enqueue({ subject: 'Dropped' })
    await box.discard(dropped)
    await enqueue({ subject: 'Later' }, { sendAt: new Date(Date.now() + 3_600_000) })
    await enqueue({ subject: 'Due' })
    const body = await page(url)
    const counts = [...body.matchAll(/class="(\w[\w-]*)(?: some)?"[^>]*>[\w ]+<span>(\d+)<\/span>/g)]
    expect(Object.fromEntries(counts.map(([, state, number]) => [state, Number(number)]))).toEqual({
      all: 7,
      waiting: 1,
      scheduled: 2,
      'in-flight': 0,
      'in-doubt': 1,
      dead: 1,
      sent: 1,
      discarded: 1,
    })
    expect(rows(body).map((row) => /(?:Due|Later|Dropped|In doubt|Again|Dead|Sent)/.exec(row)![0])).toEqual([
      'Due',
      'Later',
      'Dropped',
      'In doubt',
      'Again',
      'Dead',
      'Sent',
    ])
    expect(rows(await page(`${url}?state=dead`))).toEqual([
      expect.stringMatching(/nobody@rcpt\.example .*Dead Dead rcpt-to\/mailbox-unknown 1 attempt/),
    ])
    expect(rows(await page(`${url}?state=scheduled`))).toEqual([
      expect.stringMatching(/Later Scheduled not tried yet, goes out \d/),
      expect.stringMatching(/Again Scheduled rcpt-to\/\S+ 1 attempt, again \d/),
    ])
    expect(rows(await page(`${url}?state=nonsense`))).toHaveLength(7)
  })

  it('says how long the oldest message has been waiting', async () => {
    const { url, enqueue } = await runningPage()
    expect(words(await page(url))).toContain('No message that is due is waiting.')
    await enqueue({}, { sendAt: new Date(Date.now() - 7_500_000) })
    expect(words(await page(url))).toMatch(/oldest message that is due has been waiting for 2 h 5 min/)
  })

  it('reads one page of a list, not more', async () => {
    const { box, enqueue } = await runningOutbox()
    for (let n = 1; n <= 120; n++) await enqueue({ subject: `Tea ${n}.` })
    let read = 0
    const counting: ShownOutbox = {
      ...box,
      async *list(options) {
        for await (const entry of box.list(options)) {
          read++
          yield entry
        }
      },
    }
    const url = await serving(outboxPage(counting, { authorize: () => true }))
    const pages: string[][] = []
    let next: string | undefined = url
    while (next !== undefined) {
      const body = await page(next)
      pages.push(rows(body))
      const [, older] = /<a\s+href="([^"]*)"\s+rel="next"/.exec(body) ?? []
      next = older && new URL(older.replaceAll('&amp;', '&'), url).href
    }
    expect(pages.map(({ length }) => length)).toEqual([50, 50, 20])
    expect(read).toBe(51 + 51 + 20)
    expect(pages[2]!.at(-1)).toContain('Tea 1.')
  })

  it('shows a message: who got it, why it failed, the conversation, and what it is called', async () => {
    const { url, enqueue, work } = await runningPage()
    const id = await enqueue({
      to: ['bob@rcpt.example', NOBODY],
      messageId: '<tea-1@sender.example>',
      idempotencyKey: 'order-1',
    })
    await work({ [id]: 'dead' })
    const body = words(await page(`${url}?mail=${id}`))
    for (const part of [
      'ann@sender.example',
      'bob@rcpt.example, nobody@rcpt.example',
      '<tea-1@sender.example>',
      'rcpt-to/mailbox-unknown',
      'What to do',
      '550 5.1.1 <b>No</b> such user here',
    ])
      expect(body).toContain(part)
    expect(words(await page(`${url}?mail=${id}&view=people`))).toMatch(
      /nobody@rcpt\.example refused .*bob@rcpt\.example accepted/,
    )
    expect(words(await page(`${url}?mail=${id}&view=conversation`))).toMatch(
      /Client RCPT TO:<nobody@rcpt\.example>.*550 5\.1\.1 <b>No<\/b> such user here failed here/,
    )
    const details = words(await page(`${url}?mail=${id}&view=details`))
    for (const part of [id, 'order-1', 'Priority 0', 'Given up at']) expect(details).toContain(part)
  })

  it('shows each of several failures, the last one first', async () => {
    const { box, url, enqueue, work } = await runningPage()
    const id = await enqueue({ to: [BUSY, NOBODY] })
    await work({ [id]: 'scheduled' })
    await box.retry(id)
    await work({ [id]: 'scheduled' })
    await expect.poll(async () => (await box.get(id))!.failures.length).toBe(2)
    const last = await page(`${url}?mail=${id}&view=conversation`)
    expect(last).not.toContain('RCPT TO:&lt;nobody@rcpt.example&gt;')
    const first = await page(`${url}?mail=${id}&view=conversation&failure=0`)
    expect(first).toContain('RCPT TO:&lt;nobody@rcpt.example&gt;')
    expect(first).toMatch(/failure=0"\s+aria-current="true"\s*>rcpt-to\/mixed</)
    expect((await fetch(`${url}?mail=${id}&failure=99`)).status).toBe(200)
  })

  it('shows who is still to get a message that nobody tried', async () => {
    const { url, enqueue } = await runningPage()
    const id = await enqueue({ to: ['bob@rcpt.example', 'eve@rcpt.example'] })
    expect(words(await page(`${url}?mail=${id}`))).toMatch(
      /bob@rcpt\.example not tried .*eve@rcpt\.example not tried/,
    )
  })

  it('says of a subject that it is not known: it may be encrypted', async () => {
    const { url, enqueue } = await runningPage()
    const id = await enqueue({ subject: undefined })
    expect(words(await page(`${url}?mail=${id}`)).match(/\(subject not known\)/g)).toHaveLength(2)
  })

  it('says that a message is gone', async () => {
    const { url } = await runningPage()
    const gone = await fetch(`${url}?mail=01a21e35-cd66-7000-bda8-fb7d08b02408`)
    expect(gone.status).toBe(404)
    expect(await gone.text()).toContain('This message is not in the outbox any more.')
  })

  it.each([
    ['GET', 'nothing', 404],
    ['GET', 'entries/x/retry', 405],
    ['POST', '', 405],
    ['POST', 'entries/x/drop', 405],
    ['GET', 'inbox.css', 200],
    ['GET', 'constructor.js', 404],
  ])('%s %s is %d', async (method, path, status) => {
    const { url } = await runningPage()
    expect((await fetch(url + path, { method })).status).toBe(status)
  })
})

describe('an action', () => {
  /** Follows the link of an action, and sends the form that it leads to. */
  async function confirm(url: string, path: string, title: string): Promise<string> {
    const ask = await page(url + path)
    const links = [...ask.matchAll(/<a class="button" href="([^"]*)"\s*>([^<]*)</g)]
    const [, link] = links.find(([, , label]) => label === title)!
    const form = await page(new URL(link!.replaceAll('&amp;', '&'), url).href)
    const [, action] = /<form method="post" action="([^"]*)">/.exec(form)!
    const done = await post(new URL(action!.replaceAll('&amp;', '&'), url).href)
    expect([done.status, new URL(done.url).pathname]).toEqual([200, '/'])
    return done.text()
  }

  it('sends a dead message again, to those who did not get it', async () => {
    const { box, server, url, enqueue, work } = await runningPage()
    const id = await enqueue({ to: ['bob@rcpt.example', NOBODY] })
    await work({ [id]: 'dead' })
    const ask = words(await page(`${url}?state=dead&mail=${id}&ask=retry`))
    expect(ask).toMatch(/Send it now\? .* only to those who have not got it: nobody@rcpt\.example Send now/)
    const done = await confirm(url, `?state=dead&mail=${id}`, 'Send now')
    expect(words(done)).toContain('It goes out as soon as a worker is free.')
    expect(done).toMatch(/href="\.\/\?state=dead[^"]*"\s+class="dead"\s+aria-current="true"/)
    expect((await box.get(id))!.state).toBe('waiting')
    await work({ [id]: 'dead' })
    expect(server.messages).toHaveLength(1)
    expect((await box.get(id))!.attempts).toBe(2)
  })

  it('sends a scheduled message now', async () => {
    const { box, url, enqueue, work } = await runningPage()
    const id = await enqueue({}, { sendAt: new Date(Date.now() + 3_600_000) })
    await confirm(url, `?mail=${id}`, 'Send now')
    await work({ [id]: 'sent' })
    expect((await box.get(id))!.state).toBe('sent')
  })

  it('discards a message', async () => {
    const { box, url, enqueue } = await runningPage()
    const id = await enqueue()
    expect(words(await page(`${url}?mail=${id}&ask=discard`))).toContain(
      'These do not get it: bob@rcpt.example',
    )
    const done = await confirm(url, `?mail=${id}`, 'Discard')
    expect(words(done)).toContain('It is discarded. Nobody sends it any more.')
    expect((await box.get(id))!.state).toBe('discarded')
  })

  it('settles a message in doubt that arrived', async () => {
    const { box, server, url, enqueue, work } = await runningPage()
    const id = await enqueue({ to: GONE })
    await work({ [id]: 'in-doubt' })
    await confirm(url, `?mail=${id}`, 'It arrived')
    expect((await box.get(id))!.state).toBe('sent')
    expect(server.messages).toHaveLength(1)
  })

  it('sends a message in doubt again that did not arrive', async () => {
    const { box, server, url, enqueue, work } = await runningPage()
    const id = await enqueue({ to: GONE })
    await work({ [id]: 'in-doubt' })
    const ask = words(await page(`${url}?mail=${id}&ask=not-delivered`))
    expect(ask).toContain('If it did arrive, they get it twice: gone@rcpt.example It did not arrive')
    await confirm(url, `?mail=${id}`, 'It did not arrive')
    expect((await box.get(id))!.state).toBe('waiting')
    await work({ [id]: 'in-doubt' })
    expect(server.messages).toHaveLength(2)
    expect(
      new Set(server.messages.map(({ content }) => /^Message-ID: (.*)$/im.exec(String(content))?.[1])).size,
    ).toBe(1)
  })

  it.each([
    ['in-doubt', 'delivered', 'unknown@rcpt.example'],
    ['in-doubt', 'not-delivered', 'unknown@rcpt.example'],
    [
      'in-doubt',
      'discard',
      'final@rcpt.example, later@rcpt.example, down@rcpt.example, new@rcpt.example, unknown@rcpt.example',
    ],
    ['scheduled', 'retry', 'later@rcpt.example, down@rcpt.example, new@rcpt.example'],
    ['dead', 'retry', 'final@rcpt.example, later@rcpt.example, down@rcpt.example, new@rcpt.example'],
  ] as const)('names whom it concerns: a message that is %s, %s', async (state, ask, expected) => {
    const outcomes: Readonly<Record<string, Omit<RecipientOutcome, 'address'>>> = {
      has: { status: 'accepted' },
      final: { status: 'rejected', permanence: 'permanent', scope: 'recipient' },
      later: { status: 'rejected', permanence: 'transient', scope: 'recipient' },
      down: { status: 'not-attempted', permanence: 'permanent', scope: 'transport' },
      unknown: { status: 'unknown', permanence: 'unknown' },
    }
    const { box, enqueue } = await runningOutbox()
    const to = ['has', 'final', 'later', 'down', 'new', 'unknown'].map((name) => `${name}@rcpt.example`)
    const entry = (await box.get(await enqueue({ to })))!
    const recipients = Object.entries(outcomes).map(([name, outcome]) => ({
      address: `${name}@rcpt.example`,
      ...outcome,
    }))
    const open = ['later', 'down', 'new'].map((name) => `${name}@rcpt.example`)
    const shown: ShownOutbox = { ...box, get: async () => ({ ...entry, state, open, recipients }) }
    const url = await serving(outboxPage(shown, { authorize: () => true }))
    const [question] = /<section class="ask"[^]*?<\/p>/.exec(
      await page(`${url}?mail=${entry.id}&ask=${ask}`),
    )!
    expect(words(question).trim().split(': ').at(-1)).toBe(expected)
  })

  it('is offered only where it is possible', async () => {
    const { box, url, enqueue } = await runningPage()
    const id = await enqueue()
    await box.discard(id)
    expect(await page(`${url}?mail=${id}`)).not.toContain('class="actions"')
    const ask = await page(`${url}?mail=${id}&ask=discard`)
    expect(ask).not.toContain('<form')
    expect(words(ask)).toContain('It is in this state now: discarded.')
  })

  it('changes nothing if the message changed after it was shown, and says so', async () => {
    const { box, url, enqueue, work } = await runningPage()
    const id = await enqueue({ to: GONE })
    await work({ [id]: 'in-doubt' })
    const form = await page(`${url}?mail=${id}&ask=not-delivered`)
    const action = /<form method="post" action="([^"]*)">/.exec(form)![1]!.replaceAll('&amp;', '&')
    // Somebody else settles it, and it is in doubt again: that is another doubt.
    await box.resolve(id, 'not-delivered')
    await work({ [id]: 'in-doubt' })
    const late = await post(url + action)
    expect(late.status).toBe(200)
    expect(words(await late.text())).toContain(
      'Nothing was changed, because the message has changed in the meantime. It is in this state now: in doubt.',
    )
    expect((await box.get(id))!.state).toBe('in-doubt')
  })

  it('says so, too, if the message changes at that moment, and if it is gone', async () => {
    const { box, enqueue } = await runningOutbox()
    const id = await enqueue()
    const racing: ShownOutbox = {
      ...box,
      async discard(which) {
        await box.discard(which)
        await box.discard(which)
      },
    }
    const url = await serving(outboxPage(racing, { authorize: () => true }))
    const seen = (await box.get(id))!.updatedAt.getTime()
    const late = await (await post(`${url}entries/${id}/discard?seen=${seen}`)).text()
    expect(words(late)).toContain('It is in this state now: discarded.')
    const gone = await post(`${url}entries/nothing/discard?seen=${seen}`)
    expect([gone.status, words(await gone.text())]).toEqual([
      404,
      expect.stringContaining('This message is not in the outbox any more.'),
    ])
  })

  it('tells of an outbox that cannot be changed', async () => {
    const { box, enqueue } = await runningOutbox()
    const id = await enqueue()
    const seen = (await box.get(id))!.updatedAt.getTime()
    const broken: ShownOutbox = {
      ...box,
      discard: () => Promise.reject(new Error('postgres://ann:hunter22@db.example is gone')),
    }
    const url = await serving(outboxPage(broken, { authorize: () => true }))
    const answer = await post(`${url}entries/${id}/discard?seen=${seen}`)
    expect([answer.status, await answer.text()]).toEqual([
      500,
      'The outbox page could not answer: Error: postgres://<redacted>@db.example is gone\n',
    ])
  })

  it.each([
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page without a name', { origin: 'null' }],
    ['a page that hides where it is', { 'sec-fetch-site': 'cross-site' }],
  ])('is refused to %s', async (_what, headers) => {
    const { box, url, enqueue } = await runningPage()
    const id = await enqueue()
    const seen = (await box.get(id))!.updatedAt.getTime()
    for (const path of [`entries/${id}/discard?seen=${seen}`, `api/entries/${id}/discard`])
      expect((await post(url + path, headers)).status).toBe(403)
    expect((await box.get(id))!.state).toBe('waiting')
  })
})

describe('the content of a message', () => {
  const HTML = '<p>Your link: <img src="cid:logo"> <script>alert(1)</script></p>'
  const withContent = {
    text: 'Your link: https://shop.example/reset/1',
    html: HTML,
    attachments: [{ filename: 'Menu.pdf', content: Buffer.alloc(50_000, 'x') }],
  }

  it('is shown only if the page is told so', async () => {
    const { box, url, enqueue } = await runningPage()
    const id = await enqueue(withContent)
    expect(await page(`${url}?mail=${id}`)).not.toContain('view=message')
    const body = await page(`${url}?mail=${id}&view=message`)
    expect(body).not.toContain('reset/1')
    for (const what of ['html', 'source', 'message.eml', 'attachments/0'])
      expect((await fetch(`${url}mails/${id}/${what}`)).status).toBe(404)
    expect(() => outboxPage(box, { authorize: () => true, content: 'yes' as never })).toThrow(
      /must be true or false/,
    )
  })

  it('is shown as in the inbox: text, HTML in a frame without scripts, headers, attachments, source', async () => {
    const { box, enqueue } = await runningOutbox()
    const id = await enqueue(withContent)
    const url = await serving(outboxPage(box, { authorize: () => true, content: true }))
    expect(await page(`${url}?mail=${id}`)).toContain(`./?mail=${id}&amp;view=message`)
    const part = (name: string): Promise<string> => page(`${url}?mail=${id}&view=message&part=${name}`)
    expect(await part('text')).toContain('https://shop.example/reset/1')
    expect(await part('html')).toMatch(/<iframe[^>]*src="mails\/[^"]*\/html"[^>]*sandbox="allow-popups/)
    expect(await part('headers')).toMatch(/<th scope="row">Subject<\/th>\s*<td><code>Hello</)
    expect(await part('attachments')).toContain('Menu.pdf')
    expect(await part('source')).toContain('Content-Type: multipart/')
    const frame = await fetch(`${url}mails/${id}/html`)
    expect(frame.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*sandbox/)
    expect(await frame.text()).not.toContain('<script')
    const file = await fetch(`${url}mails/${id}/attachments/0`)
    expect((await file.arrayBuffer()).byteLength).toBe(50_000)
    expect((await fetch(`${url}mails/nothing/html`)).status).toBe(404)
  })

  it('is gone once the message was sent or discarded', async () => {
    const { box, enqueue } = await runningOutbox()
    const id = await enqueue(withContent)
    await box.discard(id)
    const url = await serving(outboxPage(box, { authorize: () => true, content: true }))
    expect(words(await page(`${url}?mail=${id}&view=message`))).toContain(
      'The content was removed, because nobody needs it any more.',
    )
    expect((await fetch(`${url}mails/${id}/source`)).status).toBe(404)
  })

  it('that cannot be read hides nothing else', async () => {
    const { box, enqueue } = await runningOutbox()
    const id = await enqueue()
    const broken: ShownOutbox = { ...box, read: () => Promise.reject(new Error('<b>no key</b>')) }
    const url = await serving(outboxPage(broken, { authorize: () => true, content: true }))
    const body = words(await page(`${url}?mail=${id}&view=message`))
    expect(body).toContain('The content cannot be shown: Error: <b>no key</b>')
    expect(body).toContain('bob@rcpt.example')
  })
})

describe('who may open it', () => {
  const outbox = async () => (await runningOutbox()).box

  it('must be said: there is no outbox page without authorize', async () => {
    const box = await outbox()
    const needed = expect.objectContaining({
      code: 'config/invalid-config',
      summary: expect.stringMatching(/needs authorize/),
    })
    expect(() => outboxPage(box, {} as OutboxPageOptions)).toThrow(needed as Error)
    expect(() => inbox(memoryStore(), { outbox: box })).toThrow(needed as Error)
    expect(() => outboxPage(box, undefined as never)).toThrow(MailError)
    expect(() => outboxPage(box, { authorize: true as never })).toThrow(/must be a function/)
    expect(() => outboxPage({} as ShownOutbox, { authorize: () => true })).toThrow(/needs an outbox/)
    expect(() => outboxPage(box, { authorize: () => true, host: 'x' } as never)).toThrow(/host/)
  })

  it.each([
    ['false', () => false],
    ['undefined', () => undefined as never],
    ['a name', () => 'ann' as never],
    ['an object', () => ({}) as never],
    ['a promise of false', () => Promise.resolve(false)],
  ])('nobody, if authorize returns %s', async (_what, authorize) => {
    const { box, enqueue } = await runningOutbox()
    const id = await enqueue()
    const url = await serving(outboxPage(box, { authorize }))
    const seen = (await box.get(id))!.updatedAt.getTime()
    for (const path of [
      '',
      'inbox.js',
      'events',
      'api/counts',
      'api/entries',
      `api/entries/${id}`,
      `?mail=${id}`,
    ]) {
      const answer = await fetch(url + path)
      expect([path, answer.status]).toEqual([path, 403])
      expect(await answer.text()).not.toContain('bob@rcpt.example')
    }
    for (const path of [`entries/${id}/discard?seen=${seen}`, `api/entries/${id}/discard`])
      expect((await post(url + path)).status).toBe(403)
    expect((await box.get(id))!.state).toBe('waiting')
  })

  it('nobody, if authorize fails; the reason is a warning and not in the answer', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    for (const authorize of [
      () => {
        throw new Error('the session store is down')
      },
      () => Promise.reject(new Error('the session store is down')),
    ]) {
      const url = await serving(outboxPage(await outbox(), { authorize }))
      const answer = await fetch(url)
      expect([answer.status, await answer.text()]).toEqual([
        500,
        'It could not be decided whether you may see this page.\n',
      ])
      expect(warn.mock.lastCall![0]).toContain('the session store is down')
    }
  })

  it('whom authorize knows by the request', async () => {
    const authorize: OutboxPageOptions['authorize'] = async ({ headers }) =>
      headers.authorization === 'Bearer right'
    const url = await serving(outboxPage(await outbox(), { authorize }))
    const status = async (token: string): Promise<number> =>
      (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status
    expect([await status('wrong'), await status('right')]).toEqual([403, 200])
  })

  it('by a field that a middleware added, as in Express', async () => {
    const handler = outboxPage(await outbox(), {
      authorize: (request: IncomingMessage & { user?: { isAdmin: boolean } }) =>
        request.user?.isAdmin === true,
    })
    for (const isAdmin of [false, true]) {
      const url = await serving((request, response) =>
        handler(Object.assign(request, { user: { isAdmin } }), response),
      )
      expect((await fetch(url)).status).toBe(isAdmin ? 200 : 403)
    }
  })

  it('no other machine without hosts, whatever authorize says', async () => {
    const box = await outbox()
    const headers = { 'x-forwarded-for': '192.0.2.7' }
    const closed = await fetch(await serving(outboxPage(box, { authorize: () => true })), { headers })
    expect([closed.status, await closed.text()]).toEqual([
      403,
      expect.stringContaining("use outboxPage(outbox, { hosts: ['the-name.in-the.address-bar'] })"),
    ])
    const open = outboxPage(box, { hosts: ['shop.example'], authorize: () => true })
    expect((await fetch(await serving(open), { headers })).status).toBe(200)
  })

  it('an option of an inbox decides for its mails as well', async () => {
    const url = await serving(inbox(memoryStore(), { authorize: () => false }))
    for (const path of ['', 'api/mails', 'events']) expect((await fetch(url + path)).status).toBe(403)
    expect((await fetch(`${url}api/mails`, { method: 'DELETE' })).status).toBe(403)
  })
})

describe('an inbox with an outbox', () => {
  it('has both pages, and they lead to each other', async () => {
    const { box, enqueue } = await runningOutbox()
    await enqueue({ subject: 'In the queue' })
    const url = await serving(inbox(memoryStore(), { outbox: box, authorize: () => true }))
    expect(await page(url)).toMatch(/<a href="outbox\/">Outbox<\/a>/)
    const queue = await fetch(`${url}outbox?state=waiting`)
    expect(queue.url).toBe(`${url}outbox/?state=waiting`)
    const body = await queue.text()
    expect(body).toMatch(/<a href="\.\.\/">Mails<\/a>/)
    expect(rows(body)).toEqual([expect.stringContaining('In the queue')])
    expect((await fetch(`${url}outbox/inbox.css`)).status).toBe(200)
    expect(await (await fetch(`${url}outbox/api/counts`)).json()).toMatchObject({ waiting: 1 })
    expect(await (await fetch(`${url}api/mails`)).json()).toEqual({ total: 0, mails: [] })
  })

  it('has one page without an outbox', async () => {
    const url = await serving(inbox(memoryStore()))
    expect(await page(url)).not.toContain('Outbox')
    expect((await fetch(`${url}outbox/`)).status).toBe(404)
  })
})

describe('events', () => {
  it('tell of a change soon, and of nothing private', { timeout: 8_000 }, async () => {
    const { box, url, enqueue } = await runningPage()
    const id = await enqueue({ subject: 'Secret' })
    const events = await fetch(`${url}events`)
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    const news = async (count: number): Promise<void> => {
      while (heard.split('data:').length <= count) heard += (await reader.read()).value ?? ''
    }
    await news(1)
    await box.discard(id)
    await news(2)
    await reader.cancel()
    expect(heard).not.toContain('Secret')
  })

  it('all pages share the looking, and it ends with the last of them', async () => {
    const { box } = await runningOutbox()
    let looks = 0
    const counting: ShownOutbox = {
      ...box,
      counts() {
        looks++
        return box.counts()
      },
    }
    const url = await serving(outboxPage(counting, { authorize: () => true }))
    const pages = await Promise.all([1, 2, 3].map(() => fetch(`${url}events`)))
    await expect.poll(() => looks, { timeout: 15_000 }).toBeGreaterThanOrEqual(2)
    expect(looks).toBeLessThanOrEqual(3)
    for (const { body } of pages) await body!.cancel()
    const before = looks
    // The time of another look: at most the one that was under way may still come.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(looks - before).toBeLessThanOrEqual(1)
  })
})

describe('hostile text', () => {
  const HACK = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202E'
  const error = new MailError({
    stage: 'rcpt-to',
    kind: 'policy',
    summary: HACK,
    hint: HACK,
    reply: { protocol: 'smtp', code: 550, text: HACK, command: HACK },
    recipients: [{ address: HACK, status: 'rejected', reply: { protocol: 'smtp', code: 550, text: HACK } }],
    transcript: { entries: [{ from: 'server', text: `550 ${HACK}`, atMs: 1, connection: 'c', sequence: 0 }] },
  })
  const entry: ShownEntry = {
    id: '01a21e35-cd66-7000-bda8-fb7d08b02408',
    state: 'dead',
    messageId: HACK,
    idempotencyKey: HACK,
    from: HACK,
    to: [HACK],
    subject: HACK,
    priority: 0,
    createdAt: new Date(),
    updatedAt: new Date(),
    dueAt: new Date(),
    giveUpAt: new Date(),
    attempts: 3,
    open: [],
    recipients: error.recipients,
    failures: [error, error],
    response: HACK,
  }
  const counts = { waiting: 0, scheduled: 0, 'in-flight': 0, 'in-doubt': 0, dead: 1, sent: 0, discarded: 0 }
  const hostile: ShownOutbox = {
    name: HACK,
    async *list() {
      yield entry
    },
    get: async () => entry,
    counts: async () => ({ ...counts, oldestWaitingMs: 0 }),
    retry: async () => {},
    discard: async () => {},
    resolve: async () => {},
  }

  it.each([
    '',
    `?mail=${entry.id}`,
    ...['failure', 'people', 'conversation', 'details'].map((view) => `?mail=${entry.id}&view=${view}`),
    ...['retry', 'discard'].map((ask) => `?mail=${entry.id}&ask=${ask}`),
    `?mail=${entry.id}&done=retry`,
    `?mail=${entry.id}&late=retry`,
    `?state=${encodeURIComponent(HACK)}&before=${encodeURIComponent(HACK)}&mail=${encodeURIComponent(HACK)}`,
    `?mail=${entry.id}&view=${encodeURIComponent(HACK)}&ask=${encodeURIComponent(HACK)}&done=__proto__`,
  ])('is shown as text: %s', async (path) => {
    const url = await serving(outboxPage(hostile, { authorize: () => true }))
    const answer = await fetch(url + path)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'")
    const body = await answer.text()
    expect(body).not.toMatch(/<script>|<img src=x/)
    expect(body).not.toMatch(/="[^"]*"><script/)
  })

  it('leads nowhere else: a redirect has only what the page knows', async () => {
    const url = await serving(outboxPage(hostile, { authorize: () => true }))
    const path = `entries/${entry.id}/retry?state=//evil.example&before=${encodeURIComponent('\r\nX: y')}&seen=${entry.updatedAt.getTime()}`
    const answer = await fetch(url + path, { method: 'POST', redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `../../?mail=${entry.id}&done=retry`,
    ])
  })

  it('cannot break out of the address', async () => {
    const url = await serving(outboxPage(hostile, { authorize: () => true }))
    const { port } = new URL(url)
    const said = await text(
      connect(Number(port), '127.0.0.1').end(
        'POST /entries/..%2f..%2fx/retry HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      ),
    )
    expect(said).toMatch(/^HTTP\/1\.1 405 /)
  })
})
