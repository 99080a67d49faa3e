import { Mailer, MailError, memory, retry, type Kind, type Transport } from '@loudmail/core'
import { ConsoleLogger, Logger, type LoggerService, type LogLevel } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { describe, expect, it, vi } from 'vitest'
import { logMail, MailerModule, type NestMailerOptions } from '../src/index.ts'

const message = {
  from: 'shop@example.com',
  to: 'ann@example.com',
  subject: 'Hello',
  messageId: '<1@example.com>',
}

/** A logger that keeps its lines. */
class KeepingLogger extends ConsoleLogger {
  readonly lines: string[] = []
  override log(text: unknown): void {
    this.lines.push(`log ${String(text)}`)
  }
  override error(text: unknown): void {
    this.lines.push(`error ${String(text)}`)
  }
  override warn(text: unknown): void {
    this.lines.push(`warn ${String(text)}`)
  }
  override debug(text: unknown): void {
    this.lines.push(`debug ${String(text)}`)
  }
}

/** Fails for the first attempts. */
function failing(times: number, kind: Kind = 'connection-refused'): Transport {
  let left = times
  return {
    ...memory(),
    name: 'failing()',
    async send() {
      if (left-- > 0) throw new MailError({ stage: 'connect', kind })
      return { transport: 'failing()', state: 'sent', failures: [] }
    },
  }
}

async function lines(options: NestMailerOptions, levels?: LogLevel[] | false): Promise<string[]> {
  const logger = new KeepingLogger()
  const app = await Test.createTestingModule({ imports: [MailerModule.forRoot(options)] }).compile()
  Logger.overrideLogger(logger)
  if (levels !== undefined) Logger.overrideLogger(levels)
  await app
    .get(Mailer)
    .send(message)
    .catch(() => {})
  await app.close()
  Logger.overrideLogger(['log', 'error', 'warn', 'debug'])
  return logger.lines.filter((line) => line.includes('<1@example.com>'))
}

describe('the logger of Nest', () => {
  it('gets sent messages at the debug level', async () => {
    expect(await lines({ transport: memory() })).toEqual(['debug <1@example.com> captured by memory()'])
  })

  it('gets a silenced failure, with what to do', async () => {
    expect(await lines({ transport: failing(1), failure: 'silent' })).toEqual([
      expect.stringMatching(
        /^warn <1@example\.com> silenced: connect\/connection-refused: .* - Check the host and port/,
      ),
    ])
  })

  it('gets a silenced failure as an error if it does not pass', async () => {
    expect(await lines({ transport: failing(1, 'policy'), failure: 'silent' })).toEqual([
      expect.stringMatching(/^error <1@example\.com> silenced: connect\/policy/),
    ])
  })

  it('loses no silenced failure if it writes errors alone', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(await lines({ transport: failing(1), failure: 'silent' }, ['error'])).toEqual([])
    expect(print).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('connect/connection-refused'))
    print.mockRestore()
  })

  it('gets nothing about a failure that is thrown: whoever catches it logs it', async () => {
    expect(await lines({ transport: failing(1) })).toEqual([])
  })

  it('gets a failure of a background send, which is thrown to nobody', () => {
    const logger = new KeepingLogger()
    const base = {
      at: new Date(),
      transport: 'smtp()',
      messageId: '<1@example.com>',
      type: 'failed',
    } as const
    const error = new MailError({ stage: 'connect', kind: 'connection-refused' })
    for (const silenced of [false, true])
      void logMail(logger)({ ...base, error, silenced, durationMs: 1, inBackground: true })
    expect(logger.lines).toEqual([
      expect.stringMatching(/^error <1@example\.com> failed in the background: connect\/connection-refused/),
      expect.stringMatching(/^warn <1@example\.com> silenced: connect\/connection-refused/),
    ])
  })

  it('gets a warning for an attempt that a later attempt recovers', async () => {
    expect(await lines({ transport: retry(failing(1), { delayMs: 1 }) })).toEqual([
      expect.stringMatching(/^warn <1@example\.com> an attempt failed: connect\/connection-refused/),
      expect.stringMatching(/^debug <1@example\.com> sent/),
    ])
  })

  it('gets late replies', () => {
    const logger = new KeepingLogger()
    const observe = logMail(logger)
    const base = {
      at: new Date(),
      transport: 'smtp()',
      messageId: '<1@example.com>',
      type: 'late-reply',
    } as const
    void observe({ ...base, delivery: { transport: 'smtp()', state: 'sent', failures: [] } })
    void observe({ ...base, error: new MailError({ stage: 'body', kind: 'spam' }) })
    expect(logger.lines).toEqual([
      'log <1@example.com> a late reply says that the message was sent',
      expect.stringMatching(/^error <1@example\.com> a late reply says body\/spam/),
    ])
  })

  it.each([[[]], [false as const]])('loses no silenced failure if its levels are %j', async (levels) => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(await lines({ transport: failing(1), failure: 'silent' }, levels)).toEqual([])
    expect(print).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('connect/connection-refused'))
    print.mockRestore()
  })

  it('gets nothing with log: false', async () => {
    const observe = (event: { error?: unknown }): void => void event.error
    expect(await lines({ transport: failing(1), failure: 'silent', log: false, observe })).toEqual([])
  })

  it('is asked itself whether it writes', () => {
    const logger = new KeepingLogger()
    Logger.overrideLogger(false)
    const receipt = { ok: true, state: 'sent', transport: 'smtp()', durationMs: 1, failures: [] } as const
    void logMail(logger)({ at: new Date(), transport: 'smtp()', type: 'sent', receipt })
    Logger.overrideLogger(new ConsoleLogger())
    expect(logger.lines).toEqual(['debug sent by smtp()'])
  })

  it('may lack debug()', () => {
    const quiet: LoggerService = { log() {}, error() {}, warn() {} }
    const receipt = { ok: true, state: 'sent', transport: 'smtp()', durationMs: 1, failures: [] } as const
    expect(() => logMail(quiet)({ at: new Date(), transport: 'smtp()', type: 'sent', receipt })).not.toThrow()
  })
})
