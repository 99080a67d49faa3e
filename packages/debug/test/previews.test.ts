import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer, MailError } from '@loudmail/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  debug,
  folderStore,
  inbox,
  memoryStore,
  startInbox,
  type InboxOptions,
  type ShownPreviews,
} from '../src/index.ts'
import { FolderPreviews } from './folder-previews.ts'

const WELCOME = `<html lang="en"><head><title>Welcome {{name}}</title><style>
@media (prefers-color-scheme: dark) { body { background: #111 } }
@media screen and (prefers-color-scheme: light) { body { background: #eee } }
</style></head><body><img src="cid:logo" alt="Tea"><p>Hello {{name}}</p>
<script>parent.hacked = 1</script></body></html>`

let folder: string
let previews: FolderPreviews
const servers: Server[] = []

function put(name: string, content: string): void {
  writeFileSync(join(folder, name), content)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'previews-'))
  previews = new FolderPreviews(folder)
  put('welcome.html', WELCOME)
  put('welcome.json', JSON.stringify({ ann: { name: 'Ann' }, 'no <name>': {} }))
  put('logo.png', 'PNG!')
})

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
  rmSync(folder, { recursive: true })
})

async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Said {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

async function started(
  options: InboxOptions = { previews },
): Promise<(path: string, init?: Ask) => Promise<Said>> {
  const url = await serve(inbox(memoryStore(), options))
  return async (path, init) => {
    const response = await fetch(url + path, {
      redirect: 'manual',
      ...init,
      headers: { connection: 'close', ...init?.headers },
    })
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
}

const ANN = 'welcome/ann'
const NAMELESS = 'welcome/no~20~3Cname~3E'

describe('the previews', () => {
  it('are a page of the inbox, beside the mails and the outbox', async () => {
    const ask = await started()
    expect((await ask('/')).body).toMatch(/<a href="previews\/"\s*>Previews<\/a>/)
    expect((await ask('/previews?mail=x')).headers.get('location')).toBe('previews/?mail=x')
    const { status, body } = await ask('/previews/')
    expect(status).toBe(200)
    expect(body).toMatch(/<a href="\.\.\/"\s*>Mails<\/a>/)
    expect(body).toMatch(/1 template, 2 samples/)
    expect(body).toMatch(/href="\.\/\?mail=welcome%2Fann"/)
    expect(body).toContain('no &lt;name&gt;')
    for (const asset of ['inbox.css', 'inbox.js', 'previews.js'])
      expect((await ask(`/previews/${asset}`)).status).toBe(200)
    const without = await started({})
    expect((await without('/previews/')).status).toBe(404)
    expect((await without('/')).body).not.toContain('Previews')
  })

  it('show a sample in every way', async () => {
    const ask = await started()
    const view = async (name: string): Promise<string> =>
      (await ask(`/previews/?mail=${ANN}&view=${name}`)).body
    expect(await view('html')).toMatch(/<h2 id="subject">Welcome Ann<\/h2>/)
    expect(await view('html')).toMatch(/<strong>0\.\d kB<\/strong> of HTML; Gmail shows 102 kB/)
    expect(await view('html')).toMatch(
      /src="mails\/welcome\/ann\/html"\s+sandbox="allow-scripts allow-popups /,
    )
    expect(await view('html')).not.toContain('allow-same-origin')
    expect(await view('text')).toContain('There is no text part.')
    expect(await view('source')).toContain('&lt;script&gt;parent.hacked = 1&lt;/script&gt;')
    expect(await view('attachments')).toMatch(/src="mails\/welcome\/ann\/images\/0"/)
    expect(await view('problems')).toMatch(/Warning[^]*Text[^]*There is no text part: add &lt;text&gt;\./)
    put('welcome.txt', 'Hello {{name}} <b> https://tea.example/x')
    expect(await view('text')).toMatch(
      /"Text">\s*<pre>Hello Ann &lt;b&gt; <a href="https:\/\/tea.example\/x"/,
    )
  })

  it('show the HTML of a sample as hostile: none of its scripts, nothing remote', async () => {
    const ask = await started()
    const { status, headers, body } = await ask(`/previews/mails/${ANN}/html`)
    expect(status).toBe(200)
    expect(body).toContain('<p>Hello Ann</p>')
    expect(body).toContain(`src="data:image/png;base64,${btoa('PNG!')}"`)
    expect(body).not.toContain('hacked')
    const policy = headers.get('content-security-policy')!
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)![1]
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'nonce-[^']+'; img-src data:; style-src 'unsafe-inline'; /,
    )
    expect(policy).toMatch(/sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox$/)
    expect(body.match(/<script/g)).toHaveLength(1)
    expect(body).toContain(`<script nonce="${nonce}">`)
    expect((await ask(`/previews/mails/${ANN}/html`)).headers.get('content-security-policy')).not.toBe(policy)
    expect(
      (await ask(`/previews/mails/${ANN}/html?remote=1`)).headers.get('content-security-policy'),
    ).toContain('img-src data: http: https:;')
  })

  it('show nothing that browsers and the check read differently', async () => {
    put('welcome.html', '<noscript><p title="</noscript><img src=x onerror=x()>">In noscript</p></noscript>')
    const ask = await started()
    const { body } = await ask(`/previews/mails/${ANN}/html`)
    expect(body).toContain('In noscript</p>')
    expect(body).not.toMatch(/<noscript/i)
    put('welcome.html', '<xmp><noscript></xmp>')
    expect((await ask(`/previews/mails/${ANN}/html`)).status).toBe(422)
    // Our script would be a part of its text.
    put('welcome.html', '<p>Hello<plaintext>')
    expect((await ask(`/previews/mails/${ANN}/html`)).status).toBe(422)
    put('welcome.html', `<pre>${'\n'.repeat(20)}Hello</pre>`)
    expect((await ask(`/previews/mails/${ANN}/html`)).status).toBe(200)
    put('welcome.html', '<b>'.repeat(20_000))
    expect(await ask(`/previews/mails/${ANN}/html`)).toMatchObject({
      status: 422,
      body: expect.stringContaining('cannot be shown safely'),
    })
  })

  it('apply dark styles in dark colours only, and light ones in light colours only', async () => {
    const ask = await started()
    const styles = async (search: string): Promise<string[]> =>
      (await ask(`/previews/mails/${ANN}/html${search}`)).body.match(/@media [^{]*/g)!
    expect(await styles('')).toEqual(['@media (max-width: -1px) ', '@media screen and (min-width: 0px) '])
    expect(await styles('?scheme=dark')).toEqual([
      '@media (min-width: 0px) ',
      '@media screen and (max-width: -1px) ',
    ])
    const dark = async (): Promise<string> => (await ask(`/previews/?mail=${ANN}&scheme=dark`)).body
    expect(await dark()).not.toContain('no styles for dark mode')
    put('welcome.html', '<meta name="color-scheme" content="light dark"><p>(prefers-color-scheme: dark)</p>')
    expect(await dark()).not.toContain('no styles for dark mode')
    const { body } = await ask(`/previews/mails/${ANN}/html?scheme=dark`)
    expect(body).toContain('<style>:root{color-scheme:light dark}</style>')
    expect(body).toContain('<p>(prefers-color-scheme: dark)</p>')
    put('welcome.html', '<p>Hello</p>')
    expect(await dark()).toContain('This mail has no styles for dark mode.')
  })

  it('mark what Gmail cuts off', async () => {
    put('welcome.html', `<p>${'é'.repeat(60_000)}</p><p>The <b>end</b></p>`)
    const ask = await started()
    const source = (await ask(`/previews/?mail=${ANN}&view=source`)).body
    const cut = /<mark>([^]*)<\/mark>/.exec(source)![1]!
    expect(cut).toMatch(/^é{7770,7780}&lt;\/p&gt;&lt;p&gt;The &lt;b&gt;end/)
    expect(source).toMatch(/<strong>117 kB<\/strong> of HTML; Gmail shows 102 kB and cuts the rest off/)
    const shown = (await ask(`/previews/?mail=${ANN}`)).body
    expect(shown).toMatch(/Gmail cuts the end off:\s*<a href="[^"]*view=source#clipped">/)
  })

  it('leave out the name of the only sample', async () => {
    put('welcome.json', JSON.stringify({ default: { name: 'Ann' } }))
    const { body } = await (await started())('/previews/?mail=welcome/default')
    expect(body).toContain('<dt>Template</dt>')
    expect(body).not.toMatch(/<dt>Sample<|>default</)
  })

  it('say why a template fails, and where', async () => {
    const ask = await started()
    const { body } = await ask(`/previews/?mail=${NAMELESS}`)
    expect(body).toContain('&quot;name&quot; is not in the data <code class="code">compose/template</code>')
    expect(body).toContain(`<code>${join(folder, 'welcome.html')}:1:38</code>`)
    expect(body).toMatch(/>1 \| &lt;html lang[^<]*Welcome \{\{name\}\}&lt;\/title&gt;/)
    expect(body).not.toContain('What to do')
    expect((await ask(`/previews/mails/${NAMELESS}/html`)).status).toBe(404)
  })

  it('give attachments and the source by themselves, harmless', async () => {
    const ask = await started()
    expect((await ask(`/previews/mails/${ANN}/images/0`)).headers.get('content-type')).toBe('image/png')
    const saved = await ask(`/previews/mails/${ANN}/attachments/0`)
    expect([saved.body, saved.headers.get('content-disposition')]).toEqual([
      'PNG!',
      'attachment; filename=logo.png',
    ])
    expect((await ask(`/previews/mails/${ANN}/source`)).headers.get('content-type')).toBe(
      'text/plain; charset=utf-8',
    )
    for (const path of [
      'mails/welcome/ann/images/1',
      'mails/welcome/eve/html',
      'mails/welcome/ann/other',
      'x',
    ])
      expect((await ask(`/previews/${path}`)).status).toBe(404)
    expect(await ask('/previews/?mail=welcome%2Feve')).toMatchObject({
      status: 404,
      body: expect.stringContaining('There is no such sample any more.'),
    })
  })

  it.each(['..', '.', '', 'a/b', 'a%2Fb', 'ä~?#', '~2E~', '\u{D800}'])('can be called %j', async (name) => {
    put('welcome.json', JSON.stringify({ [name]: { name: 'Odd' }, other: {} }))
    const ask = await started()
    const [, key] = /data-mail="([^"]+)"/.exec((await ask('/previews/')).body)!
    expect((await ask(`/previews/mails/${key}/html`)).body).toContain('Hello Odd')
    expect((await ask(`/previews/?mail=${encodeURIComponent(key!)}`)).body).toContain('Welcome Odd</h2>')
  })
})

describe('two samples', () => {
  it('have two places, however similar their names are', async () => {
    put('welcome.json', JSON.stringify({ 'a b': { name: 'Space' }, 'a~20b': { name: 'Tilde' } }))
    const ask = await started()
    const keys = Array.from((await ask('/previews/')).body.matchAll(/data-mail="([^"]+)"/g), ([, key]) => key)
    const shown = keys.map(
      async (key) => /Hello \w+/.exec((await ask(`/previews/mails/${key}/html`)).body)?.[0],
    )
    expect(await Promise.all(shown)).toEqual(['Hello Space', 'Hello Tilde'])
  })
})

describe('the check of links', () => {
  it('asks the servers only when somebody wants it, and says what they answered', async () => {
    const asked: string[] = []
    const shop = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.writeHead(request.url === '/gone' ? 404 : 200).end()
    })
    put('welcome.html', `<title>Hi</title><a href="${shop}/gone">x</a><a href="${shop}/there">y</a>`)
    const ask = await started()
    expect((await ask(`/previews/?mail=${ANN}&view=problems`)).body).toContain('Check links and images')
    expect((await ask(`/previews/check?mail=${ANN}`)).status).toBe(405)
    expect(asked).toEqual([])
    const done = await ask(`/previews/check?mail=${ANN}&view=problems`, { method: 'POST' })
    expect([done.status, done.headers.get('location')]).toEqual([303, './?mail=welcome%2Fann&view=problems'])
    expect(asked.toSorted()).toEqual(['HEAD /gone', 'HEAD /there'])
    const { body } = await ask(`/previews/${done.headers.get('location')}`)
    expect(body).toContain(`${shop}/gone answers 404.`)
    expect(body).toContain('1 problem was found.')
    expect(body).toContain('>2 problems<')
    put('welcome.html', '<title>Hi</title>')
    const changed = (await ask(`/previews/?mail=${ANN}&view=problems`)).body
    expect(changed).toContain('The template has changed since then.')
    expect(changed).not.toContain('answers 404')
  })
})

describe('the check with axe', () => {
  it('says how to install it if it is missing', async () => {
    const ask = await started()
    expect((await ask(`/previews/?mail=${ANN}&view=accessibility`)).body).toContain(
      'npm install --save-dev axe-core',
    )
    expect((await ask(`/previews/mails/${ANN}/axe`)).status).toBe(404)
  })

  it('runs in a frame of its own, which may load nothing', async () => {
    const script = 'var axe = "</script><script>x()//<!--"'
    const ask = await started({ previews: new FolderPreviews(folder, script) })
    expect((await ask(`/previews/?mail=${ANN}&view=accessibility`)).body).toMatch(
      /src="mails\/welcome\/ann\/axe"\s+sandbox="allow-scripts"/,
    )
    const { headers, body } = await ask(`/previews/mails/${ANN}/axe?remote=1`)
    expect(headers.get('content-security-policy')).toMatch(/img-src data:; .*; sandbox allow-scripts$/)
    expect(body).toContain(String.raw`var axe = "\x3C/script><script>x()//\x3C!--"`)
    expect(body.match(/<\/script>/g)).toHaveLength(2)
    expect(body).not.toContain('hacked')
  })
})

describe('live', () => {
  async function opened(url: string): Promise<{ next: () => Promise<string>; close: () => void }> {
    const controller = new AbortController()
    const response = await fetch(`${url}previews/events`, { signal: controller.signal })
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    const next = async (): Promise<string> => {
      let heard = ''
      while (!heard.includes('data:')) heard += (await reader.read()).value
      return heard
    }
    return { next, close: () => controller.abort() }
  }

  it('all pages hear of a change from one watcher, which ends with the last of them', async () => {
    await using own = await startInbox(memoryStore(), { previews })
    expect(previews.watching).toBe(0)
    const [first, second] = [await opened(own.url), await opened(own.url)]
    expect(previews.watching).toBe(1)
    put('welcome.html', '<p>New</p>')
    await Promise.all([first.next(), second.next()])
    first.close()
    put('welcome.html', '<p>Newer</p>')
    await second.next()
    expect(previews.watching).toBe(1)
    second.close()
    await expect.poll(() => previews.watching).toBe(0)
    const again = await opened(own.url)
    expect(previews.watching).toBe(1)
    await own.close()
    await expect.poll(() => previews.watching).toBe(0)
    again.close()
  })

  it('a page changes its version only if the sample does', async () => {
    const ask = await started()
    const version = async (): Promise<string> =>
      /data-version="([^"]+)"/.exec((await ask(`/previews/?mail=${ANN}`)).body)![1]!
    const old = await version()
    expect(await version()).toBe(old)
    put('logo.png', 'PNG?')
    expect(await version()).not.toBe(old)
  })
})

describe('who may see them', () => {
  it.each(['previews/', 'previews/api/samples', `previews/mails/${ANN}/html`, 'previews/events'])(
    'is who may see the inbox: %s',
    async (path) => {
      const ask = await started({ previews, authorize: () => false })
      const { status, headers } = await ask(`/${path}`)
      expect(status).toBe(403)
      expect(headers.get('content-type')).toBe(
        path.includes('/api/') ? 'application/problem+json' : 'text/plain; charset=utf-8',
      )
    },
  )

  it('pages of other sites cannot press the button', async () => {
    const ask = await started()
    for (const path of [`check?mail=${ANN}`, `api/samples/${ANN}/check`])
      expect(
        (await ask(`/previews/${path}`, { method: 'POST', headers: { origin: 'https://evil.example' } }))
          .status,
      ).toBe(403)
  })

  it('something else than previews is a mistake in the configuration', () => {
    expect(() => inbox(memoryStore(), { previews: {} as ShownPreviews })).toThrow(
      /previews option of inbox\(\) must be what previews\(\) from @loudmail\/content\/previews returns/,
    )
  })
})

describe('the API of the previews', () => {
  it('lists the samples, and gives each in full', async () => {
    const ask = await started()
    const json = async (path: string): Promise<Record<string, unknown>> =>
      JSON.parse((await ask(`/previews/api/${path}`)).body) as Record<string, unknown>
    expect((await json('samples')).samples).toEqual([
      {
        template: 'welcome',
        sample: 'ann',
        url: expect.stringMatching(/^http:.*\/previews\/api\/samples\/welcome\/ann$/),
        pageUrl: expect.stringMatching(/^http:.*\/previews\/\?mail=welcome%2Fann$/),
      },
      expect.objectContaining({ sample: 'no <name>' }),
    ])
    const ann = await json(`samples/${ANN}`)
    expect(ann).toMatchObject({
      subject: 'Welcome Ann',
      html: expect.stringContaining('<p>Hello Ann</p>'),
      problems: [{ kind: 'text', level: 'warning' }],
      attachments: [{ filename: 'logo.png', type: 'image/png', size: 4, contentId: 'logo', inline: true }],
    })
    expect(await (await fetch((ann.attachments as { url: string }[])[0]!.url)).text()).toBe('PNG!')
    expect((await json(`samples/${NAMELESS}`)).error).toMatchObject({
      code: 'compose/template',
      location: { line: 1, column: 38 },
    })
    expect(await json('samples/welcome/eve')).toMatchObject({
      status: 404,
      detail: 'There is no such sample.',
    })
    expect(await json('other')).toMatchObject({ status: 404 })
    expect((await ask(`/previews/api/samples/${ANN}/check`)).headers.get('allow')).toBe('POST')
    expect((await ask('/previews/api/samples', { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD')
    expect(JSON.parse((await ask(`/previews/api/samples/${ANN}/check`, { method: 'POST' })).body)).toEqual({
      problems: [],
    })
  })
})

describe('a send whose template failed', () => {
  it.each(['memory', 'folder'])('shows in the inbox where, from a store in %s', async (kind) => {
    const store = kind === 'memory' ? memoryStore() : folderStore(join(folder, 'mails'))
    await using mailer = new Mailer({
      transport: debug({ store }),
      failure: 'silent',
      observe: (event) => void event.error,
    })
    const template = (): never => {
      const location = { file: '/app/mails/welcome.hbs', line: 3, column: 7, excerpt: '3 | {{nam}}\n      ^' }
      throw new MailError({ stage: 'compose', kind: 'template', location })
    }
    await mailer.send({ from: 'tea@shop.example', to: 'ann@example.com', template })
    const { mails } = await store.list({})
    const url = await serve(inbox(store))
    const body = await (
      await fetch(`${url}/?mail=${mails[0]!.id}`, { headers: { connection: 'close' } })
    ).text()
    expect(body).toContain('<code>/app/mails/welcome.hbs:3:7</code>')
    expect(body).toContain('>3 | {{nam}}\n')
  })
})
