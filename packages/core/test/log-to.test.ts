import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import winston from 'winston'
import {
  logTo,
  Mailer,
  MailError,
  memory,
  retry,
  type Kind,
  type MailLogger,
  type Observer,
  type SendOptions,
  type Transport,
} from '../src/index.ts'

const hello = {
  from: 'ann@example.com',
  to: 'bob@example.com',
  subject: 'A subject',
  text: 'The text',
  messageId: '<1@example.com>',
}

/** Fails for the first attempts. */
function failing(kind: Kind, times = Infinity): Transport {
  let left = times
  const working = memory()
  return {
    name: 'failing()',
    async send(message, context) {
      if (left-- <= 0) return working.send(message, context)
      const status = kind === 'timeout' ? 'unknown' : 'rejected'
      throw new MailError({
        messageId: message.messageId,
        recipients: message.envelope.to.map((address) => ({ address, status })),
        stage: kind === 'timeout' ? 'body' : 'rcpt-to',
        kind,
        transport: 'failing()',
        reply: { protocol: 'smtp', code: kind === 'greylisted' ? 451 : 550, text: '%s {} 100%' },
        transcript: { entries: [{ from: 'client', text: 'EHLO a', atMs: 1, connection: 'c', sequence: 0 }] },
        cause: new Error('the cause'),
      })
    },
  }
}

const LEVELS: Record<number, string> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' }
interface Line {
  readonly level: string
  readonly msg: string
  readonly mail: Record<string, unknown>
  readonly err?: Record<string, unknown>
}

/** A logger of pino, and the lines that it wrote. */
function pinoLogger(level = 'info'): { logger: Logger; lines: Line[]; text: () => string } {
  let text = ''
  const logger = pino({ level, base: null, timestamp: false }, { write: (line) => void (text += line) })
  const read = (): Line[] =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line & { readonly level: number })
      .map((line) => ({ ...line, level: LEVELS[line.level]! }))
  return {
    logger,
    text: () => text,
    get lines() {
      return read()
    },
  }
}

async function send(transport: Transport, observe: Observer, options?: SendOptions): Promise<void> {
  await new Mailer({ transport, observe }).send(hello, options).catch(() => {})
}

let printed: string[]
beforeEach(() => {
  printed = []
  vi.spyOn(console, 'error').mockImplementation((...parts: unknown[]) => void printed.push(parts.join(' ')))
})
afterEach(() => void vi.restoreAllMocks())

describe('pino gets', () => {
  it('a sent mail as info, with how it went', async () => {
    const log = pinoLogger()
    await send(memory(), logTo(log.logger))
    expect(log.lines).toEqual([
      {
        level: 'info',
        msg: 'captured by memory()',
        mail: {
          event: 'sent',
          state: 'captured',
          messageId: '<1@example.com>',
          transport: 'memory()',
          durationMs: expect.any(Number),
        },
      },
    ])
  })

  it('a silenced failure with what to do, and with what is in its summary alone', async () => {
    const log = pinoLogger()
    await send(failing('mailbox-unknown'), logTo(log.logger), { failure: 'silent' })
    const [line, ...others] = log.lines
    expect(others).toEqual([])
    expect(line).toMatchObject({
      level: 'error',
      msg: expect.stringMatching(/^silenced: rcpt-to\/mailbox-unknown: .*550 %s \{\} 100%/),
      mail: { event: 'failed', state: 'failed', transport: 'failing()', silenced: true },
      err: {
        type: 'MailError',
        code: 'rcpt-to/mailbox-unknown',
        permanence: 'permanent',
        delivered: 'none',
        messageId: '<1@example.com>',
        reply: { code: 550 },
        hint: expect.stringContaining('address'),
        recipients: [{ address: 'bob@example.com', status: 'rejected' }],
      },
    })
    expect(Number.isInteger(line!.mail.durationMs)).toBe(true)
    expect(log.text()).not.toMatch(/EHLO|the cause|A subject|The text|\.ts:/)
    expect(printed).toEqual([])
  })

  it.each<[string, Kind, SendOptions['failure'], string]>([
    ['a silenced permanent failure', 'mailbox-unknown', 'silent', 'error'],
    ['a silenced failure after which the mail may have gone out', 'timeout', 'silent', 'error'],
    ['a silenced failure that may pass', 'greylisted', 'silent', 'warn'],
    ['a failure that is thrown', 'mailbox-unknown', 'loud', 'warn'],
  ])('%s', async (_what, kind, failure, level) => {
    const log = pinoLogger()
    await send(failing(kind), logTo(log.logger), { failure })
    expect(log.lines).toMatchObject([
      { level, mail: { event: 'failed', silenced: failure === 'silent' }, err: { kind } },
    ])
  })

  it('a failure of a background send as an error, unless it is silenced and may pass', () => {
    const log = pinoLogger()
    const observe = logTo(log.logger)
    const base = {
      at: new Date(),
      transport: 'smtp()',
      type: 'failed',
      durationMs: 1,
      inBackground: true,
    } as const
    const error = new MailError({ stage: 'connect', kind: 'connection-refused' })
    for (const silenced of [false, true]) void observe({ ...base, error, silenced })
    const mail = { event: 'failed', inBackground: true }
    expect(log.lines).toMatchObject([
      { level: 'error', msg: expect.stringMatching(/^failed in the background: connect/), mail },
      { level: 'warn', msg: expect.stringMatching(/^silenced: connect/), mail },
    ])
  })

  it('an attempt that a later one makes good as a warning', async () => {
    const log = pinoLogger()
    await send(retry(failing('greylisted', 1), { delayMs: 1 }), logTo(log.logger))
    expect(log.lines).toMatchObject([
      {
        level: 'warn',
        msg: expect.stringMatching(/^an attempt failed: rcpt-to\/greylisted/),
        mail: { event: 'attempt-failed', state: 'failed', transport: 'failing()' },
      },
      { level: 'info', msg: 'captured by memory()' },
    ])
    expect(printed).toEqual([])
  })

  it.each([
    ['a mail that went into a queue', 'outbox()', [], 'queued by outbox()'],
    [
      'a mail that its worker could not send yet',
      'failing()',
      [new MailError({ stage: 'connect', kind: 'timeout', transport: 'failing()' })],
      'not sent yet by failing(), will be tried again: connect/timeout',
    ],
    [
      'a mail that went into a queue because another way failed',
      'outbox()',
      [new MailError({ stage: 'connect', kind: 'timeout', transport: 'failing()' })],
      'queued by outbox()',
    ],
  ])('%s as info that says so', async (_what, name, failures, text) => {
    const logged = pinoLogger()
    const transport: Transport = {
      name,
      send: async () => ({ transport: name, state: 'queued', failures }),
    }
    await new Mailer({ transport, observe: logTo(logged.logger) }).send(hello)
    const mail = { event: 'sent', state: 'queued', transport: name }
    expect(logged.lines.at(-1)).toMatchObject({ level: 'info', msg: text, mail })
  })

  it('the reply that comes after the caller gave up', () => {
    const log = pinoLogger()
    const observe = logTo(log.logger)
    const base = { at: new Date(), transport: 'retry(smtp())', type: 'late-reply' } as const
    const delivery = { transport: 'smtp()', state: 'sent', response: `250 ${'a'.repeat(9_000)}` } as const
    void observe({ ...base, delivery: { ...delivery, failures: [] } })
    void observe({ ...base, error: new MailError({ stage: 'body', kind: 'rate-limited' }) })
    expect(log.lines).toMatchObject([
      {
        level: 'info',
        msg: 'a late reply says that the message was sent',
        mail: {
          event: 'late-reply',
          state: 'sent',
          transport: 'smtp()',
          response: delivery.response.slice(0, 2_000),
        },
      },
      {
        level: 'error',
        msg: expect.stringMatching(/^a late reply says body\/rate-limited/),
        mail: { event: 'late-reply', state: 'failed', transport: 'retry(smtp())' },
      },
    ])
  })

  it('the context of the send, which cannot hide what happened', async () => {
    const log = pinoLogger()
    const context = { requestId: 'r1', mail: 'mine', err: 'mine', transport: 'mine' }
    await send(failing('greylisted'), logTo(log.logger), { context })
    expect(log.lines).toMatchObject([
      { requestId: 'r1', transport: 'mine', mail: { event: 'failed' }, err: { kind: 'greylisted' } },
    ])
  })

  it('everything with the fields of a child logger', async () => {
    const log = pinoLogger()
    await send(memory(), logTo(log.logger.child({ module: 'mail' })))
    expect(log.lines).toMatchObject([{ module: 'mail', mail: { event: 'sent' } }])
  })

  it('a failure of a thousand recipients in a line of bounded length', () => {
    const log = pinoLogger()
    const to = Array.from({ length: 1_000 }, (_, index) => `user${index}@example.com`)
    const recipients = to.map((address) => ({ address, status: 'rejected' }) as const)
    const error = new MailError({ stage: 'rcpt-to', kind: 'mailbox-full', recipients })
    void logTo(log.logger)({ at: new Date(), transport: 't', type: 'attempt-failed', error })
    expect(log.lines[0]!.err!.recipientCount).toBe(1_000)
    expect(log.text().length).toBeLessThan(10_000)
  })
})

describe('a silenced failure is printed, once', () => {
  it.each<[string, Kind, string]>([
    ['a permanent one, if the logger is silent', 'mailbox-unknown', 'silent'],
    ['one that may pass, if the logger writes errors alone', 'greylisted', 'error'],
  ])('%s', async (_what, kind, level) => {
    const log = pinoLogger(level)
    await send(failing(kind), logTo(log.logger), { failure: 'silent' })
    expect(log.text()).toBe('')
    expect(printed).toEqual([expect.stringContaining(`rcpt-to/${kind}`)])
  })

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('disk full')
      },
      'an observer threw: Error: disk full',
    ],
    ['rejects', async () => Promise.reject(new Error('disk full')), 'an observer rejected: Error: disk full'],
  ])('if the logger %s, with a warning', async (_what, fail, words) => {
    const warning = new Promise<Error>((resolve) => process.once('warning', resolve))
    const broken: MailLogger = { info: fail, warn: fail, error: fail }
    await send(failing('mailbox-unknown'), logTo(broken), { failure: 'silent' })
    expect((await warning).message).toBe(words)
    expect(printed).toEqual([expect.stringContaining('rcpt-to/mailbox-unknown')])
  })
})

describe('other loggers', () => {
  it('winston gets one object', async () => {
    const lines: Record<string, unknown>[] = []
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(String(chunk)) as Record<string, unknown>)
        done()
      },
    })
    const logger = winston.createLogger({
      format: winston.format.json(),
      transports: [new winston.transports.Stream({ stream })],
    })
    for (const each of [logger, logger.child({ module: 'mail' })])
      await send(failing('greylisted'), logTo(each), { context: { requestId: 'r1' } })
    const line = {
      level: 'warn',
      message: expect.stringMatching(/^failed: rcpt-to\/greylisted/),
      requestId: 'r1',
      mail: { event: 'failed' },
      err: { code: 'rcpt-to/greylisted' },
    }
    expect(lines).toMatchObject([line, { ...line, module: 'mail' }])
  })

  it('winston says itself what it writes', async () => {
    const logger = winston.createLogger({ silent: false, level: 'error' })
    await send(failing('greylisted'), logTo(logger), { failure: 'silent' })
    expect(printed).toEqual([expect.stringContaining('rcpt-to/greylisted')])
  })

  it('console gets the text first, and nothing in it is a format', async () => {
    await send(failing('mailbox-unknown'), logTo(console), { failure: 'silent' })
    expect(console.error).toHaveBeenCalledExactlyOnceWith(
      '%s',
      expect.stringMatching(/^silenced: rcpt-to\/mailbox-unknown: .*%s/),
      expect.objectContaining({ mail: expect.objectContaining({ event: 'failed' }) }),
    )
  })

  it('one that does not say which levels it writes gets everything', async () => {
    const calls: unknown[][] = []
    const keep = (...call: unknown[]): void => void calls.push(call)
    await send(memory(), logTo({ info: keep, warn: keep, error: keep }))
    expect(calls).toMatchObject([[{ mail: { event: 'sent' } }, 'captured by memory()']])
  })

  it.each<[unknown, string]>([
    [undefined, 'it has no info() and no warn() and no error()'],
    [{ info() {}, error() {} }, 'it has no warn()'],
  ])('%j is refused', (logger, words) => {
    expect(() => logTo(logger as MailLogger)).toThrow(
      expect.objectContaining({ code: 'config/invalid-config', message: expect.stringContaining(words) }),
    )
  })
})
