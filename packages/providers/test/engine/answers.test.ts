import { answerOctets, startHttpServer, type HttpAnswer } from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { ACCEPTED, api, failure, message, statuses } from './scene.ts'

describe('a redirect is not followed, so that credentials go nowhere else', () => {
  it.each([301, 302, 303, 307, 308])('%d', async (status) => {
    await using elsewhere = await startHttpServer(ACCEPTED)
    await using server = await startHttpServer({ status, headers: { location: elsewhere.url } })
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ stage: 'submit', kind: 'protocol', delivered: 'none' })
    expect(elsewhere.connections).toEqual([])
  })
})

describe('what is not HTTP leaves open what became of the message', () => {
  it.each([
    ['words of SMTP', '220 mail.example ESMTP\r\n'],
    ['another protocol', '\u0016\u0003\u0001\u0002'],
    ['a status that does not exist', 'HTTP/1.1 999999 OK\r\n\r\n'],
    ['nothing but a line end', '\r\n'],
    ['a chunk without a length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n'],
  ])('%s', async (_what, raw) => {
    await using server = await startHttpServer({ raw })
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ stage: 'submit', delivered: 'unknown', permanence: 'unknown' })
    expect(['protocol', 'connection-lost']).toContain(error.kind)
    expect(statuses(error)).toEqual(['unknown', 'unknown'])
  })
})

describe('an answer is read in every form of HTTP', () => {
  const body = '{"id":"id-1"}'

  it('HTTP/1.0, to the end of the connection', async () => {
    await using server = await startHttpServer({ raw: `HTTP/1.0 200 OK\r\n\r\n${body}` })
    expect(await api(server.url).send(message())).toMatchObject({ state: 'sent', providerId: 'id-1' })
  })

  it.each([true, 1, 3])('in chunks: %s', async (chunked) => {
    await using server = await startHttpServer({ ...ACCEPTED, chunked })
    expect(await api(server.url).send(message())).toMatchObject({ state: 'sent', providerId: 'id-1' })
  })

  it('octet by octet', async () => {
    await using server = await startHttpServer({ ...ACCEPTED, dripMs: 1 })
    expect(await api(server.url).send(message())).toMatchObject({ state: 'sent', providerId: 'id-1' })
  })

  it('behind a provisional answer', async () => {
    const raw = `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    await using server = await startHttpServer({ raw })
    expect(await api(server.url).send(message())).toMatchObject({ providerId: 'id-1' })
  })

  it('in ISO 8859-1, of which only JSON counts', async () => {
    const raw = Buffer.from(
      'HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n{"id":"id-1","x":"\xE9\xE8"}',
      'latin1',
    )
    await using server = await startHttpServer({ raw })
    expect(await api(server.url).send(message())).toMatchObject({ providerId: 'id-1' })
  })
})

describe('a positive answer that says something else leaves it open', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['HTML', '<html>Please log in</html>'],
    ['JSON that breaks off', '{"id":"id-'],
    ['a list', []],
    ['null', null],
    ['an empty id', { id: '' }],
    ['an id that is a number', { id: 7 }],
  ])('%s', async (_what, body) => {
    const answer: HttpAnswer = body === undefined ? { status: 204 } : { status: 200, body }
    await using server = await startHttpServer(answer)
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ code: 'submit/protocol', delivered: 'unknown', permanence: 'unknown' })
  })
})

describe('an answer without an end', () => {
  const endless = (status: number): HttpAnswer => ({ status, body: 'x'.repeat(3_000_000) })

  it('is not read to its end, and what its status says counts', async () => {
    await using server = await startHttpServer(endless(422))
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ code: 'submit/invalid-message', delivered: 'none' })
    expect(error.reply!.text.length).toBeLessThanOrEqual(2_000)
    expect(JSON.stringify(error).length).toBeLessThan(20_000)
  })

  it('that is positive says nothing of the message', async () => {
    await using server = await startHttpServer(endless(200))
    expect(await failure(api(server.url).send(message()))).toMatchObject({ delivered: 'unknown' })
  })

  it('is too long from 1 MB on', async () => {
    const padded = (length: number): HttpAnswer => ({
      status: 200,
      body: { id: 'id-1', more: 'x'.repeat(length) },
    })
    await using server = await startHttpServer([padded(1_000_000), padded(1_100_000)])
    expect(await api(server.url).send(message())).toMatchObject({ providerId: 'id-1' })
    expect(await failure(api(server.url).send(message()))).toMatchObject({ delivered: 'unknown' })
  })

  it('that comes in drops ends at the time-out', async () => {
    await using server = await startHttpServer({ ...endless(200), dripMs: 5 })
    const error = await failure(api(server.url, { timeoutMs: 150 }).send(message()))
    expect(error).toMatchObject({ stage: 'submit', delivered: 'unknown' })
  })

  it('that comes in drops and is negative has delivered nothing', async () => {
    const answer = { status: 400, body: 'x'.repeat(100_000) }
    await using server = await startHttpServer({ cutAt: 2_000, answer, then: 'stall' })
    const error = await failure(api(server.url, { timeoutMs: 150 }).send(message()))
    expect(error).toMatchObject({ code: 'submit/invalid-message', delivered: 'none' })
  })
})

describe('a status that the provider does not document', () => {
  it.each([
    [400, 'invalid-message', 'none', 'permanent'],
    [402, 'account-blocked', 'none', 'permanent'],
    [403, 'policy', 'none', 'permanent'],
    [408, 'timeout', 'none', 'transient'],
    [418, 'rejected', 'none', 'permanent'],
    [500, 'server-error', 'unknown', 'unknown'],
    [501, 'server-error', 'none', 'transient'],
    [502, 'server-error', 'unknown', 'unknown'],
    [503, 'service-unavailable', 'none', 'transient'],
    [520, 'server-error', 'unknown', 'unknown'],
  ])('%d is %s', async (status, kind, delivered, permanence) => {
    await using server = await startHttpServer({ status, body: '<h1>Sorry</h1>' })
    const error = await failure(api(server.url).send(message()))
    expect(error).toMatchObject({ kind, delivered, permanence, reply: { protocol: 'http', code: status } })
  })
})

it('an answer that is cut off anywhere is never taken for a success, and a refusal stays one', async () => {
  const bodies = [
    { answer: ACCEPTED, whole: 'sent' },
    {
      answer: { status: 403, body: { name: 'invalid_api_key', message: 'API key is invalid' } },
      whole: 'none',
    },
  ]
  for (const { answer, whole } of bodies) {
    const { length } = answerOctets(answer)
    for (let cutAt = 0; cutAt <= length; cutAt++) {
      await using server = await startHttpServer({ cutAt, answer })
      const outcome = await api(server.url)
        .send(message())
        .then(
          () => 'sent',
          (error: { delivered: string }) => error.delivered,
        )
      const hasStatus = cutAt >= 'HTTP/1.1 403 Forbidden'.length
      if (cutAt === length) expect(outcome).toBe(whole)
      else if (whole === 'sent' || !hasStatus) expect([cutAt, outcome]).toEqual([cutAt, 'unknown'])
      else expect(['none', 'unknown']).toContain(outcome)
    }
  }
})
