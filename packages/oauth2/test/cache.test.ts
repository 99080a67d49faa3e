import { afterEach, describe, expect, it, vi } from 'vitest'
import { clientCredentials } from '../src/index.ts'
import { failureOf } from './failure-of.ts'
import { grant, startTokenServer, type TokenServer } from './token-server.ts'

const START = Date.parse('2026-11-26T12:00:00Z')

function tokens(server: TokenServer): ReturnType<typeof clientCredentials> {
  return clientCredentials({ tokenUrl: server.tokenUrl, clientId: 'shop', clientSecret: 's3cret' })
}

/** Only the clock stands still: sockets and timers are real. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
}

afterEach(() => vi.useRealTimers())

describe('a token is kept', () => {
  it('for everyone who asks', async () => {
    await using server = await startTokenServer()
    const token = tokens(server)
    expect([await token(), await token(), await token({}), await token({ renew: false })]).toEqual(
      Array(4).fill('token-1'),
    )
    expect(server.requests).toHaveLength(1)
  })

  it('by each function for itself', async () => {
    await using server = await startTokenServer()
    expect([await tokens(server)(), await tokens(server)()]).toEqual(['token-1', 'token-2'])
  })

  it.each<[string, unknown, number]>([
    ['an hour', 3_600, 3_540],
    ['an hour, as a string', '3599', 3_539],
    ['with a fraction', 600.5, 540.5],
    ['four minutes', 240, 180],
    ['forty seconds', 40, 30],
    ['a second', 1, 0.75],
    ['a year', 31_536_000, 86_340],
    ['milliseconds by mistake', 3_600_000, 86_340],
    ['nothing said', undefined, 240],
    ['null', null, 240],
    ['a word', 'soon', 240],
    ['an empty string', '', 240],
    ['a negative number', -1, 240],
    ['a list', [3_600], 240],
  ])('until shortly before it expires: %s', async (_what, expiresIn, seconds) => {
    await using server = await startTokenServer(
      { body: grant('first', { expires_in: expiresIn }) },
      { body: grant('next') },
    )
    stopClock()
    const token = tokens(server)
    await token()
    vi.setSystemTime(START + seconds * 1_000 - 1)
    expect(await token()).toBe('first')
    vi.setSystemTime(START + seconds * 1_000)
    expect(await token()).toBe('next')
  })

  it('not at all if it expires at once', async () => {
    await using server = await startTokenServer({ body: grant('a', { expires_in: 0 }) }, { body: grant('b') })
    const token = tokens(server)
    expect([await token(), await token()]).toEqual(['a', 'b'])
  })

  it('counted from the request, not from the answer', async () => {
    stopClock()
    await using server = await startTokenServer(
      (response) => {
        vi.setSystemTime(START + 3_000)
        response.end(JSON.stringify(grant('slow', { expires_in: 4 })))
      },
      { body: grant('next') },
    )
    const token = tokens(server)
    expect([await token(), await token()]).toEqual(['slow', 'next'])
  })
})

describe('one request', () => {
  it('serves a hundred who ask at once', async () => {
    await using server = await startTokenServer()
    const token = tokens(server)
    const given = await Promise.all(Array.from({ length: 100 }, () => token()))
    expect(new Set(given)).toEqual(new Set(['token-1']))
    expect(server.requests).toHaveLength(1)
  })

  it('serves a hundred who renew at once', async () => {
    await using server = await startTokenServer()
    const token = tokens(server)
    await Promise.all(Array.from({ length: 100 }, () => token()))
    const given = await Promise.all(Array.from({ length: 100 }, () => token({ renew: true })))
    expect(new Set(given)).toEqual(new Set(['token-2']))
    expect(server.requests).toHaveLength(2)
  })

  it('serves those who ask while another renews', async () => {
    await using server = await startTokenServer()
    const token = tokens(server)
    await token()
    expect(await Promise.all([token({ renew: true }), token(), token({ renew: true })])).toEqual(
      Array(3).fill('token-2'),
    )
  })

  it('that fails, fails for all who wait, and the next one asks again', async () => {
    await using server = await startTokenServer({ status: 503, body: {} }, { body: grant('later') })
    const token = tokens(server)
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => token()))
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(server.requests).toHaveLength(1)
    expect(await token()).toBe('later')
  })
})

describe('renew', () => {
  it('fetches another token, which then is the one that is kept', async () => {
    await using server = await startTokenServer()
    const token = tokens(server)
    expect([await token(), await token({ renew: true }), await token()]).toEqual([
      'token-1',
      'token-2',
      'token-2',
    ])
  })

  it('fetches the first token', async () => {
    await using server = await startTokenServer()
    const token = tokens(server)
    expect([await token({ renew: true }), await token()]).toEqual(['token-1', 'token-1'])
  })

  it('fetches again each time, where one caller is refused again and again', async () => {
    await using server = await startTokenServer()
    const token = tokens(server)
    await token()
    expect([await token({ renew: true }), await token({ renew: true })]).toEqual(['token-2', 'token-3'])
  })

  it('does not fetch for the others who had the token that was replaced already', async () => {
    await using server = await startTokenServer()
    const token = tokens(server)
    for (let caller = 0; caller < 5; caller++) await token()
    const renewed: string[] = []
    for (let caller = 0; caller < 5; caller++) renewed.push(await token({ renew: true }))
    expect(renewed).toEqual(Array(5).fill('token-2'))
    expect(await token({ renew: true })).toBe('token-3')
  })

  it('fetches if the new token was given to somebody and may be the one that is refused', async () => {
    await using server = await startTokenServer()
    const token = tokens(server)
    await Promise.all([token(), token(), token()])
    await token({ renew: true })
    await token()
    expect(await token({ renew: true })).toBe('token-3')
  })

  it('that fails leaves no token that was refused', async () => {
    await using server = await startTokenServer(
      { body: grant('refused') },
      { status: 503, body: {} },
      { body: grant('good') },
    )
    const token = tokens(server)
    await token()
    await failureOf(token({ renew: true }))
    expect(await token()).toBe('good')
  })
})
