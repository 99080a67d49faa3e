import { previews, type PreviewProblem } from '@loudmail/content/previews'
import type { RequestListener } from 'node:http'
import { certificates, closedPort } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { readHtml } from '../../src/previews/html/read-html.ts'
import { checkLinks } from '../../src/previews/links/check-links.ts'
import { webServer, type WebServer } from './web-server.ts'

async function problemsOf(html: string): Promise<string[]> {
  return shown(await previews({ mail: { subject: 'Tea', html } }).checkLinks('mail', 'default'))
}

function shown(problems: readonly PreviewProblem[]): string[] {
  return problems.map(({ kind, level, message }) => `${level} ${kind}: ${message}`)
}

const ask = async (server: WebServer, what: 'link' | 'image', path = '/'): Promise<string[]> => {
  const url = `${server.url}${path}`
  const problems = await problemsOf(what === 'link' ? `<a href="${url}">Tea</a>` : `<img src="${url}">`)
  return problems.map((each) => each.replace(server.url, ''))
}

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(code, headers).end()
  }

describe.each(['link', 'image'] as const)('of every %s', (what) => {
  const which = what === 'link' ? 'A link' : 'An image'
  it.each([
    [404, `error ${what}: ${which} that does not exist (404): "/".`],
    [410, `error ${what}: ${which} that does not exist (410): "/".`],
    [500, `warning ${what}: ${which} whose server fails (500): "/".`],
    [503, `warning ${what}: ${which} whose server fails (503): "/".`],
  ])('status %d is a problem', async (code, problem) => {
    await using server = await webServer(status(code))
    expect(await ask(server, what)).toEqual([expect.stringContaining(problem)])
  })

  it('a server that resets the connection is a problem', async () => {
    await using server = await webServer((request) => request.socket.resetAndDestroy())
    expect(await ask(server, what)).toEqual([
      expect.stringContaining(`${which} whose server closed the connection`),
    ])
  })

  it('a server that closes the connection is a problem', async () => {
    await using server = await webServer((request) => request.socket.destroy())
    expect(await ask(server, what)).toEqual([
      expect.stringContaining(`${which} whose server closed the connection`),
    ])
  })

  it('a server that does not run is a problem', async () => {
    const port = await closedPort()
    const html =
      what === 'link' ? `<a href="http://127.0.0.1:${port}/">` : `<img src="http://127.0.0.1:${port}/">`
    expect(await problemsOf(html)).toEqual([
      expect.stringContaining(`error ${what}: ${which} whose server refuses connections`),
    ])
  })

  it('a host that does not exist is a problem', async () => {
    const html =
      what === 'link' ? '<a href="https://tea-shop.invalid/">' : '<img src="https://tea-shop.invalid/">'
    expect(await problemsOf(html)).toEqual([
      expect.stringMatching(`${which} whose host (?:does not exist|could not be looked up)`),
    ])
  })

  it.each([
    ['selfsigned', 'whose certificate nobody vouches for'],
    ['expired', 'whose certificate'],
  ] as const)('a certificate that is %s is a problem', async (name, words) => {
    await using server = await webServer(status(200), certificates[name])
    expect(await ask(server, what)).toEqual([expect.stringContaining(`error ${what}: ${which} ${words}`)])
  })

  it('HTTP where TLS is expected is a problem', async () => {
    await using server = await webServer(status(200))
    const url = server.url.replace('http:', 'https:')
    const html = what === 'link' ? `<a href="${url}">` : `<img src="${url}">`
    expect(await problemsOf(html)).toEqual([
      expect.stringContaining(`error ${what}: ${which} whose TLS does not work`),
    ])
  })

  it('a server that does not answer is given up', async () => {
    await using server = await webServer(() => {})
    const html = what === 'link' ? `<a href="${server.url}">` : `<img src="${server.url}">`
    expect(shown(await checkLinks(readHtml(html), 100))).toEqual([
      expect.stringContaining(`warning ${what}: ${which} whose server did not answer within 5 seconds`),
    ])
  })

  it('redirects in a circle are a problem', async () => {
    await using server = await webServer(status(302, { location: '/again' }))
    expect(await ask(server, what)).toEqual([
      expect.stringContaining(`warning ${what}: ${which} that redirects too often`),
    ])
    expect(server.asked).toHaveLength(6)
  })
})

it.each([200, 204, 301, 400, 401, 403, 405, 429])('a link with status %d may be right', async (code) => {
  await using server = await webServer(status(code))
  expect(await ask(server, 'link')).toEqual([])
})

it('a link may lead into an app', async () => {
  await using server = await webServer(status(302, { location: 'teashop://open' }))
  expect(await ask(server, 'link')).toEqual([])
  expect(await ask(server, 'image')).toEqual([
    expect.stringContaining('An image that redirects to something that is no picture'),
  ])
})

it.each<[RequestListener, string | undefined]>([
  [status(200, { 'content-type': 'image/png' }), undefined],
  [status(200, { 'content-type': 'IMAGE/svg+xml; charset=utf-8' }), undefined],
  [status(304), undefined],
  [
    status(200, { 'content-type': 'text/html' }),
    'error image: An image that the server does not call an image: "/".',
  ],
  [status(200), 'error image: An image that the server does not call an image'],
  [status(401), 'error image: An image that the server does not give out (401)'],
  [status(403), 'error image: An image that the server does not give out (403)'],
])('an image, %#', async (answer, problem) => {
  await using server = await webServer(answer)
  expect(await ask(server, 'image')).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)])
})

it.each([403, 405, 501])(
  'HEAD that is refused with %d is asked again with GET, whose body is not read',
  async (code) => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    await using server = await webServer((request, response) => {
      response.statusCode = request.method === 'HEAD' ? code : 200
      response.setHeader('content-type', 'image/png')
      if (request.method === 'HEAD') response.end()
      // Without an end: only headers are waited for.
      else response.on('close', () => resolve()).write(Buffer.alloc(100_000))
    })
    expect(await ask(server, 'image')).toEqual([])
    await closed
    expect(server.asked.map(({ method }) => method)).toEqual(['HEAD', 'GET'])
  },
)

it('neither credentials nor cookies are sent, and redirects are followed', async () => {
  await using server = await webServer((request, response) => {
    const location = `http://bob:secret@${request.headers.host}/next`
    if (request.url === '/') response.writeHead(302, { location, 'set-cookie': 'a=b' }).end()
    else response.writeHead(request.url === '/next' ? 200 : 404).end()
  })
  expect(await problemsOf(`<a href="${server.url.replace('//', '//ann:secret@')}/#top">Tea</a>`)).toEqual([])
  expect(server.asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['HEAD /', 'HEAD /next'])
  for (const { headers } of server.asked) {
    expect(headers).toHaveProperty('user-agent', 'loudmail-previews')
    expect(headers).not.toHaveProperty('authorization')
    expect(headers).not.toHaveProperty('cookie')
  }
})

it('every address is asked for once, a hundred at most, and a few at a time', async () => {
  let atOnce = 0
  let most = 0
  await using server = await webServer((_request, response) => {
    most = Math.max(most, ++atOnce)
    setImmediate(() => {
      atOnce--
      response.writeHead(404).end()
    })
  })
  const links = Array.from(
    { length: 120 },
    (_, at) => `<a href="${server.url}/${at}">a</a><a href="${server.url}/${at}#b">b</a>`,
  )
  expect(await problemsOf(links.join(''))).toEqual([
    expect.stringContaining('error link: A link that does not exist (404) (100 times): '),
    'warning link: Only 100 of 120 addresses were asked for. Check the others yourself.',
  ])
  expect(server.asked).toHaveLength(100)
  expect(most).toBeLessThanOrEqual(8)
})

it('what is no web address is not asked for', async () => {
  const html =
    '<a href="mailto:a@example.com"></a><a href="/x"></a><a href="https://"></a><a></a><img src="cid:a"><img>'
  expect(await problemsOf(html)).toEqual([])
})

it('a template that fails has no links', async () => {
  const failing = (): never => {
    throw new Error('no')
  }
  expect(await previews({ mail: failing, text: { text: 'Tea' } }).checkLinks('mail', 'default')).toEqual([])
  expect(await previews({ text: { text: 'Tea' } }).checkLinks('text', 'default')).toEqual([])
})
