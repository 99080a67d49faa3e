import { memory, type Transport } from '@loudmail/core'
import type { MailErrorInit } from '@loudmail/core/transport'
import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Logger,
  Post,
  Res,
  type INestApplication,
  type LoggerService,
} from '@nestjs/common'
import { APP_FILTER, HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { Test } from '@nestjs/testing'
import { lastValueFrom, type Observable } from 'rxjs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  Mailer,
  MailError,
  MailErrorFilter,
  MailerModule,
  type MailErrorFilterOptions,
} from '../src/index.ts'

const message = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hello', text: 'Hello' }

@Controller()
class Messages {
  readonly #mailer: Mailer

  constructor(mailer: Mailer) {
    this.#mailer = mailer
  }

  @Post()
  async send(@Body() body: object): Promise<object> {
    const { state } = await this.#mailer.send({ ...message, ...body })
    return { state }
  }

  @Post('begun')
  async begun(@Res() response: { raw?: NodeJS.WritableStream } & NodeJS.WritableStream): Promise<void> {
    const raw = response.raw ?? response
    raw.write('begun')
    await this.#mailer.send(message)
  }

  @Get()
  forbidden(): never {
    throw new ForbiddenException()
  }
}

/** A transport that fails. */
function failing(init: MailErrorInit): Transport {
  return {
    name: 'failing()',
    send: async ({ messageId }) => {
      throw new MailError({ ...init, messageId })
    },
  }
}

const applications: INestApplication[] = []
const log = vi.fn<LoggerService['error']>()
const warn = vi.fn<LoggerService['warn']>()
const logger: LoggerService = { log: () => {}, warn, error: log }

afterEach(async () => {
  for (const application of applications.splice(0)) await application.close()
  log.mockClear()
  warn.mockClear()
  Logger.overrideLogger(true)
})

function post(url: string, body: object = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
] satisfies [string, () => AbstractHttpAdapter][])('MailErrorFilter under %s', (_platform, adapter) => {
  /** Starts an application with the filter as a provider, or created by hand if it has options. */
  async function start(transport: Transport, options?: MailErrorFilterOptions): Promise<string> {
    const testing = await Test.createTestingModule({
      imports: [MailerModule.forRoot({ transport })],
      controllers: [Messages],
      providers: options ? [] : [{ provide: APP_FILTER, useClass: MailErrorFilter }],
    }).compile()
    const application = testing.createNestApplication(adapter(), { logger })
    if (options) application.useGlobalFilters(new MailErrorFilter(application.get(HttpAdapterHost), options))
    applications.push(application)
    await application.listen(0, '127.0.0.1')
    return (await application.getUrl()).replace('[::1]', '127.0.0.1')
  }

  it('does not change the answer to a successful send', async () => {
    const response = await post(await start(memory()))
    expect([response.status, await response.json()]).toEqual([201, { state: 'captured' }])
  })

  it.each([
    ['an address that is not valid', memory(), { to: 'ann at example.com' }, 422],
    ['a server that is away', failing({ stage: 'connect', kind: 'connection-refused' }), {}, 503],
    ['a wrong password', failing({ stage: 'auth', kind: 'bad-credentials' }), {}, 502],
    ['unknown delivery', failing({ stage: 'body', kind: 'timeout', delivered: 'unknown' }), {}, 504],
  ])('answers %s with problem details', async (_what, transport, body, status) => {
    const response = await post(await start(transport), body)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json(; charset=utf-8)?$/)
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '60' : null)
    const problem = (await response.json()) as { messageId?: string }
    expect(problem).toMatchObject({ type: 'about:blank', status })
    expect(problem).not.toHaveProperty('code')
    expect(problem.messageId ?? 'not built').toMatch(status === 422 ? /^not built$/ : /^<.+@example\.com>$/)
  })

  it("logs the reason, and never sends the server's words to the client", async () => {
    const reply = { protocol: 'smtp', code: 550, text: 'words of the server' } as const
    const response = await post(await start(failing({ stage: 'rcpt-to', kind: 'mailbox-unknown', reply })))
    expect(await response.text()).not.toContain('words')
    expect(log).toHaveBeenCalledOnce()
    expect(log.mock.calls[0]?.[0]).toMatch(/rcpt-to\/mailbox-unknown.*words of the server.* - /)
  })

  it.each([
    ['an address that is not valid', { to: 'ann at example.com' }],
    ['an address with a line break', { to: { address: 'ann@example.com\r\nnext line' } }],
    ['a sender that is not valid', { from: 'shop\n@' }],
    ['no recipient', { to: [] }],
    ['a subject with a line break', { subject: 'Hello\r\nBcc: eve@example.com' }],
    ['an unknown field', { 'line\nbreak': 1 }],
  ])('logs %s as one line, without a stack', async (_what, body) => {
    expect((await post(await start(memory()), body)).status).toBe(422)
    const line = expect.stringMatching(/^compose\/[a-z-]+: [^\p{Cc}]+ - [^\p{Cc}]+$/u) as string
    expect([warn.mock.calls, log.mock.calls]).toEqual([[[line, 'MailErrorFilter']], []])
  })

  it.each([
    ['a server that is away', { stage: 'connect', kind: 'connection-refused' }],
    ['a wrong password', { stage: 'auth', kind: 'bad-credentials' }],
    ['unknown delivery', { stage: 'body', kind: 'timeout', delivered: 'unknown' }],
  ] satisfies [string, MailErrorInit][])('logs %s with its stack', async (_what, init) => {
    await post(await start(failing(init)))
    expect(log.mock.calls).toEqual([
      [
        expect.stringMatching(`${init.stage}/${init.kind}: .* - `),
        expect.stringMatching(/^MailError: .*\n    at /),
        'MailErrorFilter',
      ],
    ])
  })

  it('answers the same if the logger throws', async () => {
    const url = await start(failing({ stage: 'auth', kind: 'bad-credentials' }))
    log.mockImplementationOnce(() => {
      throw new Error('the log is full')
    })
    const response = await post(url)
    expect([response.status, await response.json()]).toMatchObject([502, { title: 'Bad Gateway' }])
    expect(log).toHaveBeenCalledOnce()
  })

  it('includes the code with exposeCode', async () => {
    const url = await start(failing({ stage: 'auth', kind: 'bad-credentials' }), { exposeCode: true })
    expect(await (await post(url)).json()).toMatchObject({ status: 502, code: 'auth/bad-credentials' })
  })

  it('leaves other exceptions alone', async () => {
    const response = await fetch(await start(memory()))
    expect([response.status, await response.json()]).toMatchObject([403, { message: 'Forbidden' }])
  })

  it('ends a response that has begun', async () => {
    const url = await start(failing({ stage: 'auth', kind: 'bad-credentials' }))
    expect(await (await post(`${url}/begun`)).text()).toBe('begun')
    expect(log).toHaveBeenCalledOnce()
  })
})

describe('MailErrorFilter', () => {
  const error = new MailError({ stage: 'auth', kind: 'bad-credentials' })

  function catching(context: string): unknown {
    const host = new ExecutionContextHost([])
    host.setType(context)
    Logger.overrideLogger(logger)
    return new MailErrorFilter(new HttpAdapterHost()).catch(error, host)
  }

  it("returns an error without the server's words to a microservice, and does not throw", async () => {
    await expect(lastValueFrom(catching('rpc') as Observable<never>)).rejects.toEqual({
      status: 'error',
      message: 'The mail was not sent, or not to everybody.',
    })
    expect(log).toHaveBeenCalledOnce()
  })

  it('logs the failure of a socket, and does not throw', () => {
    expect(catching('ws')).toBeUndefined()
    expect(log).toHaveBeenCalledOnce()
  })

  it('throws the failure again in other contexts', () => {
    expect(() => catching('graphql')).toThrow(error)
  })

  it.each([
    ['an option that does not exist', { expose: true }, 'has no option "expose"'],
    ['exposeCode as a string', { exposeCode: 'true' }, 'exposeCode must be true or false'],
  ])('refuses %s', (_what, options, words) => {
    expect(() => new MailErrorFilter(new HttpAdapterHost(), options as never)).toThrow(words)
  })
})
