import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import {
  unsubscribeHandler,
  unsubscribeWebHandler,
  type UnsubscribeOptions,
  type UnsubscribeReport,
} from '../../src/unsubscribe/index.ts'
import { FORM, links, listen, ONE_CLICK, oneClick, pathOf, unsubscribeServer } from './unsubscribe-server.ts'

const MULTIPART = 'multipart/form-data; boundary=x'
const multipart = (name: string, value: string): string =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--x--\r\n`
const DASHES = '---FormBoundaryjWmhtjORrn'
const EXAMPLE = multipart('List-Unsubscribe', 'One-Click').replaceAll('--x', `--${DASHES}`)
const ANN = { address: 'ann@rcpt.example', list: 'newsletter' }

describe('a mail program unsubscribes with one request', () => {
  it.each([
    ['urlencoded', FORM, ONE_CLICK],
    ['urlencoded, with a charset', `${FORM}; charset=UTF-8`, ONE_CLICK],
    ['urlencoded, in capital letters', FORM.toUpperCase(), ONE_CLICK],
    ['urlencoded, with a line break at its end', FORM, `${ONE_CLICK}\r\n`],
    ['urlencoded, with other fields', FORM, `a=b&${ONE_CLICK}&c=d`],
    ['multipart/form-data', MULTIPART, multipart('List-Unsubscribe', 'One-Click')],
    ['as in an example of RFC 8058 section 8', `multipart/form-data; boundary=${DASHES}`, EXAMPLE],
  ])('%s', async (_name, type, body) => {
    const server = await unsubscribeServer()
    const answer = await oneClick(server.at(), type, body)
    expect(answer.status).toBe(200)
    expect(server.told).toEqual([{ ...ANN, oneClick: true }])
    expect(server.reports).toEqual([])
    // Neither a redirect nor a cookie (RFC 8058 section 3.1).
    expect([answer.headers.get('location'), answer.headers.get('set-cookie')]).toEqual([null, null])
  })

  it('again and again, with the same answer', async () => {
    const server = await unsubscribeServer()
    const url = server.at()
    const answers = [await oneClick(url), await oneClick(url), await oneClick(url)]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(server.told).toEqual(Array.from({ length: 3 }, () => ({ ...ANN, oneClick: true })))
  })

  it('from a list with any name', async () => {
    const server = await unsubscribeServer()
    const list = 'Grüße & "Tee" <b>🎉</b> {address} $& __proto__'
    await oneClick(server.at('grün@bücher.example', list))
    expect(server.told).toEqual([{ address: 'grün@xn--bcher-kva.example', list, oneClick: true }])
  })
})

describe('somebody who follows the link', () => {
  it('is asked, and unsubscribes nobody: scanners follow links, too (RFC 8058 section 3.2)', async () => {
    const server = await unsubscribeServer()
    const answer = await fetch(server.at())
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const page = await answer.text()
    expect(page).toContain('Unsubscribe ann@rcpt.example from newsletter?')
    expect(page).toContain('<form method="post"><button name="unsubscribe" value="confirm">')
    const head = await fetch(server.at(), { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(head.headers.get('content-length')).toBe(answer.headers.get('content-length'))
    for (const more of ['List-Unsubscribe=One-Click', 'unsubscribe=confirm'])
      expect((await fetch(`${server.at()}&${more}`)).status).toBe(200)
    expect(server.told).toEqual([])
  })

  it('and presses the button is unsubscribed', async () => {
    const server = await unsubscribeServer()
    const answer = await oneClick(server.at(), FORM, 'unsubscribe=confirm')
    expect(answer.status).toBe(200)
    const page = await answer.text()
    expect(page).toContain('ann@rcpt.example gets no more mail from newsletter.')
    expect(page).not.toContain('<form')
    expect(server.told).toEqual([{ ...ANN, oneClick: false }])
  })

  it('gets a page that runs no script, tells no other site its address, and is not kept', async () => {
    const server = await unsubscribeServer()
    const pages = [
      await fetch(server.at()),
      await oneClick(server.at()),
      await fetch(`${server.at()}A`),
      await oneClick(server.at(), 'text/plain'),
    ]
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 400, 415])
    for (const { headers } of pages) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-robots-tag')).toBe('noindex')
    }
    const policy = pages[0]!.headers.get('content-security-policy')
    expect(policy).toMatch(/^default-src 'none'; /)
    expect(policy).not.toContain('script')
    for (const part of ["form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"])
      expect(policy).toContain(part)
  })

  it('sees names as they are, and never as HTML', async () => {
    const server = await unsubscribeServer()
    const list = `</p><script>alert("1")</script>'&amp; {address}$&`
    const page = await (await fetch(server.at('"<img/src=x>&"@rcpt.example', list))).text()
    expect(page).toContain('&quot;&lt;img/src=x&gt;&amp;&quot;@rcpt.example')
    // What stands in a name is no text of its own to be replaced.
    expect(page).toContain(
      '&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;amp; {address}$&amp;?',
    )
    expect(page).not.toMatch(/<script|<img/)
  })
})

describe('a request is refused', () => {
  it.each([
    ['PUT', 405],
    ['DELETE', 405],
    ['OPTIONS', 405],
    ['PATCH', 405],
  ])('with the method %s', async (method, status) => {
    const server = await unsubscribeServer()
    const answer = await fetch(server.at(), { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([status, 'GET, HEAD, POST'])
    expect(server.told).toEqual([])
    expect(server.reports).toMatchObject([{ kind: 'refused', error: { problem: 'method' }, status }])
  })

  it.each<[string, string | undefined, string, number, string]>([
    ['JSON', 'application/json', '{"List-Unsubscribe":"One-Click"}', 415, 'content-type'],
    ['plain text', 'text/plain', ONE_CLICK, 415, 'content-type'],
    ['a type that only begins like a form', `${FORM}2`, ONE_CLICK, 415, 'content-type'],
    ['an empty form', FORM, '', 400, 'not-confirmed'],
    ['another form', FORM, 'a=b', 400, 'not-confirmed'],
    ['another value', FORM, 'List-Unsubscribe=Two-Clicks', 400, 'not-confirmed'],
    ['another case of the name', FORM, 'list-unsubscribe=One-Click', 400, 'not-confirmed'],
    ['names of prototypes', FORM, '__proto__=confirm&constructor=confirm', 400, 'not-confirmed'],
    ['a multipart form without parts', MULTIPART, '', 400, 'malformed'],
    [
      'a multipart form that is cut off',
      MULTIPART,
      multipart('List-Unsubscribe', 'One').slice(0, 40),
      400,
      'malformed',
    ],
    ['a multipart form without a boundary', 'multipart/form-data', ONE_CLICK, 400, 'malformed'],
    [
      'a file in place of a value',
      MULTIPART,
      multipart('List-Unsubscribe"; filename="a', 'One-Click'),
      400,
      'not-confirmed',
    ],
  ])('with %s', async (_name, type, body, status, problem) => {
    const server = await unsubscribeServer()
    const answer = await oneClick(server.at(), type, body)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({
      status,
      title: expect.any(String),
      detail: expect.any(String),
    })
    expect(server.told).toEqual([])
    expect(server.reports).toMatchObject([{ kind: 'refused', error: { problem }, status }])
  })

  it('without a type', async () => {
    const server = await unsubscribeServer()
    const answer = await fetch(server.at(), { method: 'POST', body: Buffer.from(ONE_CLICK) })
    expect(answer.status).toBe(415)
    expect(server.told).toEqual([])
  })

  it('with a compressed body', async () => {
    const server = await unsubscribeServer()
    const headers = { 'content-type': FORM, 'content-encoding': 'gzip' }
    expect((await fetch(server.at(), { method: 'POST', headers, body: ONE_CLICK })).status).toBe(415)
    expect(server.told).toEqual([])
  })

  it.each(['GET', 'POST'])(
    'with %s of a link that was changed, and the answer does not say more',
    async (method) => {
      const server = await unsubscribeServer()
      const bodies = new Set<string>()
      const token = server.at().split('token=')[1]!
      const forged = Buffer.from(`\x01\x10ann@rcpt.examplenewsletter${'m'.repeat(32)}`).toString('base64url')
      for (const query of [
        '',
        '?',
        '?token=',
        `?token=${token.slice(0, -1)}`,
        `?token=${forged}`,
        `?TOKEN=${token}`,
      ]) {
        const answer = await fetch(`${server.url}/unsubscribe${query}`, {
          method,
          ...(method === 'POST' && { headers: { 'content-type': FORM }, body: ONE_CLICK }),
        })
        expect(answer.status).toBe(400)
        bodies.add(await answer.text())
      }
      expect(bodies.size).toBe(1)
      expect([...bodies][0]).toContain('This link does not work.')
      expect([...bodies][0]).not.toMatch(/ann@|<form/)
      expect(server.told).toEqual([])
    },
  )

  it.each([
    ['with a length', (body: Buffer) => body],
    ['without a length', (body: Buffer) => new Blob([body as Buffer<ArrayBuffer>]).stream()],
  ])('with a huge body, %s', async (_name, bodyOf) => {
    const server = await unsubscribeServer(undefined, { maxBytes: 100 })
    const body = bodyOf(Buffer.from(`${ONE_CLICK}&a=${'a'.repeat(5_000)}`))
    const init = { method: 'POST', headers: { 'content-type': FORM }, body, duplex: 'half' }
    const answer = await fetch(server.at(), init as RequestInit)
    expect(answer.status).toBe(413)
    expect(server.told).toEqual([])
  })

  it('with a body that does not come', async () => {
    const server = await unsubscribeServer(undefined, { bodyTimeoutMs: 20 })
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `POST ${pathOf()} HTTP/1.1\r\nHost: a\r\nContent-Type: ${FORM}\r\nContent-Length: 26\r\n\r\nList`,
    )
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /)
    expect(server.reports).toMatchObject([{ error: { problem: 'timeout' } }])
  })

  it('with a body that is cut off', async () => {
    const refused = Promise.withResolvers<unknown>()
    const server = await unsubscribeServer(undefined, { onProblem: refused.resolve })
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    const head = `POST ${pathOf()} HTTP/1.1\r\nHost: a\r\nContent-Type: ${FORM}\r\nContent-Length: 200\r\n\r\n`
    socket.write(head + ONE_CLICK, () => socket.destroy())
    expect(await refused.promise).toMatchObject({ error: { problem: 'malformed' } })
    expect(server.told).toEqual([])
  })
})

describe('onUnsubscribe that fails', () => {
  const failing = (): never => {
    throw new Error('the database is away')
  }
  it.each([
    ['throws', failing],
    ['rejects', async () => failing()],
  ])('%s: the answer is 500, and who wanted to unsubscribe is reported', async (_name, onUnsubscribe) => {
    const server = await unsubscribeServer(onUnsubscribe)
    const answer = await oneClick(server.at())
    expect(answer.status).toBe(500)
    const page = await answer.text()
    expect(page).toContain('Something went wrong.')
    expect(page).toContain('<button name="unsubscribe" value="confirm">')
    expect(page).not.toContain('database')
    expect(server.reports).toEqual([
      {
        kind: 'failed',
        error: new Error('the database is away'),
        unsubscribing: { ...ANN, oneClick: true },
        status: 500,
      },
    ])
  })

  it('hangs: the answer is 500 after 30 seconds, and who wanted to unsubscribe is reported', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const called = Promise.withResolvers<void>()
      const reports: UnsubscribeReport[] = []
      const hanging = (): Promise<void> => (called.resolve(), new Promise(() => {}))
      const handler = unsubscribeWebHandler(links, hanging, { onProblem: (report) => reports.push(report) })
      const headers = { 'content-type': FORM }
      const request = new Request(`http://localhost${pathOf()}`, { method: 'POST', headers, body: ONE_CLICK })
      const answering = handler(request)
      await called.promise
      vi.advanceTimersByTime(30_000)
      expect((await answering).status).toBe(500)
      expect(reports).toMatchObject([{ kind: 'failed', unsubscribing: { ...ANN, oneClick: true } }])
      expect(String(reports[0]!.error)).toContain('has not settled after 30000 ms')
    } finally {
      vi.useRealTimers()
    }
  })

  it('leaves no timer if it settles', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const handler = unsubscribeWebHandler(links, () => {})
      const headers = { 'content-type': FORM }
      const request = new Request(`http://localhost${pathOf()}`, { method: 'POST', headers, body: ONE_CLICK })
      expect((await handler(request)).status).toBe(200)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is a process warning if nobody listens, and also if the listener fails', async () => {
    const warnings: string[] = []
    const heard = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', heard)
    try {
      const words = 'Unsubscribing ann@rcpt.example from "newsletter" failed: Error: the database is away.'
      const unheard = await listen(unsubscribeHandler(links, failing))
      await oneClick(unheard + pathOf())
      await oneClick(unheard + pathOf())
      await vi.waitFor(() => expect(warnings.filter((each) => each.includes(words))).toHaveLength(2))
      const broken = await unsubscribeServer(failing, {
        onProblem: () => Promise.reject(new Error('no disk')),
      })
      await oneClick(broken.at())
      await vi.waitFor(() => expect(warnings.filter((each) => each.includes(words))).toHaveLength(3))
      expect(warnings.join('\n')).toContain('no disk')
    } finally {
      process.off('warning', heard)
    }
  })

  it.each<[string, unknown]>([
    ['an object without a prototype', Object.create(null)],
    ['an error whose message is no text', Object.assign(new Error('x'), { message: { code: 7 } })],
    [
      'an error whose message cannot be read',
      Object.defineProperty(new Error('x'), 'message', { get: failing }),
    ],
    ['undefined', undefined],
    ['a symbol', Symbol('late')],
    ['a revoked proxy', revoked()],
    [
      'an error that repeats a password',
      new Error(`${'x'.repeat(450)} postgres://app:${'hunter22'.repeat(9)}@db.example is away`),
    ],
  ])('is a process warning, and no more, if it throws %s', async (_what, thrown) => {
    const warnings: string[] = []
    const unhandled: unknown[] = []
    const heard = (warning: Error): void => void warnings.push(warning.message)
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('warning', heard).on('unhandledRejection', note)
    try {
      const url = await listen(unsubscribeHandler(links, () => Promise.reject(thrown)))
      expect((await oneClick(url + pathOf())).status).toBe(500)
      await vi.waitFor(() => expect(warnings.join('\n')).toMatch(/^Unsubscribing ann@rcpt.example/m))
      expect(warnings.join()).not.toContain('hunter22')
      expect(unhandled).toEqual([])
    } finally {
      process.off('warning', heard).off('unhandledRejection', note)
    }
  })

  it('after refusals that any stranger can cause, of which only the first is a warning', async () => {
    const warnings: string[] = []
    const heard = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', heard)
    try {
      const url = await listen(unsubscribeHandler(links, failing))
      for (let count = 0; count < 3; count++) await fetch(`${url}/?token=forged`)
      await oneClick(url + pathOf())
      await vi.waitFor(() => expect(warnings).toHaveLength(2))
      expect(warnings[0]).toContain('Further ones like it cause no warning')
    } finally {
      process.off('warning', heard)
    }
  })
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

describe('the page', () => {
  const page = async (options: UnsubscribeOptions, headers = {}, method = 'GET'): Promise<string> => {
    const server = await unsubscribeServer(undefined, options)
    const post = { body: ONE_CLICK, headers: { 'content-type': FORM, ...headers } }
    const answer = await fetch(server.at(), method === 'POST' ? { method, ...post } : { headers })
    expect(answer.status).toBe(200)
    const html = await answer.text()
    return html + server.reports.map(({ kind, error }) => `${kind}: ${String(error)}`).join()
  }

  it('has the texts that it is given, as text', async () => {
    const texts = { lang: 'de', question: '{list} für {address} <b>abbestellen</b>?', button: 'Ja' }
    const html = await page({ texts })
    expect(html).toContain('<html lang="de">')
    expect(html).toContain('<p>newsletter für ann@rcpt.example &lt;b&gt;abbestellen&lt;/b&gt;?</p>')
    expect(html).toContain('>Ja</button>')
    expect(html).toContain('<title>Unsubscribe</title>')
  })

  it.each([
    ['de-AT, de;q=0.9, en;q=0.5', ['de-AT', 'de', 'en']],
    ['en;q=0.5, fr', ['fr', 'en']],
    ['*, en;q=0, de; q=0.1', ['de']],
    ['<script>, "', []],
    ['de,'.repeat(2_500), Array.from({ length: 20 }, () => 'de')],
  ])('knows the languages of the browser: %#', async (accepted, languages) => {
    let seen: readonly string[] = []
    await page({ texts: (view) => ((seen = view.languages), {}) }, { 'accept-language': accepted })
    expect(seen).toEqual(languages)
  })

  it('can be another one', async () => {
    const options: UnsubscribeOptions = { page: async (view) => `<p>${JSON.stringify(view)}</p>` }
    const headers = { 'accept-language': 'de' }
    const view = { ...ANN, languages: ['de'] }
    expect(await page(options, headers)).toBe(`<p>${JSON.stringify({ state: 'ask', ...view })}</p>`)
    expect(await page(options, headers, 'POST')).toBe(`<p>${JSON.stringify({ state: 'done', ...view })}</p>`)
  })

  it.each<[string, UnsubscribeOptions, string]>([
    [
      'page throws',
      {
        page: () => {
          throw new Error('no template')
        },
      },
      'no template',
    ],
    ['page rejects', { page: () => Promise.reject(new Error('no template')) }, 'no template'],
    ['page gives no text', { page: () => undefined as never }, 'page must return HTML'],
    ['texts are wrong', { texts: () => ({ titel: 'a' }) as never }, 'no option "titel"'],
  ])('is the default one if %s, and unsubscribing is done', async (_name, options, words) => {
    expect(await page(options, {}, 'POST')).toMatch(
      new RegExp(`gets no more mail from newsletter[^]*page: .*${words}`),
    )
  })
})

it.each<[unknown[], RegExp]>([
  [[undefined, () => {}], /needs links: new UnsubscribeLinks/],
  [[links], /needs a function/],
  [[links, () => {}, { maxBytes: 0 }], /maxBytes/],
  [[links, () => {}, { bodyTimeoutMs: '1' }], /bodyTimeoutMs/],
  [[links, () => {}, { page: '<p>' }], /page must be a function/],
  [[links, () => {}, { texts: { title: 1 } }], /texts.title must be a string/],
  [[links, () => {}, { texts: { titel: 'a' } }], /no option "titel"/],
  [[links, () => {}, { onProblem: true }], /onProblem must be a function/],
  [[links, () => {}, { onError: true }], /no option "onError"/],
])('a handler that cannot work is not made (%#)', (given, words) => {
  expect(() => unsubscribeHandler(...(given as Parameters<typeof unsubscribeHandler>))).toThrow(
    expect.objectContaining({ code: 'config/invalid-config', summary: expect.stringMatching(words) }),
  )
})
