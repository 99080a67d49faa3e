import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { MailError as CoreMailError, Mailer as CoreMailer, memory, type Transport } from '@loudmail/core'
import { debug, inbox } from '@loudmail/debug'
import { outbox, sqlite } from '@loudmail/outbox'
import type { OutboxStore } from '@loudmail/outbox/store'
import express5, { type Request } from 'express'
import express4 from 'express4'
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { handler, mail, MailError, Mailer, mailErrors, type MailErrorsOptions } from '../src/index.ts'

const message = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hello', text: 'Hello' }
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  vi.restoreAllMocks()
})

/** A transport that fails. */
function failing(init: ConstructorParameters<typeof MailError>[0]): Transport {
  return {
    name: 'failing()',
    send: async ({ messageId }) => {
      throw new MailError({ ...init, messageId })
    },
  }
}

/** Posts to a program, and stops it after the test. */
async function request(
  app: express5.Express,
  body: object,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  // What neither the route nor mailErrors answers becomes a plain 500.
  app.use((error: Error, _req: unknown, res: express5.Response, _next: unknown) => {
    res.status(500).send(error.message)
  })
  const server = app.listen(0, '127.0.0.1')
  closing.push(() => server.close())
  await once(server, 'listening')
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: signal ?? null,
  })
}

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_name, express) => {
  /** Starts a program with one route that sends, and returns the response to a post. */
  async function post(
    transport: Transport,
    options: MailErrorsOptions & { body?: object; prepare?: (app: express5.Express) => void } = {},
  ): Promise<Response> {
    const { body = {}, prepare, ...errors } = options
    const app = express()
    prepare?.(app)
    app.use(express.json())
    app.use(mail(new Mailer({ transport })))
    app.post(
      '/',
      handler(async (req, res) => {
        const receipt = await req.mailer.send({ ...message, ...req.body })
        res.status(201).json({ state: receipt.state })
      }),
    )
    app.use(mailErrors({ log: () => {}, ...errors }))
    return request(app, body)
  }

  /** Posts to a route that rejects with this value. */
  function rejecting(reason: unknown): Promise<Response> {
    const app = express()
    app.post(
      '/',
      handler(() => Promise.reject(reason)),
    )
    app.use(mailErrors())
    return request(app, {})
  }

  it('sends with req.mailer', async () => {
    const transport = memory()
    const response = await post(transport)
    expect([response.status, await response.json()]).toEqual([201, { state: 'captured' }])
    expect(transport.messages[0]?.envelope.to).toEqual(['ann@example.com'])
  })

  it.each([
    ['an address that is not valid', memory(), { to: 'ann at example.com' }, 422],
    ['a server that is away', failing({ stage: 'connect', kind: 'connection-refused' }), {}, 503],
    ['a wrong password', failing({ stage: 'auth', kind: 'bad-credentials' }), {}, 502],
    ['unknown delivery', failing({ stage: 'body', kind: 'timeout', delivered: 'unknown' }), {}, 504],
  ])('answers %s with problem details', async (_what, transport, body, status) => {
    const response = await post(transport, { body })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '60' : null)
    const problem = (await response.json()) as { messageId?: string }
    expect(problem).toMatchObject({ type: 'about:blank', status })
    expect(problem).not.toHaveProperty('code')
    expect(problem.messageId ?? 'not built').toMatch(status === 422 ? /^not built$/ : /^<.+@example\.com>$/)
  })

  it('never repeats what the server said', async () => {
    const reply = { protocol: 'smtp', code: 550, text: 'words of the server' } as const
    const response = await post(failing({ stage: 'rcpt-to', kind: 'mailbox-unknown', reply }))
    const text = await response.text()
    expect(text).not.toContain('words')
    expect(text).not.toContain('mailbox-unknown')
  })

  it('includes the code with exposeCode', async () => {
    const response = await post(failing({ stage: 'auth', kind: 'bad-credentials' }), { exposeCode: true })
    expect(await response.json()).toMatchObject({ code: 'auth/bad-credentials' })
  })

  it('logs the reason, by default to the console', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
    await post(failing({ stage: 'auth', kind: 'bad-credentials' }), { log: undefined })
    expect(printed).toHaveBeenCalledOnce()
    expect(printed.mock.calls[0]?.[0]).toMatchObject({ code: 'auth/bad-credentials' })
  })

  it.each([
    ['an address that is not valid', memory(), { to: 'ann at example.com' }],
    ['an address with a line break', memory(), { to: { address: 'ann@example.com\r\nnext line' } }],
    ['an address with control characters', memory(), { to: { address: 'ann\u001B[31m@example.com\u2028' } }],
    ['an address with dots in odd places', memory(), { to: '.a..b\n.@example.com' }],
    ['a sender that is not valid', memory(), { from: 'shop\n@' }],
    ['no recipient', memory(), { to: [] }],
    ['a subject with a line break', memory(), { subject: 'Hello\r\nBcc: eve@example.com' }],
    ['an unknown field', memory(), { 'line\nbreak': 1 }],
  ])('prints one line for %s, with the code and the remedy', async (_what, transport, body) => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect((await post(transport, { body, log: undefined })).status).toBe(422)
    expect(printed.mock.calls).toEqual([
      [expect.stringMatching(/^compose\/[a-z-]+: [^\p{Cc}\u2028]+ - [^\p{Cc}\u2028]+$/u)],
    ])
  })

  it.each([
    ['a server that is away', { stage: 'connect', kind: 'connection-refused' }, 503],
    ['a wrong password', { stage: 'auth', kind: 'bad-credentials' }, 502],
    ['unknown delivery', { stage: 'body', kind: 'timeout', delivered: 'unknown' }, 504],
  ] satisfies [string, ConstructorParameters<typeof MailError>[0], number][])(
    'prints %s with stack and facts',
    async (_what, init, status) => {
      const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
      expect((await post(failing(init), { log: undefined })).status).toBe(status)
      const [[said]] = printed.mock.calls as [[MailError]]
      expect(printed.mock.calls).toHaveLength(1)
      expect(inspect(said)).toMatch(
        new RegExp(`^MailError: ${init.stage}/${init.kind}: .*\\n    at [^]*hint: `),
      )
    },
  )

  it('answers without the headers that the handler set for its own content', async () => {
    const response = await post(failing({ stage: 'auth', kind: 'bad-credentials' }), {
      prepare: (app) =>
        app.use((_req, res, next) => {
          res.set({ 'content-length': '3', 'content-language': 'de', etag: '"1"', 'x-request-id': '7' })
          next()
        }),
    })
    expect(response.headers.get('x-request-id')).toBe('7')
    expect(response.headers.get('etag')).toBeNull()
    expect(response.headers.get('content-language')).toBeNull()
    expect(await response.json()).toMatchObject({ status: 502 })
  })

  it.each([
    [
      'is in a folder that does not exist',
      503,
      (folder: string) => sqlite(join(folder, 'missing', 'secret-mail.db')),
    ],
    [
      'is not a database',
      503,
      (folder: string) => {
        writeFileSync(join(folder, 'secret-mail.db'), 'words of a file '.repeat(100))
        return sqlite(join(folder, 'secret-mail.db'))
      },
    ],
    [
      'may or may not have kept the message',
      504,
      (folder: string): OutboxStore => ({
        ...sqlite(join(folder, 'secret-mail.db')),
        add: () => Promise.reject(new MailError({ stage: 'submit', kind: 'storage', delivered: 'unknown' })),
      }),
    ],
  ])('answers where the file of an outbox %s: %i', async (_what, status, store) => {
    const folder = mkdtempSync(join(tmpdir(), 'express-outbox-'))
    closing.push(() => rmSync(folder, { recursive: true }))
    const logged: string[] = []
    const response = await post(outbox(memory(), { store: store(folder) }), {
      log: (error) => void logged.push(error.code),
    })
    expect([response.status, logged]).toEqual([status, ['submit/storage']])
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '60' : null)
    const answer = await response.text()
    expect(JSON.parse(answer)).toHaveProperty('messageId')
    expect(answer).not.toMatch(/secret-mail|sqlite|database|storage/i)
  })

  it('passes other errors on, even values that are not errors', async () => {
    expect(await (await rejecting(new Error('other'))).text()).toBe('other')
    const response = await rejecting(undefined)
    expect([response.status, await response.text()]).toEqual([500, 'The handler rejected without an error'])
  })

  it('passes a failure on if the response has begun', async () => {
    const app = express()
    let passed: unknown
    app.use(mail(new Mailer({ transport: failing({ stage: 'auth', kind: 'bad-credentials' }) })))
    app.post(
      '/',
      handler(async (req, res) => {
        res.write('begun')
        await req.mailer.send(message)
      }),
    )
    app.use(mailErrors())
    app.use((error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
      passed = error
      res.end()
    })
    expect(await (await request(app, {})).text()).toBe('begun')
    expect(passed).toBeInstanceOf(MailError)
  })

  it.each([
    [
      'throws',
      'threw',
      () => {
        throw new Error('the log is full')
      },
    ],
    [
      'rejects',
      'rejected',
      async () => {
        throw new Error('the log is full')
      },
    ],
  ])('answers the same where the log %s, and says so in a process warning', async (_what, how, log) => {
    const warned: string[] = []
    const onWarning = (warning: Error): void => void warned.push(warning.message)
    process.on('warning', onWarning)
    closing.push(() => process.off('warning', onWarning))
    const response = await post(failing({ stage: 'auth', kind: 'bad-credentials' }), { log })
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    await vi.waitFor(() => expect(warned).toEqual([`log() of mailErrors() ${how}: Error: the log is full`]))
  })

  it('passes a TypeError on, even if a handler reads `send` of undefined', async () => {
    const app = express()
    app.post(
      '/',
      handler((req: Request) => req.mailer.send(message)),
    )
    app.use(mailErrors())
    const response = await request(app, {})
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining("reading 'send'")])
  })

  it('says what is wrong if handler() gets nothing', () => {
    expect(() => handler(undefined as never)).toThrow(/handler\(\) needs a function/)
  })

  it.each([
    ['mail', mail, 'app.use(mail(new Mailer({ transport })))'],
    ['mailErrors', mailErrors, 'app.use(mailErrors())'],
  ])(
    'says what is wrong where %s itself is used as the middleware',
    async (_middleware, middleware, remedy) => {
      const app = express()
      app.use(middleware as never)
      expect(await (await request(app, {})).text()).toContain(remedy)
    },
  )

  it('gives observers the context of the request, as it is when the request sends', async () => {
    const seen: unknown[] = []
    const mailer = new Mailer({ transport: memory(), observe: ({ context }) => void seen.push(context) })
    const app = express()
    app.use(
      mail<Request>(mailer, {
        context: (req) => ({ requestId: req.get('x-request-id'), user: req.res?.locals.user }),
      }),
    )
    app.use((_req, res, next) => {
      res.locals.user = 'ann'
      next()
    })
    app.post(
      '/',
      handler(async (req, res) => {
        await req.mailer.send(message)
        await req.mailer.send(message, { context: { step: 2 } })
        res.json({ same: req.mailer === req.mailer })
      }),
    )
    expect(await (await request(app, {}, { 'x-request-id': '7' })).json()).toEqual({ same: true })
    expect(seen).toEqual([
      { requestId: '7', user: 'ann' },
      { requestId: '7', user: 'ann', step: 2 },
    ])
    expect(mailer.stats.sent).toBe(2)
  })

  it.each([
    [true, 'queue/aborted'],
    [false, undefined],
  ])('with abortOnClose: %s, a client that goes away makes of its mail %s', async (abortOnClose, code) => {
    const begun = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    const settled = Promise.withResolvers<string | undefined>()
    const transport: Transport = {
      name: 'slow()',
      async send(_message, context) {
        begun.resolve()
        await Promise.race([
          new Promise((resolve) => context!.signal!.addEventListener('abort', resolve)),
          closed.promise.then(() => new Promise((resolve) => setTimeout(resolve, 50))),
        ])
        if (context!.signal!.aborted) throw new MailError({ stage: 'queue', kind: 'aborted' })
        return { transport: 'slow()', state: 'sent', failures: [] }
      },
    }
    const app = express()
    app.use(mail(new Mailer({ transport }), { abortOnClose }))
    app.post(
      '/',
      handler(async (req, res) => {
        res.once('close', () => closed.resolve())
        const { error } = await req.mailer.send(message, { failure: 'silent' })
        settled.resolve(error?.code)
      }),
    )
    const leaving = new AbortController()
    const asking = request(app, {}, {}, leaving.signal).catch(() => undefined)
    await begun.promise
    leaving.abort()
    expect(await settled.promise).toBe(code)
    await asking
  })

  it('keeps several mailers apart by name', async () => {
    const [everyday, marketing] = [memory(), memory()]
    const app = express()
    app.use(mail(new Mailer({ transport: everyday })))
    app.use(mail(new Mailer({ transport: marketing }), { name: 'marketing' }))
    app.post(
      '/',
      handler(async (req, res) => {
        await req.mailers.marketing.send(message)
        await req.mailers.marketing.send(message)
        await req.mailer.send(message)
        res.json(Object.keys(req.mailers))
      }),
    )
    expect(await (await request(app, {})).json()).toEqual(['marketing'])
    expect([everyday.messages.length, marketing.messages.length]).toEqual([1, 2])
  })

  it('shows the inbox as a sub-application, whatever middleware is around it', async () => {
    const transport = debug()
    const mailer = new Mailer({ transport })
    closing.push(() => mailer.close())
    const app = express()
    app.use(express.json(), express.urlencoded({ extended: false }))
    app.use('/dev/mail', inbox(transport.store))
    app.use(mail(mailer))
    app.post(
      '/',
      handler(async (req, res) => void res.json(await req.mailer.send(message))),
    )
    const response = await request(app, {})
    expect(response.status).toBe(200)
    const base = response.url
    const page = await fetch(`${base}dev/mail?q=hello`)
    expect(page.url).toBe(`${base}dev/mail/?q=hello`)
    expect(await page.text()).toContain('1 mail')
    expect((await fetch(`${base}dev/mail/inbox.js`)).headers.get('content-type')).toContain('javascript')
    const cleared = await fetch(`${base}dev/mail/clear`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b' }),
    })
    expect(cleared.url).toBe(`${base}dev/mail/`)
    expect(transport.store.mails).toEqual([])
  })
})

describe('Express 5', () => {
  it('needs no handler(): an async handler gets the same answer without it', async () => {
    const answers = [(each: express5.RequestHandler) => each, handler].map(async (wrap) => {
      const app = express5()
      app.use(mail(new Mailer({ transport: failing({ stage: 'rcpt-to', kind: 'greylisted' }) })))
      app.post(
        '/',
        wrap(
          async (req, res) => void res.json(await req.mailer.send({ ...message, messageId: '1@a.example' })),
        ),
      )
      app.use(mailErrors({ log: () => {} }))
      const response = await request(app, {})
      return [response.status, response.headers.get('retry-after'), await response.json()]
    })
    const [plain, wrapped] = await Promise.all(answers)
    expect(plain?.[0]).toBe(503)
    expect(plain).toEqual(wrapped)
  })
})

declare global {
  namespace Express {
    interface Mailers {
      marketing: Mailer
    }
  }
}

describe('types', () => {
  it('gives req.mailers by name, with types if they are declared', () => {
    expectTypeOf<Request['mailers']['marketing']>().toEqualTypeOf<Mailer>()
    expectTypeOf<Request['mailers']['other']>().toEqualTypeOf<Mailer>()
  })

  it('gives req.mailer, and handler() accepts the parameters of the path', () => {
    expectTypeOf<Request['mailer']>().toEqualTypeOf<Mailer>()
    express5().get(
      '/users/:id',
      handler<{ id: string }>(async (req, res) => {
        expectTypeOf(req.params).toEqualTypeOf<{ id: string }>()
        res.json(await req.mailer.send(message))
      }),
    )
  })
})

describe('when it is made', () => {
  const mailer = new Mailer({ transport: memory() })

  it('re-exports Mailer and MailError of core', () => {
    expect([Mailer, MailError]).toEqual([CoreMailer, CoreMailError])
  })

  it.each([
    ['mail() of nothing', () => mail(undefined as never), 'mail() needs a Mailer'],
    ['mail() of a transport', () => mail(memory() as never), 'mail() needs a Mailer'],
    ['a name that is empty', () => mail(mailer, { name: '' }), 'name must be a string'],
    [
      'a context that is no function',
      () => mail(mailer, { context: {} as never }),
      'context must be a function',
    ],
    ['abortOnClose as a string', () => mail(mailer, { abortOnClose: 'no' as never }), 'abortOnClose must be'],
    [
      'an option of mail() that does not exist',
      () => mail(mailer, { policy: 1 } as never),
      'no option "policy"',
    ],
    ['an option that does not exist', () => mailErrors({ expose: true } as never), 'has no option "expose"'],
    ['options that are none', () => mailErrors(null as never), 'needs an object with options'],
    ['exposeCode as a string', () => mailErrors({ exposeCode: 'false' } as never), 'exposeCode must be'],
    ['log as a string', () => mailErrors({ log: 'warn' } as never), 'log must be a function'],
  ])('refuses %s', (_what, make, words) => {
    expect(make).toThrow(MailError)
    expect(make).toThrow(words)
  })
})
