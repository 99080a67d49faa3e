import { setImmediate as turn } from 'node:timers/promises'
import { MailError } from '@loudmail/core'
import { startHttpServer } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { ACCEPTED, api, DEADLINE, failure, largeMessage, message, statuses, told } from './scene.ts'

/** How a caller gives up, and what the failure is. */
const WAYS = [
  ['an abort', undefined, 'aborted'],
  ['a deadline', DEADLINE, 'timeout'],
] as const

describe.each(WAYS)('%s', (_way, reason, kind) => {
  it('before the send sends nothing', async () => {
    await using server = await startHttpServer(ACCEPTED)
    const error = await failure(api(server.url).send(message(), { signal: AbortSignal.abort(reason) }))
    expect(error).toMatchObject({ code: `queue/${kind}`, delivered: 'none' })
    expect(server.connections).toEqual([])
  })

  it('while an attachment is read sends nothing, and ends the reading', async () => {
    await using server = await startHttpServer(ACCEPTED)
    const abort = new AbortController()
    const ended = Promise.withResolvers<void>()
    async function* content(): AsyncGenerator<string> {
      try {
        yield 'begin'
        abort.abort(reason)
        yield 'more'
        yield 'end'
      } finally {
        ended.resolve()
      }
    }
    const attachments = [{ filename: 'a.txt', content }]
    const error = await failure(api(server.url).send(message({ attachments }), { signal: abort.signal }))
    expect(error).toMatchObject({ kind, delivered: 'none' })
    await ended.promise
    expect(server.requests).toEqual([])
  })

  it('while TLS is set up sends nothing', async () => {
    await using server = await startHttpServer({ stall: 'connect' }, { tls: true })
    const abort = new AbortController()
    const sending = failure(api(server.url).send(message(), { signal: abort.signal }))
    await server.waitFor('connection')
    abort.abort(reason)
    const error = await sending
    expect(error).toMatchObject({ kind, delivered: 'none' })
    expect(['connect', 'tls']).toContain(error.stage)
  })

  it('while the body is written has delivered nothing', async () => {
    await using server = await startHttpServer({ stall: 'request' })
    const abort = new AbortController()
    const sending = failure(api(server.url).send(largeMessage(), { signal: abort.signal }))
    await server.waitFor('head')
    abort.abort(reason)
    const error = await sending
    expect(error).toMatchObject({ code: `submit/${kind}`, delivered: 'none' })
    expect(statuses(error)).toEqual(['not-attempted', 'not-attempted'])
  })

  it('after the body leaves it open, and the answer is told later', async () => {
    const answer = Promise.withResolvers<typeof ACCEPTED>()
    await using server = await startHttpServer(() => answer.promise)
    const abort = new AbortController()
    const context = told({ signal: abort.signal })
    const transport = api(server.url)
    const sending = failure(transport.send(message(), context))
    await server.waitFor('request')
    abort.abort(reason)
    const error = await sending
    expect(error).toMatchObject({ code: `submit/${kind}`, delivered: 'unknown', retryable: false })
    answer.resolve(ACCEPTED)
    expect(await context.lateReply).toMatchObject({ state: 'sent', providerId: 'id-1' })
  })

  it('within the answer leaves it open, and the answer is told later', async () => {
    const refusal = { status: 422, body: { name: 'validation_error', message: 'No' } }
    await using server = await startHttpServer({ ...refusal, dripMs: 1 })
    const abort = new AbortController()
    const context = told({ signal: abort.signal })
    const sending = failure(api(server.url).send(message(), context))
    await server.waitFor('request')
    abort.abort(reason)
    expect(await sending).toMatchObject({ delivered: 'unknown' })
    const late = await context.lateReply
    expect(MailError.is(late, 'submit/invalid-message')).toBe(true)
  })

  it('of verify() ends it', async () => {
    await using server = await startHttpServer({ stall: true })
    const abort = new AbortController()
    const checking = failure(api(server.url).verify!({ signal: abort.signal }))
    await server.waitFor('request')
    abort.abort(reason)
    expect(await checking).toMatchObject({ code: `submit/${kind}` })
    expect(await failure(api(server.url).verify!({ signal: abort.signal }))).toMatchObject({ kind })
  })
})

it('a late reply that never comes ends with the time-out, and is told', async () => {
  await using server = await startHttpServer({ stall: true })
  const abort = new AbortController()
  const context = told({ signal: abort.signal })
  const sending = failure(api(server.url, { timeoutMs: 200 }).send(message(), context))
  await server.waitFor('request')
  abort.abort()
  await sending
  expect(await context.lateReply).toMatchObject({ code: 'submit/timeout', delivered: 'unknown' })
})

describe('close()', () => {
  it('waits for what is under way', async () => {
    const answer = Promise.withResolvers<typeof ACCEPTED>()
    await using server = await startHttpServer(() => answer.promise)
    const transport = api(server.url)
    const sending = transport.send(message())
    await server.waitFor('request')
    const closing = transport.close!()
    expect(await failure(transport.send(message()))).toMatchObject({ code: 'queue/pool-closed' })
    answer.resolve(ACCEPTED)
    await closing
    expect(await sending).toMatchObject({ state: 'sent' })
  })

  it('does not wait for late replies', async () => {
    await using server = await startHttpServer({ stall: true })
    const abort = new AbortController()
    const context = told({ signal: abort.signal })
    const transport = api(server.url)
    const sending = failure(transport.send(message(), context))
    await server.waitFor('request')
    abort.abort()
    await sending
    await transport.close!()
    expect(await context.lateReply).toMatchObject({ code: 'submit/aborted', delivered: 'unknown' })
  })
})

describe('beforeTransmission', () => {
  it('is awaited before the first octet of the body, when there is a connection', async () => {
    await using server = await startHttpServer(ACCEPTED)
    const seen: unknown[] = []
    await api(server.url).send(message(), {
      beforeTransmission: async () => {
        seen.push(server.requests.some(({ body }) => body.length > 0))
        await server.waitFor('connection')
      },
    })
    expect(seen).toEqual([false])
  })

  it('that rejects lets nothing out, and is the failure', async () => {
    await using server = await startHttpServer(ACCEPTED)
    const lost = new MailError({ stage: 'queue', kind: 'storage', summary: 'the lease was lost' })
    const error = await failure(
      api(server.url).send(message(), { beforeTransmission: () => Promise.reject(lost) }),
    )
    expect(error).toMatchObject({ code: 'queue/storage', summary: 'the lease was lost', delivered: 'none' })
    expect(server.requests.every(({ body }) => body.length === 0)).toBe(true)
  })

  it('may take longer than the time-out of the step', async () => {
    await using server = await startHttpServer(ACCEPTED)
    const transport = api(server.url, { timeouts: { submit: 50 } })
    const held = Promise.withResolvers<void>()
    const sending = transport.send(message(), { beforeTransmission: () => held.promise })
    await server.waitFor('connection')
    setTimeout(held.resolve, 120)
    expect(await sending).toMatchObject({ state: 'sent' })
  })

  it('is not called for what cannot be sent', async () => {
    let called = 0
    const context = { beforeTransmission: async () => void called++ }
    const attachments = [{ path: '/does/not/exist' }]
    await failure(api('http://127.0.0.1:9').send(message({ attachments }), context))
    await failure(api('https://mail-api.invalid').send(message(), context))
    expect(called).toBe(0)
  })
})

it('health() tells of the last failure of the provider, and of how many are under way', async () => {
  const answer = Promise.withResolvers<typeof ACCEPTED>()
  await using server = await startHttpServer([{ status: 503 }, () => answer.promise])
  const transport = api(server.url)
  await failure(transport.send(message()))
  expect(transport.health!()).toMatchObject({
    sending: 0,
    lastFailure: { code: 'submit/service-unavailable' },
  })
  const sending = transport.send(message())
  await server.waitFor('request', ({ id }) => id === 2)
  expect(transport.health!()).toMatchObject({ sending: 1 })
  answer.resolve(ACCEPTED)
  await sending
  expect(transport.health!()).toMatchObject({ sending: 0 })
})

it('nothing is timed any more once the call is over, whatever its caller still does', async () => {
  await using server = await startHttpServer(ACCEPTED)
  const abort = new AbortController()
  const asked = Promise.withResolvers<void>()
  const leave = Promise.withResolvers<void>()
  const beforeTransmission = (): Promise<void> => {
    asked.resolve()
    return leave.promise
  }
  const sending = failure(api(server.url).send(message(), { signal: abort.signal, beforeTransmission }))
  await asked.promise
  abort.abort()
  expect(await sending).toMatchObject({ kind: 'aborted', delivered: 'none' })
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  leave.resolve()
  await turn()
  await turn()
  expect(timers()).toBe(before)
})
