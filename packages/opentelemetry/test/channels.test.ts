import { AsyncLocalStorage } from 'node:async_hooks'
import { execFile } from 'node:child_process'
import { tracingChannel } from 'node:diagnostics_channel'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inspect, promisify } from 'node:util'
import {
  breaker,
  dedupe,
  failover,
  limit,
  Mailer,
  memory,
  MailError,
  redirect,
  retry,
  tee,
  type TracedSend,
  type TransportContext,
} from '@loudmail/core'
import { tracedDetails, wrap } from '@loudmail/core/transport'
import { record } from '@loudmail/debug'
import { describe, expect, it, vi } from 'vitest'
import { closedPort } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { scene } from './scene.ts'
import { watchedChannels } from './watched-channels.ts'

const SECRET = 'correct horse battery staple'
const input = {
  from: 'ann@sender.example',
  to: ['bob@rcpt.example', 'carol@rcpt.example'],
  subject: 'About the parcel',
  text: 'It is in the shed.',
}
const LOG_IN = { caps: ['PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8', 'AUTH PLAIN LOGIN'] }
const auth = { user: 'ann', pass: SECRET }

/** Whatever must not be in a payload. */
const HIDDEN = [
  ...input.to,
  input.subject,
  input.text,
  'shed',
  SECRET,
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(`\0ann\0${SECRET}`).toString('base64'),
]

describe('what subscribers hear of a send', () => {
  it('is one payload from its start to its end, with its attempt inside', async () => {
    await using here = await scene(LOG_IN, { auth, allowInsecureAuth: true })
    using heard = watchedChannels()
    const mailer = new Mailer({ transport: here.transport })
    const receipt = await mailer.send(input, { context: { request: 7 } })
    await mailer.close()
    expect(heard.events).toEqual([
      'send 1 start',
      'attempt 1 start',
      'attempt 1 end',
      'send 1 end',
      'attempt 1 asyncStart',
      'attempt 1 asyncEnd',
      'send 1 asyncStart',
      'send 1 asyncEnd',
    ])
    const { server } = here
    expect(heard.sends).toEqual([
      {
        messageId: receipt.messageId,
        transport: `smtp(127.0.0.1:${server.port})`,
        recipients: 2,
        context: { request: 7 },
        inBackground: false,
        mailer: expect.anything() as object,
        startedAt: expect.any(Number) as number,
        attempts: 1,
        state: 'sent',
        reply: { code: 250, enhanced: '2.0.0' },
        durationMs: receipt.durationMs,
      },
    ])
    expect(heard.sends[0]!.mailer.health()).toMatchObject({ state: 'up' })
    expect(heard.attempts).toEqual([
      {
        send: heard.sends[0],
        number: 1,
        transport: `smtp(127.0.0.1:${server.port})`,
        server: { host: '127.0.0.1', port: server.port },
        recipients: 2,
        startedAt: expect.any(Number) as number,
        stages: expect.any(Array) as object[],
        state: 'sent',
        reply: { code: 250, enhanced: '2.0.0' },
        durationMs: expect.any(Number) as number,
      },
    ])
  })

  it('has the stages of each attempt, with times within it', async () => {
    await using here = await scene(
      { ...LOG_IN, capsTls: LOG_IN.caps, caps: ['STARTTLS'] },
      { auth, tls: 'starttls', pool: { connections: 1 } },
    )
    using heard = watchedChannels()
    const mailer = new Mailer({ transport: here.transport })
    await mailer.send(input)
    await mailer.send(input)
    await mailer.close()
    const [first, second] = heard.attempts
    const names = first!.stages.map(({ stage }) => stage)
    const opening = ['connect', 'greeting', 'ehlo', 'tls', 'ehlo', 'auth']
    const transaction = ['mail-from', 'rcpt-to', 'data', 'body']
    expect(names).toEqual([...opening, ...transaction])
    expect(first!.stages.map(({ reply }) => reply?.code)).toEqual([
      undefined,
      220,
      250,
      220,
      250,
      235,
      250,
      250,
      354,
      250,
    ])
    // The connection was opened for the first message.
    expect(second!.stages.map(({ stage }) => stage)).toEqual(transaction)
    for (const { stages, durationMs } of heard.attempts) {
      expect(stages.map(({ atMs }) => atMs)).toEqual(stages.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
      for (const { atMs, durationMs: took } of stages) {
        expect(atMs).toBeGreaterThanOrEqual(0)
        expect(atMs + took).toBeLessThanOrEqual(durationMs! + 1)
      }
    }
  })

  it('has how long a stage lasted that was never answered', async () => {
    await using here = await scene({ on: { DOT: { stall: true } } })
    using heard = watchedChannels()
    const mailer = new Mailer({ transport: here.transport, deadlineMs: 400, failure: 'silent' })
    await mailer.send(input)
    const [{ stages, durationMs, error }] = heard.attempts as [(typeof heard.attempts)[0]]
    const body = stages.at(-1)!
    expect(error?.code).toBe('body/timeout')
    expect(body).toMatchObject({ stage: 'body', reply: undefined })
    expect(body.atMs + body.durationMs).toBeLessThanOrEqual(durationMs!)
    expect(body.atMs + body.durationMs).toBeGreaterThan(durationMs! - 200)
    expect(body.durationMs).toBeGreaterThan(300)
  })

  it('has the stage that failed, also if nothing was said there', async () => {
    using heard = watchedChannels()
    const transport = smtp({ host: '127.0.0.1', port: await closedPort(), tls: 'none' })
    await new Mailer({ transport, failure: 'silent', observe: ({ error }) => void error }).send(input)
    const [{ stages, durationMs }] = heard.attempts as [(typeof heard.attempts)[0]]
    expect(stages).toEqual([{ stage: 'connect', atMs: 0, durationMs, reply: undefined }])
  })

  it('is an error event where it failed, with the code, the hint and the policy', async () => {
    const refusal = `550 5.1.1 <${input.to[0]}> unknown, ${input.subject}`
    await using here = await scene({ on: { RCPT: refusal } })
    using heard = watchedChannels()
    const mailer = new Mailer({
      transport: here.transport,
      failure: 'silent',
      observe: ({ error }) => void error,
    })
    const { error } = await mailer.send(input)
    expect(heard.events.slice(4)).toEqual([
      'attempt 1 error',
      'attempt 1 asyncStart',
      'attempt 1 asyncEnd',
      'send 1 error',
      'send 1 asyncStart',
      'send 1 asyncEnd',
    ])
    const [send] = heard.sends
    expect(send).toMatchObject({ state: 'failed', silenced: true, reply: { code: 550, enhanced: '5.1.1' } })
    expect(send!.error).toBeInstanceOf(Error)
    expect({ ...send!.error }).toEqual({
      name: 'MailError',
      code: 'rcpt-to/mailbox-unknown',
      stage: 'rcpt-to',
      kind: 'mailbox-unknown',
      scope: 'recipient',
      permanence: 'permanent',
      delivered: 'none',
      retryable: false,
      hint: error!.hint,
    })
    expect(tracedDetails(send!)).toEqual({ message: expect.anything() as object, result: error })
  })

  it('says of sendMany() which messages failed', async () => {
    await using here = await scene({ on: { RCPT: { byRcpt: { 'no@rcpt.example': '550 5.1.1 No' } } } })
    using heard = watchedChannels()
    const mailer = new Mailer({ transport: here.transport })
    const inputs = ['bob', 'no', 'carol'].map((name) => ({ ...input, to: `${name}@rcpt.example` }))
    for await (const { receipt } of mailer.sendMany(inputs, { context: { run: 1 } })) void receipt.ok
    expect(heard.sends.map(({ state, silenced, context }) => [state, silenced, context])).toEqual([
      ['sent', undefined, { run: 1 }],
      ['failed', false, { run: 1 }],
      ['sent', undefined, { run: 1 }],
    ])
  })

  it('has no attempt where the message could not be built', async () => {
    using heard = watchedChannels()
    const mailer = new Mailer({ transport: memory(), failure: 'silent', observe: ({ error }) => void error })
    await mailer.send({ ...input, to: '.ann@rcpt.example' })
    expect(heard.attempts).toEqual([])
    expect(heard.sends).toMatchObject([
      { recipients: undefined, messageId: undefined, attempts: 0, state: 'failed' },
    ])
    expect(inspect(heard.sends[0])).not.toContain('ann')
    expect(heard.sends[0]!.error!.hint).toMatch(/in quotes: <address>$/)
    await mailer.send({ ...input, to: 'ann' })
    expect(heard.sends[1]!.error!.hint).toContain('`name@example.com` or `Name <name@example.com>`')
  })

  it('begins before its template is rendered, and knows the message after that', async () => {
    using heard = watchedChannels()
    const request = new AsyncLocalStorage<TracedSend>()
    const channels = tracingChannel<unknown, TracedSend>('loudmail:send')
    channels.start.bindStore(request)
    const { text, subject, ...to } = input
    const known: unknown[] = []
    const template = async (): Promise<{ text: string; subject: string }> => {
      await turn()
      const { messageId, recipients, renderMs } = request.getStore()!
      known.push({ messageId, recipients, renderMs })
      return { text, subject }
    }
    try {
      const mailer = new Mailer({ transport: memory() })
      const receipt = await mailer.send({ ...to, template })
      const [send] = heard.sends as [TracedSend]
      expect(send).toMatchObject({ messageId: receipt.messageId, recipients: 2, attempts: 1 })
      expect(send.renderMs).toBeGreaterThan(0)
      expect(send.renderMs).toBeLessThanOrEqual(send.durationMs!)
      expect(tracedDetails(send)?.message).toMatchObject({ subject })
      await mailer.send(input)
      expect(heard.sends[1]).not.toHaveProperty('renderMs')
    } finally {
      channels.start.unbindStore(request)
    }
    expect(known).toEqual([{ messageId: undefined, recipients: undefined, renderMs: undefined }])
    expect(heard.events.slice(0, 6)).toEqual([
      'send 1 start',
      'send 1 end',
      'attempt 1 start',
      'attempt 1 end',
      'attempt 1 asyncStart',
      'attempt 1 asyncEnd',
    ])
  })

  it('goes on when the server answers after the send settled', async () => {
    const answer = Promise.withResolvers<string>()
    await using here = await scene({ on: { DOT: () => answer.promise } })
    using heard = watchedChannels()
    const mailer = new Mailer({
      transport: here.transport,
      deadlineMs: 200,
      failure: 'silent',
      observe: ({ error }) => void error,
    })
    expect((await mailer.send(input)).error?.delivered).toBe('unknown')
    answer.resolve('250 2.0.0 Ok')
    await vi.waitFor(() => expect(heard.late).toHaveLength(1))
    expect(heard.late).toMatchObject([{ state: 'sent', reply: { code: 250, enhanced: '2.0.0' } }])
    expect(heard.late[0]!.send).toBe(heard.sends[0])
    expect(heard.sends[0]!.state).toBe('failed')
  })
})

describe('an attempt', () => {
  it('is what a transport does that really sends, at any depth', async () => {
    await using bad = await scene({ on: { MAIL: '451 4.3.0 Later' } })
    await using good = await scene()
    using heard = watchedChannels()
    const mine = wrap('mine', record(bad.transport), (message, context) =>
      record(bad.transport).send(message, context),
    )
    const transport = failover(retry(mine, { attempts: 2, delayMs: 1 }), {
      ...record(good.transport, { store: { add: async () => 'id' } as never }),
    })
    const mailer = new Mailer({ transport, observe: ({ error }) => void error })
    await mailer.send(input)
    expect(
      heard.attempts.map(({ number, transport: name, server, error }) => [
        number,
        name,
        server?.port,
        error?.code,
      ]),
    ).toEqual([
      [1, bad.transport.name, bad.server.port, 'mail-from/server-error'],
      [2, bad.transport.name, bad.server.port, 'mail-from/server-error'],
      [3, good.transport.name, good.server.port, undefined],
    ])
    expect(heard.sends).toMatchObject([{ attempts: 3, transport: transport.name, state: 'sent' }])
    for (const { send } of heard.attempts) expect(send).toBe(heard.sends[0])
  })

  it('is no wrapper of another copy of core', async () => {
    using heard = watchedChannels()
    vi.resetModules()
    const copy = await import('@loudmail/core')
    expect(copy.retry).not.toBe(retry)
    await new Mailer({ transport: copy.retry(memory()) }).send(input)
    expect(heard.attempts.map(({ transport, send }) => [transport, send])).toEqual([
      ['memory()', heard.sends[0]],
    ])
  })

  it('runs with what is bound to the start of its send, also from queues, other sockets and timers', async () => {
    const asked = new Set<string>()
    const refuseOnce = ({ recipient = '' }: { recipient?: string }): string | undefined => {
      if (asked.has(recipient) || !recipient.startsWith('later')) return undefined
      asked.add(recipient)
      return '450 4.2.1 Later'
    }
    await using here = await scene({ on: { RCPT: refuseOnce as never } })
    const storage = new AsyncLocalStorage<TracedSend>()
    const sends = tracingChannel<TracedSend, TracedSend>('loudmail:send')
    sends.start.bindStore(storage)
    using heard = watchedChannels()
    const seen: (TracedSend | undefined)[] = []
    const attempts = tracingChannel('loudmail:attempt')
    const see = (): void => void seen.push(storage.getStore())
    attempts.start.subscribe(see)
    try {
      const pool = { connections: 2 }
      const one = smtp({ host: '127.0.0.1', port: here.server.port, pool })
      const ways = failover(breaker(limit(one, { concurrent: 5 })), one)
      const transport = dedupe(
        redirect(tee(retry(ways, { delayMs: 1 }), memory()), { allow: ['rcpt.example'] }),
      )
      const mailer = new Mailer({ transport, observe: ({ error }) => void error })
      await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          mailer.send({
            ...input,
            idempotencyKey: `key-${n}`,
            to: n % 2 ? 'bob@rcpt.example' : `later${n}@rcpt.example`,
          }),
        ),
      )
      await mailer.close()
    } finally {
      attempts.start.unsubscribe(see)
      sends.start.unbindStore(storage)
    }
    // Each message, a second try of every other one, and a copy of each.
    expect(heard.attempts).toHaveLength(40 + 20 + 40)
    expect(seen).toEqual(heard.attempts.map(({ send }) => send))
    expect(new Set(seen).size).toBe(40)
  })
})

describe('a payload', () => {
  it.each([
    ['a success', {}],
    ['a refusal that repeats everything', { RCPT: `550 5.1.1 ${HIDDEN.join(' ')}` }],
    ['a log-in that is refused with its own words', { AUTH: `535 5.7.8 ${HIDDEN.join(' ')}` }],
  ])('shows no secret, no content and no address: %s', async (_what, on) => {
    await using here = await scene({ ...LOG_IN, on }, { auth, allowInsecureAuth: true })
    using heard = watchedChannels()
    const mailer = new Mailer({
      transport: record(here.transport),
      failure: 'silent',
      observe: ({ error }) => void error,
    })
    await mailer.send(input)
    await mailer.close()
    expect(heard.attempts).toHaveLength(1)
    for (const payload of [...heard.sends, ...heard.attempts]) {
      const shown = [
        inspect(payload, { depth: Infinity, showHidden: true }),
        JSON.stringify(payload),
        JSON.stringify(payload.error ?? {}),
        String(payload.error?.stack),
      ].join('\n')
      expect(HIDDEN.filter((each) => shown.includes(each))).toEqual([])
    }
  })

  it('has what it hides for those who ask', async () => {
    using heard = watchedChannels()
    const mailer = new Mailer({ transport: memory() })
    await mailer.send(input)
    expect(tracedDetails(heard.sends[0]!)).toMatchObject({
      message: { subject: input.subject },
      result: { state: 'captured' },
    })
    expect(tracedDetails(heard.attempts[0]!)).toMatchObject({ message: { envelope: { to: input.to } } })
    expect(tracedDetails({})).toBeUndefined()
  })
})

describe('a send is the same with and without subscribers', () => {
  it('has a transcript only if it is recorded', async () => {
    await using here = await scene()
    using heard = watchedChannels()
    const plain = await new Mailer({ transport: here.transport }).send(input)
    const recorded = await new Mailer({ transport: record(here.transport) }).send(input)
    expect(heard.attempts.map(({ stages }) => stages.length)).toEqual([7, 4])
    expect(plain.transcript).toBeUndefined()
    expect(recorded.transcript!.entries.length).toBeGreaterThan(7)
  })

  it('passes nothing to the transport while nobody subscribes', async () => {
    const contexts: (TransportContext | undefined)[] = []
    const transport = {
      name: 'mine()',
      async send(_message: unknown, context?: TransportContext) {
        contexts.push(context)
        return { transport: 'mine()', state: 'sent' as const, failures: [] }
      },
    }
    const mailer = new Mailer({ transport })
    await mailer.send(input)
    {
      using heard = watchedChannels()
      await mailer.send(input)
      expect(heard.sends).toHaveLength(1)
    }
    await mailer.send(input)
    expect(contexts.map((context) => [context?.trace, context?.tracing].map(Boolean))).toEqual([
      [false, false],
      [true, true],
      [false, false],
    ])
  })

  it('succeeds where a subscriber throws: Node reports that as an uncaught exception', async () => {
    const script = fileURLToPath(new URL('fixtures/throwing-subscriber.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@loudmail/source', script])
    expect(stdout.trim().split('\n')).toEqual([
      'uncaught: bound',
      'uncaught: start',
      'uncaught: asyncEnd',
      'captured',
    ])
  })
})

it('a failure is one of MailError for tools that ask for its name', async () => {
  using heard = watchedChannels()
  const transport = {
    name: 'mine()',
    send: async () => {
      throw new TypeError('bob@rcpt.example')
    },
  }
  const mailer = new Mailer({ transport, failure: 'silent', observe: ({ error }) => void error })
  const { error } = await mailer.send(input)
  expect(MailError.is(error)).toBe(true)
  expect(heard.sends[0]!.error).toMatchObject({ name: 'MailError', code: 'submit/unexpected' })
  expect(inspect(heard.sends, { depth: 9 })).not.toContain('rcpt.example')
})
