import { setTimeout } from 'node:timers/promises'
import { failover, Mailer, MailError, memory, retry, type Transport } from '@loudmail/core'
import { sendThrough, wrap } from '@loudmail/core/transport'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { describe, expect, it, vi } from 'vitest'
import { instrumentMail } from '../src/index.ts'
import { scene } from './scene.ts'
import { contextManager, parentOf, telemetry, type ReadableSpan } from './telemetry.ts'

const input = {
  from: 'ann@sender.example',
  to: ['bob@rcpt.example', 'carol@rcpt.example'],
  subject: 'About the parcel',
  text: 'It is in the shed.',
}
const observe = ({ error }: { error?: unknown }): void => void error
const lengthOf = ({ duration: [seconds, nanoseconds] }: ReadableSpan): number =>
  seconds * 1e3 + nanoseconds / 1e6

describe('spans', () => {
  it('of a success: the send, and its attempt with the stages', async () => {
    await using here = await scene()
    await using told = telemetry()
    const mailer = new Mailer({ transport: here.transport })
    const receipt = await told.inSpan('order', () => mailer.send(input))
    const spans = told.spans()
    expect(spans.map((span) => [span.name, parentOf(span, spans)])).toEqual([
      ['order', undefined],
      ['mail send', 'order'],
      ['mail attempt', 'mail send'],
    ])
    const [, send, attempt] = spans as [ReadableSpan, ReadableSpan, ReadableSpan]
    const { name } = here.transport
    expect(send.kind).toBe(SpanKind.PRODUCER)
    expect(send.status).toEqual({ code: SpanStatusCode.UNSET })
    expect(send.attributes).toEqual({
      'mail.transport': name,
      'mail.message.id': receipt.messageId,
      'mail.recipients.count': 2,
      'mail.in_background': false,
      'mail.attempts': 1,
      'mail.state': 'sent',
      'mail.reply.code': 250,
      'mail.reply.enhanced': '2.0.0',
    })
    expect(lengthOf(send)).toBeCloseTo(receipt.durationMs, 1)
    expect(attempt.kind).toBe(SpanKind.CLIENT)
    expect(attempt.attributes).toEqual({
      'mail.transport': name,
      'mail.attempt.number': 1,
      'mail.recipients.count': 2,
      'server.address': '127.0.0.1',
      'server.port': here.server.port,
      'mail.state': 'sent',
      'mail.reply.code': 250,
      'mail.reply.enhanced': '2.0.0',
    })
    expect(attempt.events.map((event) => [event.name, event.attributes?.['mail.reply.code']])).toEqual([
      ['mail.connect', undefined],
      ['mail.greeting', 220],
      ['mail.ehlo', 250],
      ['mail.mail-from', 250],
      ['mail.rcpt-to', 250],
      ['mail.data', 354],
      ['mail.body', 250],
    ])
    for (const { attributes } of attempt.events)
      expect(attributes?.['mail.stage.duration']).toBeGreaterThanOrEqual(0)
  })

  it('of a template: how long it took, what it called, and the message that it became', async () => {
    await using here = await scene()
    await using told = telemetry({ recipients: true, subject: true })
    const mailer = new Mailer({ transport: here.transport })
    const { text, subject, ...to } = input
    const template = async (): Promise<{ text: string; subject: string }> => {
      await setTimeout(20)
      told.inSpan('look-up', () => {})
      return { text, subject }
    }
    const receipt = await mailer.send({ ...to, template })
    const spans = told.spans()
    expect(spans.map((span) => [span.name, parentOf(span, spans)])).toEqual([
      ['mail send', undefined],
      ['look-up', 'mail send'],
      ['mail attempt', 'mail send'],
    ])
    const [send] = spans as [ReadableSpan]
    expect(send.attributes).toMatchObject({
      'mail.message.id': receipt.messageId,
      'mail.recipients.count': 2,
      'mail.recipients': to.to,
      'mail.subject': subject,
    })
    expect(send.events).toMatchObject([{ name: 'mail.compose', time: send.startTime }])
    const seconds = send.events[0]!.attributes!['mail.stage.duration'] as number
    expect(seconds).toBeGreaterThan(0.015)
    expect(seconds).toBeLessThan(lengthOf(send) / 1_000)
  })

  it('of a template that fails: an error, and how long it took', async () => {
    await using here = await scene()
    await using told = telemetry()
    const template = (): never => {
      throw new Error('bob@rcpt.example is unknown')
    }
    const mailer = new Mailer({ transport: here.transport, failure: 'silent', observe })
    await mailer.send({ ...input, template })
    const [send, ...others] = told.spans()
    expect(others).toEqual([])
    expect(send!.attributes).toMatchObject({ 'error.type': 'compose/template', 'mail.attempts': 0 })
    expect(send!.attributes).not.toHaveProperty('mail.message.id')
    expect(send!.events.map(({ name }) => name)).toEqual(['mail.compose', 'exception'])
    expect(JSON.stringify([send!.status, send!.events])).not.toContain('bob@')
  })

  it('of a message that a worker could not send and keeps: queued, and its attempt an error', async () => {
    await using here = await scene({ on: { MAIL: '451 4.3.0 Later' } })
    await using told = telemetry()
    const keeping = wrap('worker', here.transport, (message, own) =>
      sendThrough(here.transport, message, own, (result) => {
        if (!MailError.is(result)) return result
        return { transport: result.transport!, state: 'queued', failures: [result] }
      }),
    )
    const receipt = await new Mailer({ transport: keeping, observe }).send(input)
    expect(receipt).toMatchObject({ ok: true, state: 'queued' })
    const [send, attempt] = told.spans()
    expect(send!.attributes).toMatchObject({ 'mail.state': 'queued', 'mail.attempts': 1 })
    expect(send!.status).toEqual({ code: SpanStatusCode.UNSET })
    expect(attempt!.attributes).toMatchObject({
      'mail.state': 'failed',
      'error.type': 'mail-from/server-error',
    })
    const sends = (await told.figures()).filter(({ name }) => name === 'mail.sends')
    expect(sends).toMatchObject([{ attributes: { 'mail.state': 'queued' }, value: 1 }])
  })

  it('of a silenced failure: an error, marked as silenced, with code and hint', async () => {
    await using here = await scene({ on: { RCPT: '550 5.1.1 <bob@rcpt.example> is unknown' } })
    await using told = telemetry()
    const mailer = new Mailer({ transport: here.transport, failure: 'silent', observe })
    const { error } = await mailer.send(input)
    const message = `rcpt-to/mailbox-unknown: ${error!.hint}`
    const [send, attempt] = told.spans() as [ReadableSpan, ReadableSpan]
    expect(send.attributes).toMatchObject({
      'mail.state': 'failed',
      'error.type': 'rcpt-to/mailbox-unknown',
      'mail.permanence': 'permanent',
      'mail.delivered': 'none',
      'mail.silenced': true,
      'mail.reply.code': 550,
    })
    for (const span of [send, attempt]) {
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message })
      expect(span.events.at(-1)).toMatchObject({
        name: 'exception',
        attributes: { 'exception.type': 'MailError', 'exception.message': message },
      })
      expect(span.events.at(-1)!.attributes).not.toHaveProperty('exception.stacktrace')
    }
    expect(attempt.attributes).not.toHaveProperty('mail.silenced')
  })

  it('of a retry and a failover: every attempt is a child of the send', async () => {
    await using bad = await scene({ on: { MAIL: '451 4.3.0 Later' } })
    await using good = await scene()
    await using told = telemetry()
    const transport = failover(retry(bad.transport, { attempts: 2, delayMs: 1 }), good.transport)
    await new Mailer({ transport, observe }).send(input)
    const spans = told.spans()
    expect(
      spans.map((span) => [
        parentOf(span, spans),
        span.attributes['mail.transport'],
        span.attributes['mail.attempt.number'],
        span.attributes['server.port'],
        span.attributes['error.type'],
        span.status.code,
      ]),
    ).toEqual([
      [undefined, transport.name, undefined, undefined, undefined, SpanStatusCode.UNSET],
      ['mail send', bad.transport.name, 1, bad.server.port, 'mail-from/server-error', SpanStatusCode.ERROR],
      ['mail send', bad.transport.name, 2, bad.server.port, 'mail-from/server-error', SpanStatusCode.ERROR],
      ['mail send', good.transport.name, 3, good.server.port, undefined, SpanStatusCode.UNSET],
    ])
    expect(spans[0]!.attributes['mail.attempts']).toBe(3)
  })

  it('of sendMany(): each send has its attempt, in the trace of the caller', async () => {
    await using here = await scene(
      { on: { RCPT: { byRcpt: { 'no@rcpt.example': '550 5.1.1 No' } } } },
      { pool: { connections: 2 } },
    )
    await using told = telemetry()
    const mailer = new Mailer({ transport: here.transport })
    const inputs = Array.from({ length: 20 }, (_, n) => ({
      ...input,
      to: n === 7 ? 'no@rcpt.example' : 'bob@rcpt.example',
    }))
    await told.inSpan('newsletter', async () => {
      for await (const { receipt } of mailer.sendMany(inputs)) void receipt.ok
    })
    const spans = told.spans()
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1)
    const sends = spans.filter(({ name }) => name === 'mail send')
    const attempts = spans.filter(({ name }) => name === 'mail attempt')
    expect(sends.map((span) => parentOf(span, spans))).toEqual(sends.map(() => 'newsletter'))
    expect(new Set(attempts.map(({ parentSpanContext }) => parentSpanContext!.spanId))).toEqual(
      new Set(sends.map((span) => span.spanContext().spanId)),
    )
    expect(
      sends.filter(({ attributes }) => attributes['error.type'] === 'rcpt-to/mailbox-unknown'),
    ).toHaveLength(1)
    expect(sends).toHaveLength(20)
    expect(attempts).toHaveLength(20)
  })

  it('of a send in the background: it belongs to the span that was active when it was called', async () => {
    await using here = await scene()
    await using told = telemetry()
    const mailer = new Mailer({ transport: here.transport })
    told.inSpan('request', () => mailer.sendInBackground(input))
    await mailer.close()
    const spans = told.spans()
    expect(spans.map((span) => [span.name, parentOf(span, spans)])).toEqual([
      ['request', undefined],
      ['mail send', 'request'],
      ['mail attempt', 'mail send'],
    ])
    expect(spans[1]!.attributes['mail.in_background']).toBe(true)
  })

  it('of a late reply: it follows the send, which stays unknown', async () => {
    const answer = Promise.withResolvers<string>()
    await using here = await scene({ on: { DOT: () => answer.promise } })
    await using told = telemetry()
    await new Mailer({ transport: here.transport, deadlineMs: 200, failure: 'silent', observe }).send(input)
    answer.resolve('250 2.0.0 Ok')
    await vi.waitFor(() => expect(told.spans()).toHaveLength(3))
    const spans = told.spans()
    expect(spans.map((span) => [span.name, parentOf(span, spans), span.attributes['mail.state']])).toEqual([
      ['mail send', undefined, 'failed'],
      ['mail attempt', 'mail send', 'failed'],
      ['mail late reply', 'mail send', 'sent'],
    ])
  })

  it('are the active ones within a send, for what the transport calls', async () => {
    await using told = telemetry()
    const transport: Transport = {
      name: 'mine()',
      async send() {
        await setTimeout(1)
        told.inSpan('POST', () => {})
        return { transport: 'mine()', state: 'sent', failures: [] }
      },
    }
    const before = context.active()
    await new Mailer({ transport }).send(input)
    expect(context.active()).toBe(before)
    const spans = told.spans()
    expect(spans.map((span) => [span.name, parentOf(span, spans)])).toEqual([
      ['mail send', undefined],
      ['mail attempt', 'mail send'],
      ['POST', 'mail attempt'],
    ])
  })

  it('have their parents also where the context manager keeps nothing', async () => {
    await using told = telemetry()
    context.disable()
    try {
      told.instrumentation.stop()
      const { tracerProvider, meterProvider } = told
      const bare = instrumentMail({ tracerProvider, meterProvider })
      const mailer = new Mailer({ transport: retry(memory()) })
      await Promise.all([mailer.send(input), mailer.send(input)])
      bare.stop()
    } finally {
      context.setGlobalContextManager(contextManager)
    }
    const spans = told.spans()
    const parents = spans
      .filter(({ name }) => name === 'mail attempt')
      .map((span) => span.parentSpanContext?.spanId)
    const sends = spans.filter(({ name }) => name === 'mail send').map((span) => span.spanContext().spanId)
    expect(new Set(parents)).toEqual(new Set(sends))
    expect(sends).toHaveLength(2)
  })

  it('have recipients and subject only where they are asked for', async () => {
    await using told = telemetry({ recipients: true, subject: true })
    await new Mailer({ transport: memory() }).send(input)
    const shown = { 'mail.recipients': input.to, 'mail.subject': input.subject }
    expect(told.spans().map(({ attributes }) => attributes)).toMatchObject([shown, shown])
  })
})

describe('instrumentMail()', () => {
  it('refuses a second call, because everything would be counted twice', async () => {
    await using told = telemetry()
    expect(() => instrumentMail()).toThrow(
      expect.objectContaining({
        code: 'config/invalid-config',
        message: expect.stringContaining('active already') as string,
      }),
    )
    told.instrumentation.stop()
    instrumentMail().stop()
  })

  it('is refused for every copy of the package', async () => {
    await using told = telemetry()
    vi.resetModules()
    const copy = await import('../src/index.ts')
    expect(copy.instrumentMail).not.toBe(instrumentMail)
    expect(() => copy.instrumentMail()).toThrow('active already')
    told.instrumentation.stop()
  })

  it.each([
    ['an unknown option', { recipient: true }],
    ['a text instead of a flag', { subject: 'yes' }],
    ['another object as provider', { tracerProvider: {} }],
    ['another object as meter provider', { meterProvider: {} }],
  ])('refuses %s', (_what, options) => {
    expect(() => instrumentMail(options as never)).toThrow(
      expect.objectContaining({ code: 'config/invalid-config' }),
    )
  })

  it('leaves nothing behind when it is stopped, and ends what is open', async () => {
    const answer = Promise.withResolvers<string>()
    await using here = await scene({ on: { DOT: () => answer.promise } })
    await using told = telemetry()
    const mailer = new Mailer({ transport: here.transport })
    const sending = mailer.send(input)
    await here.server.waitFor('command', ({ line }) => line === 'DATA')
    told.instrumentation.stop()
    told.instrumentation.stop()
    expect(told.spans().map(({ name, attributes }) => [name, attributes['mail.state']])).toEqual([
      ['mail send', undefined],
      ['mail attempt', undefined],
    ])
    answer.resolve('250 2.0.0 Ok')
    await sending
    await mailer.send(input)
    expect(told.spans()).toHaveLength(2)
    expect((await told.figures()).filter(({ name }) => name.startsWith('mail.'))).toEqual([])
    expect(trace.getSpan(context.active())).toBeUndefined()
  })
})
