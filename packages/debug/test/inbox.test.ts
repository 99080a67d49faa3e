import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Mailer, MailError, type MessageInput, type RecipientOutcome } from '@loudmail/core'
import type { MailErrorInit } from '@loudmail/core/transport'
import { afterEach, describe, expect, it } from 'vitest'
import { debug, inbox, memoryStore, startInbox, type InboxOptions, type MemoryStore } from '../src/index.ts'

interface Response {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

/** A store with mails in it, and its inbox on a server. */
async function running(
  inputs: readonly Partial<MessageInput>[] = [{}],
  options: InboxOptions = {},
): Promise<{ store: MemoryStore; ask: (path: string, more?: Ask) => Promise<Response> }> {
  const transport = debug()
  await using mailer = new Mailer({ transport, failure: 'silent', observe: (event) => void event.error })
  const base = {
    from: 'Ann <ann@sender.example>',
    to: 'bob@rcpt.example',
    subject: 'Hello',
    text: 'How are you?',
  }
  for (const input of inputs) await mailer.send({ ...base, ...input })
  const server = createServer(inbox(transport.store, options))
  servers.push(server)
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
  return { store: transport.store, ask: (path, more) => get(port, path, more) }
}

/** What a server answers to these bytes. */
function said(port: number, bytes: string): Promise<string> {
  return text(connect(port, '127.0.0.1').end(bytes))
}

interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

function get(port: number, path: string, { method = 'GET', headers = {} }: Ask = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      )
    })
    asking.on('error', reject).end()
  })
}

const HTML =
  '<p>Hi <img src="cid:logo"> <a href="https://shop.example/x?a=1&amp;b=2" rel="opener" onclick="x()">shop</a></p>'
const withHtml = {
  html: HTML,
  attachments: [
    { filename: 'logo.png', content: Buffer.from('PNG!'), contentId: 'logo', contentType: 'image/png' },
    { filename: 'Überweisung "März".pdf', content: 'PDF' },
  ],
} satisfies Partial<MessageInput>

describe('the inbox', () => {
  it('lists what was sent and what failed, the newest first', async () => {
    const { ask } = await running([
      {},
      { subject: 'Second <b>', to: 'fail+rcpt-to.mailbox-full@example.test' },
    ])
    const { status, headers, body } = await ask('/')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(body).toMatch(/2 mails/)
    expect(body).toMatch(/Second &lt;b&gt;[^]*rcpt-to\/mailbox-full[^]*Hello/)
    expect(body).not.toContain('<b>')
  })

  it('shows a mail in every way', async () => {
    const { ask, store } = await running([withHtml])
    const { id } = store.mails[0]!
    const view = async (name: string): Promise<string> => (await ask(`/?mail=${id}&view=${name}`)).body
    expect(await view('html')).toMatch(/<iframe[^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"/)
    expect(await view('html')).not.toContain('allow-scripts')
    expect(await view('text')).toContain('<pre>How are you?')
    expect(await view('headers')).toMatch(/<th scope="row">Subject<\/th>\s*<td><code>Hello<\/code><\/td>/)
    expect(await view('attachments')).toMatch(
      /Überweisung &quot;März&quot;\.pdf<\/a>\s*<span class="facts">application\/pdf, 3 B</,
    )
    expect(await view('source')).toContain('Content-Type: multipart/')
    expect(await view('conversation')).toMatch(/RCPT TO:&lt;bob@rcpt.example&gt;/)
  })

  it('says why a send failed and what to do, and marks the step in the conversation', async () => {
    const { ask, store } = await running([
      { to: ['ann@rcpt.example', 'fail+rcpt-to.mailbox-full@example.test'] },
    ])
    const { id, error } = store.mails[0]!
    const failure = (await ask(`/?mail=${id}`)).body
    for (const words of [
      'rcpt-to/mailbox-full',
      error!.hint,
      '452 4.2.2 Mailbox full',
      'Only some of the recipients',
    ])
      expect(failure).toContain(words)
    expect(failure).toMatch(/<tr class="accepted">\s*<td>ann@rcpt.example/)
    const conversation = (await ask(`/?mail=${id}&view=conversation`)).body
    expect(conversation).toMatch(/class="server failed"[^]*?452 4\.2\.2 Mailbox full[^]*?failed here/)
    expect(conversation.match(/failed here/g)).toHaveLength(1)
    expect(conversation).toMatch(/class="client failed"[^]*?RCPT TO:&lt;fail\+/)
  })

  it.each<[Omit<MailErrorInit, 'recipients'>, readonly RecipientOutcome['status'][], string]>([
    [
      { stage: 'auth', kind: 'bad-credentials' },
      ['not-attempted'],
      'No. Trying again will fail the same way',
    ],
    [{ stage: 'rcpt-to', kind: 'mailbox-unknown' }, ['rejected', 'accepted'], 'No. Trying again will fail'],
    [
      { stage: 'connect', kind: 'timeout' },
      ['not-attempted'],
      'Yes. Nobody has the message, and it may work later.',
    ],
    [
      { stage: 'rcpt-to', kind: 'greylisted' },
      ['rejected', 'accepted'],
      'Yes, but only to the recipients that were',
    ],
    [{ stage: 'body', kind: 'timeout' }, ['unknown'], 'Do not send it again before you have checked'],
    [
      { stage: 'body', kind: 'timeout', permanence: 'transient' },
      ['unknown', 'rejected'],
      'Only to the recipients that were refused for now. Check whether the message arrived',
    ],
    [
      { stage: 'connect', kind: 'timeout', replayable: false },
      ['not-attempted'],
      'Not with the same message, because it can be read only once.',
    ],
    [
      { stage: 'submit', kind: 'unexpected', permanence: 'unknown' },
      ['not-attempted'],
      'Nobody knows whether that would help.',
    ],
  ])('says whether to try again: %j with %j', async (init, statuses, sentence) => {
    const { ask, store } = await running()
    const recipients = statuses.map((status, n) => ({ address: `${n}@rcpt.example`, status }))
    const error = new MailError({ ...init, recipients })
    const { id } = await store.add({ ...store.mails[0]!, state: 'failed', error })
    const { body } = await ask(`/?mail=${id}`)
    expect(/<dt>Try again\?<\/dt>\s*<dd>([^<]*)/.exec(body)?.[1]).toContain(sentence)
  })

  it('marks the end where nothing was answered', async () => {
    const { ask, store } = await running([{ to: 'fail+body.timeout@example.test' }])
    const { body } = await ask(`/?mail=${store.mails[0]!.id}&view=conversation`)
    expect(body).toMatch(/class="event failed"[^]*?no answer in time[^]*?failed here/)
  })

  it('finds, and turns pages', async () => {
    const { ask } = await running(Array.from({ length: 103 }, (_, n) => ({ subject: `Number ${n + 1}.` })))
    const first = (await ask('/')).body
    expect(first).toMatch(/103 mails/)
    expect(first).toContain('Number 4.')
    expect(first).not.toContain('Number 3.')
    const older = /href="(\.\/\?before=[^"]+)"\s+rel="next"/.exec(first)![1]!
    const second = (await ask(older.slice(1))).body
    expect(second).toContain('Number 3.')
    expect(second).not.toContain('Number 4.')
    expect(second).not.toContain('rel="next"')
    const found = (await ask('/?q=number+42.')).body
    expect(found).toMatch(/1 mail for “number 42\.”/)
  })

  it('deletes one, and clears', async () => {
    const { ask, store } = await running([{ subject: 'one' }, { subject: 'two' }])
    const gone = await ask(`/mails/${store.mails[0]!.id}/delete`, { method: 'POST' })
    expect([gone.status, gone.headers.location]).toEqual([303, '../../'])
    expect(store.mails.map(({ subject }) => subject)).toEqual(['two'])
    await ask('/clear', { method: 'POST' })
    expect(store.mails).toEqual([])
    expect((await ask('/')).body).toContain('No mail yet')
  })

  it('gives the message and its attachments as files, whatever they are called', async () => {
    const { ask, store } = await running([
      {
        subject: '../../etc/passwd\t"x"',
        attachments: [
          { filename: '../../.bashrc', content: 'alias', contentType: 'text/html' },
          { filename: 'C:\\boot.ini;filename="x.exe', content: 'boot' },
          { filename: 'Grüße 漢字.txt', content: 'hi' },
        ],
      },
    ])
    const { id } = store.mails[0]!
    const file = await ask(`/mails/${id}/message.eml`)
    expect(file.headers['content-disposition']).toBe('attachment; filename=..-..-etc-passwd-x-.eml')
    expect(file.body).toMatch(/^Subject: /m)
    const names = []
    for (const n of [0, 1, 2]) {
      const { headers } = await ask(`/mails/${id}/attachments/${n}`)
      names.push(headers['content-disposition'])
      expect(headers['content-type']).toBe('application/octet-stream')
      expect(headers['content-security-policy']).toContain('sandbox')
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
    expect(names[0]).toBe('attachment; filename=..-..-.bashrc')
    expect(names[1]).toBe('attachment; filename="C-boot.ini;filename=-x.exe"')
    expect(names[2]).toContain("filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%E6%BC%A2%E5%AD%97.txt")
    expect((await ask(`/mails/${id}/attachments/3`)).status).toBe(404)
  })

  it('tells that a mail was deleted meanwhile', async () => {
    const { ask } = await running()
    const { status, body } = await ask('/?mail=nothing')
    expect([status, body.includes('no longer exists')]).toEqual([404, true])
  })

  it('answers 404, 405 and HEAD', async () => {
    const { ask, store } = await running()
    expect((await ask('/nothing')).status).toBe(404)
    expect((await ask('/inbox.ts')).status).toBe(404)
    expect((await ask('/constructor')).status).toBe(404)
    expect(await ask('/clear')).toMatchObject({ status: 405, headers: { allow: 'POST' } })
    expect(await ask('/', { method: 'DELETE' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    })
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    expect((await ask(`/mails/${store.mails[0]!.id}/html`)).status).toBe(404)
  })

  it('tells of a store that cannot be read', async () => {
    const store = { ...memoryStore(), list: () => Promise.reject(new Error('the disk is gone')) }
    await using own = await startInbox(store)
    const response = await fetch(own.url)
    expect([response.status, await response.text()]).toEqual([
      500,
      expect.stringContaining('the disk is gone'),
    ])
  })
})

describe('the HTML of a message', () => {
  const shown = async (html: string, query = ''): Promise<Response> => {
    const { ask, store } = await running([{ ...withHtml, html }])
    return ask(`/mails/${store.mails[0]!.id}/html${query}`)
  }

  it('may do nothing but show itself', async () => {
    const { headers } = await shown(HTML)
    const policy = String(headers['content-security-policy']).split('; ')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain('img-src data:')
    expect(policy).toContain('sandbox allow-popups allow-popups-to-escape-sandbox')
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-dns-prefetch-control': 'off' })
  })

  it('has its embedded images in it, and links that know nothing of where they were', async () => {
    const { body } = await shown(HTML)
    expect(body).toContain(`src="data:image/png;base64,${Buffer.from('PNG!').toString('base64')}"`)
    expect(body).toContain(
      '<a href="https://shop.example/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">shop</a>',
    )
  })

  it('loads images from elsewhere only when asked', async () => {
    expect((await shown(HTML, '?remote=1')).headers['content-security-policy']).toContain(
      'img-src data: http: https:',
    )
  })

  it.each([
    ['<script>x()</script>', 'script'],
    ['<img src=x onerror="x()">', 'onerror'],
    ['<svg onload=x()><script>x()</script><a href="javascript:x()">y</a></svg>', /script|onload/],
    ['<a href="java&#10;script:x()">y</a>', 'href'],
    ['<a href=" javascript:x()">y</a>', 'href'],
    ['<a href="data:text/html,x">y</a>', 'href'],
    [
      '<svg><a xlink:href="https://evil.example" href="https://good.example"><animate attributeName=href to=x /></a></svg>',
      /evil|animate/,
    ],
    ['<meta http-equiv=refresh content="0;url=https://evil.example">', 'evil'],
    ['<base href="https://evil.example/">', 'evil'],
    ['<link rel=stylesheet href="https://evil.example/a.css">', 'evil'],
    [
      '<form action="https://evil.example"><input name=q><button formaction="https://evil.example">x</button></form>',
      '<form',
    ],
    [
      '<iframe src="https://evil.example"></iframe><object data="https://evil.example"></object><embed src="https://evil.example">',
      'evil',
    ],
    ['<iframe srcdoc="&lt;script&gt;x()&lt;/script&gt;"></iframe>', 'iframe'],
    ['<noscript><p title="</noscript><a href=https://evil.example rel=opener>x</a>">', '<a'],
    ['<template><script>x()</script></template>', 'script'],
    [
      '<a href="https://a.example" ping="https://evil.example" target=_top rel=opener>x</a>',
      /evil|_top|"opener|rel=opener/,
    ],
    ['<!--[if mso]><script>x()</script><![endif]-->', /script|mso/],
    ['<noscript>&lt;link rel=preconnect href=https://evil.example&gt;</noscript>', '<link'],
    [
      '<math><mtext><table><mglyph><style></math><link rel=preconnect href=https://evil.example></style></table></mtext></math>',
      'evil',
    ],
    ['<p>x</p><frameset><frame src="https://evil.example"></frameset>', 'evil'],
  ])('is sent without what acts: %s', async (html, words) => {
    expect((await shown(html)).body).not.toMatch(new RegExp(words))
  })
})

describe('the HTML of a message that is made to keep the inbox busy', () => {
  it.each([['<a'], ['<a href="x" '], ['<style>'], ['<head '], ['<!--'], ['url('], ['src = '], ['&#x3c;']])(
    'is shown: a million of %s',
    async (part) => {
      const { ask, store } = await running([{ html: part.repeat(1_000_000 / part.length) }])
      const { id } = store.mails[0]!
      expect((await ask(`/?mail=${id}`)).status).toBe(200)
      expect((await ask(`/mails/${id}/html`)).status).toBe(200)
    },
  )

  it.each([['url('], ['src'], ['src='], ['<a']])('is shown: %s and a million spaces', async (part) => {
    const { ask, store } = await running([{ html: `${part}${' '.repeat(1_000_000)}x` }])
    expect((await ask(`/?mail=${store.mails[0]!.id}`)).status).toBe(200)
  })

  it('has of an embedded image no more than its type', async () => {
    const raw = [
      'From: ann@sender.example',
      'Content-Type: multipart/related; boundary=x',
      '',
      '--x',
      'Content-Type: text/html',
      '',
      '<style>p { background: url(cid:logo) }</style>',
      '--x',
      'Content-Id: <logo>',
      'Content-Type: image/x</style><link rel=preconnect href="https://evil.example">',
      '',
      'PNG!',
      '--x--',
      '',
    ].join('\r\n')
    const transport = debug()
    await using mailer = new Mailer({ transport })
    await mailer.send({ raw, envelope: { from: 'ann@sender.example', to: ['bob@rcpt.example'] } })
    await using own = await startInbox(transport.store)
    const response = await fetch(`${own.url}mails/${transport.store.mails[0]!.id}/html`)
    expect(await response.text()).not.toMatch('evil')
  })

  it('is refused where it is nested too deep, and its source is shown', async () => {
    const { ask, store } = await running([{ html: '<div>'.repeat(100_000) }])
    const { id } = store.mails[0]!
    expect(await ask(`/mails/${id}/html`)).toMatchObject({
      status: 422,
      body: expect.stringContaining('Look at its source'),
    })
    expect((await ask(`/mails/${id}/source`)).status).toBe(200)
  })

  it('is shown without more than 64 MiB of the same image', async () => {
    const image = { ...withHtml.attachments[0]!, content: Buffer.alloc(2 ** 20) }
    const { ask, store } = await running([
      { html: '<img src="cid:logo">'.repeat(1_000), attachments: [image] },
    ])
    const { body } = await ask(`/mails/${store.mails[0]!.id}/html`)
    expect(body.length).toBeLessThan(64 * 2 ** 20 + 100_000)
    expect(body.match(/data:image/g)).toHaveLength(47)
  })
})

describe('what a mail is called', () => {
  it('may end in the middle of a character', async () => {
    const filename = `${'\u{1F600}'.repeat(100)}.jpeg`
    const { ask, store } = await running([{ attachments: [{ filename, content: 'x' }] }])
    const { id } = store.mails[0]!
    expect(await ask(`/mails/${id}/attachments/0`)).toMatchObject({ status: 200, body: 'x' })
  })

  it('hides no Bcc that is a part of another address', async () => {
    const { ask, store } = await running([{ to: 'joann@rcpt.example', bcc: 'ann@rcpt.example' }])
    expect((await ask(`/?mail=${store.mails[0]!.id}`)).body).toMatch(/<dt>Bcc<\/dt>\s*<dd>ann@rcpt\.example</)
  })
})

describe('the text of a mail in the list', () => {
  it.each([
    ['<style>p { color: red }</style><header>Our shop</header><p>Hello</p>', 'Our shop Hello'],
    ['<head><title>x</title></head><SCRIPT>if (a</b) x()</script >Hello', 'Hello'],
    ['<script>"</style>"</script>Hello <style>never closed', 'Hello'],
    ['İİİ<head>x</head>Hello &lt;b&gt;', 'İİİ Hello <b>'],
  ])('is what is read of %s', async (html, read) => {
    const { store } = await running([{ html, text: undefined }])
    expect(store.mails[0]!.text).toBe(read)
  })
})

describe('strangers', () => {
  it.each([
    ['another name', { host: 'evil.example' }],
    ['another name that begins like ours', { host: 'localhost.evil.example' }],
  ])('that come by %s are refused, with the remedy', async (_what, headers) => {
    const { ask } = await running()
    expect(await ask('/', { headers })).toMatchObject({
      status: 403,
      body: expect.stringContaining('hosts: ['),
    })
  })

  it.each(['localhost:3000', '127.0.0.1', '127.0.0.5:80', '[::1]:3000', 'tea.localhost'])(
    'this machine is %s',
    async (host) => {
      const { ask } = await running()
      expect((await ask('/', { headers: { host } })).status).toBe(200)
    },
  )

  it('that come by no name are refused', async () => {
    await using own = await startInbox(memoryStore())
    const socket = connect(own.port, '127.0.0.1').end('GET / HTTP/1.0\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /)
  })

  it.each([
    { 'x-forwarded-for': '192.0.2.7' },
    { 'x-real-ip': '192.0.2.7' },
    { 'x-forwarded-host': 'shop.example' },
    { forwarded: 'for=192.0.2.7' },
  ])('that come through a proxy on this machine are refused: %j', async (headers) => {
    const { ask } = await running()
    expect(await ask('/', { headers })).toMatchObject({
      status: 403,
      body: expect.stringContaining('do not come through a proxy'),
    })
    const own = { 'x-forwarded-for': '127.0.0.1, ::1', 'x-forwarded-host': 'localhost:3000' }
    expect((await ask('/', { headers: own })).status).toBe(200)
    const named = await running([{}], { hosts: ['localhost'] })
    expect((await named.ask('/', { headers })).status).toBe(200)
  })

  it.each(['devbox.internal', 'DevBox.internal', 'devbox.internal:8080'])(
    'are let in by name: %s',
    async (host) => {
      const { ask } = await running([{}], { hosts: [host] })
      expect((await ask('/', { headers: { host: 'devbox.internal:3000' } })).status).toBe(200)
      expect((await ask('/', { headers: { host: 'evil.example' } })).status).toBe(403)
      const any = await running([{}], { hosts: ['*'] })
      expect((await any.ask('/', { headers: { host: 'evil.example' } })).status).toBe(200)
    },
  )

  describe.each([
    ["'*'", '*'],
    ["['*']", ['*']],
    ["'*' beside a name", ['devbox.internal', '*']],
  ] satisfies [string, InboxOptions['hosts']][])('with hosts: %s', (_how, hosts) => {
    it.each([
      'evil.example',
      'evil.example:8025',
      'EVIL.example.',
      'my_container:8025',
      'xn--e1afmkfd.example',
      '0.0.0.0:8025',
      '192.0.2.7',
      '172.17.0.2:8025',
      '[2001:db8::7]',
      '[2001:db8::7]:8025',
      '[::ffff:192.0.2.7]:8025',
      'localhost:8025',
    ])('are let in under any name, also with a form of the page: %s', async (host) => {
      await using own = await startInbox(memoryStore(), { hosts })
      const header = `Host: ${host}\r\nConnection: close\r\n`
      expect(await said(own.port, `GET / HTTP/1.1\r\n${header}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
      const page = new URL(`http://${host}`).origin
      const posting = (origin: string): Promise<string> =>
        said(own.port, `POST /clear HTTP/1.1\r\n${header}Origin: ${origin}\r\nContent-Length: 0\r\n\r\n`)
      expect(await posting(page)).toMatch(/^HTTP\/1\.1 303 /)
      expect(await posting('https://other.example')).toMatch(/^HTTP\/1\.1 403 /)
      expect(await posting('null')).toMatch(/^HTTP\/1\.1 403 /)
    })

    it.each([
      ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n', 200],
      ['HTTP/1.0 with Host', 'GET / HTTP/1.0\r\nHost: x\r\n\r\n', 200],
      ['a Host that is not one', 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 200],
      ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 200],
      // RFC 9112 section 3.2: Node itself refuses it.
      ['HTTP/1.1 without Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
      [
        'a request through a proxy',
        'GET / HTTP/1.0\r\nHost: x\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Host: y\r\n\r\n',
        200,
      ],
    ])('%s gets %s', async (_what, bytes, status) => {
      await using own = await startInbox(memoryStore(), { hosts })
      expect(await said(own.port, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    })
  })

  it.each([
    ['a proxy that adds the usual port', 'devbox.internal:80', 'http://devbox.internal'],
    ['a proxy in front that ends TLS', 'devbox.internal', 'https://devbox.internal'],
    ['one that adds the port of TLS', 'devbox.internal:443', 'https://devbox.internal'],
    ['capital letters', 'DevBox.internal:8025', 'http://devbox.internal:8025'],
  ])('a form of the page is accepted with %s', async (_what, host, origin) => {
    const { ask } = await running([{}], { hosts: ['devbox.internal'] })
    expect((await ask('/clear', { method: 'POST', headers: { host, origin } })).status).toBe(303)
    const other = { host, origin: `${origin}9` }
    expect((await ask('/clear', { method: 'POST', headers: other })).status).toBe(403)
  })

  it.each(['[::ffff:127.0.0.1]', '[::ffff:7f00:1]:3000', '[0:0:0:0:0:0:0:1]', '127.1:8025'])(
    'this machine is %s, however it is written',
    async (host) => {
      const { ask } = await running()
      expect((await ask('/', { headers: { host } })).status).toBe(200)
    },
  )

  it.each(['[::ffff:192.0.2.7]', '[::ffff:7e00:1]', '[::7f00:1]'])('%s is not this machine', async (host) => {
    const { ask } = await running()
    expect((await ask('/', { headers: { host } })).status).toBe(403)
  })

  it.each([
    ['localhost:8025', 404],
    ['127.0.0.1:8025', 404],
    ['evil.example', 403],
  ])('reach a container through a published port under the name %s: %i', async (host, status) => {
    const answered = await new Promise((resolve) => {
      const response = { writeHead: resolve, end() {} }
      const socket = { remoteAddress: '172.17.0.1' }
      const asking = { method: 'GET', url: '/nothing', headers: { host }, socket }
      inbox(memoryStore(), { hosts: ['localhost'] })(asking as never, response as never)
    })
    expect(answered).toBe(status)
  })

  it('from another machine are refused, unless names are given', () => {
    const answers: string[] = []
    const from = (remoteAddress: string, options: InboxOptions): void => {
      const response = { writeHead: (status: number) => answers.push(`${status}`), end() {} }
      const asking = {
        method: 'GET',
        url: '/nothing',
        headers: { host: 'localhost' },
        socket: { remoteAddress },
      }
      inbox(memoryStore(), options)(asking as never, response as never)
    }
    from('192.0.2.7', {})
    from('::ffff:192.0.2.7', {})
    expect(answers).toEqual(['403', '403'])
  })

  it.each([
    ['a form of another page', { origin: 'https://evil.example' }],
    ['one without a name', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:9' }],
    ['a page that hides where it is', { 'sec-fetch-site': 'cross-site' }],
  ])('cannot delete by %s', async (_what, headers) => {
    const { ask, store } = await running()
    expect((await ask('/clear', { method: 'POST', headers })).status).toBe(403)
    expect(store.mails).toHaveLength(1)
  })
})

describe('mounting', () => {
  it('at a path, it leaves the rest to others', async () => {
    const { store } = await running()
    const handler = inbox(store, { path: '/dev/mail' })
    const server = createServer((asking, response) =>
      handler(asking, response, () => response.end('the app')),
    )
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect((await get(port, '/')).body).toBe('the app')
    expect((await get(port, '/dev/mailbox')).body).toBe('the app')
    expect((await get(port, '/dev/mail/')).body).toContain('1 mail')
    const redirected = await get(port, '/dev/mail?q=x')
    expect([redirected.status, redirected.headers.location]).toEqual([303, 'mail/?q=x'])
    expect((await get(port, '/dev/mail/inbox.css')).headers['content-type']).toContain('text/css')
  })

  it('alone, it has a server of its own', async () => {
    const { store } = await running()
    const own = await startInbox(store)
    expect(own.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(await (await fetch(own.url)).text()).toContain('1 mail')
    await Promise.all([own.close(), own.close()])
    await expect(fetch(own.url)).rejects.toThrow(/fetch failed/)
  })

  it.each([
    [undefined, {}, /needs a store/],
    [memoryStore(), { host: 'x' }, /no option "host"/],
    [memoryStore(), { hosts: 'x' }, /hosts option of inbox\(\) must be a list/],
    [memoryStore(), { hosts: ['a b'] }, /must be a list of host names, such as/],
    [memoryStore(), { path: 'mail' }, /path option of inbox\(\) must look like/],
    [memoryStore(), { path: '/mail/' }, /path option of inbox\(\) must look like/],
  ])('%o with %o is a mistake in the configuration', (store, options, words) => {
    expect(() => inbox(store as MemoryStore, options as InboxOptions)).toThrow(words)
  })
})

describe('the stream of events', () => {
  it('tells of changes, and does not keep a server from closing', async () => {
    const store = memoryStore()
    const server = createServer(inbox(store))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}/events`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    const { mails } = (await running([{ subject: 'News' }])).store
    await store.add(mails[0]!)
    let heard = ''
    while (!heard.includes('data:')) heard += (await reader.read()).value
    expect(heard).toContain('data: {"added":"News"}')
    await new Promise<void>((resolve) => server.close(() => resolve()))
    expect((await reader.read()).done).toBe(true)
  })
})
