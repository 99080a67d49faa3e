import { failover, MailError, memory, retry, type Message, type Transport } from '@loudmail/core'
import {
  answerOctets,
  playProvider,
  providerAnswers,
  startHttpServer,
  type HttpAnswer,
} from '@loudmail/server/http'
import { transportContract } from '@loudmail/testing'
import { describe, expect, it } from 'vitest'
import type { AccessTokenFunction } from '../src/api/access-token.ts'
import { messageTo, RECIPIENTS, serverForAll, shown } from './suites.ts'

/** A provider that sends as a mailbox. */
export interface Subject {
  readonly name: 'gmail' | 'microsoftGraph'
  /** A message that is more than the memory of a connection, if the provider takes one in a single request. */
  readonly large?: Message
  readonly create: (options: {
    readonly url: string
    readonly accessToken: string | AccessTokenFunction
    readonly timeoutMs?: number
  }) => Transport
}

export const TOKEN = 'ya29.the-secret_token~of+this/test=='
/** The failure of a send. */
export async function failureOf(sending: Promise<unknown>): Promise<MailError> {
  const error: unknown = await sending.then(
    () => new Error('it should fail, but it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!MailError.is(error)) throw error
  return error
}

/** What an answer of the provider with this name is. */
export function answerNamed(provider: Subject['name'], name: string): HttpAnswer {
  return providerAnswers[provider].failures.find((each) => each.name === name)!
}

/** Every documented refusal, as it is and with the token in it. */
export function playsEveryFailure({ name, create }: Subject): void {
  describe(`what ${name} documents as a failure`, () => {
    const home = serverForAll()
    const { failures } = providerAnswers[name]
    const send = (url: string): Promise<MailError> =>
      failureOf(create({ url, accessToken: TOKEN }).send(messageTo()))

    it.each(failures)('$name: $about', async ({ status, headers, body, expect: expected }) => {
      home.server.play({ status, headers, body })
      const error = await send(home.server.url)
      const { kind, permanence, delivered, retryAfterMs } = expected
      expect(error).toMatchObject({ stage: 'submit', kind, permanence, delivered })
      expect(error.retryAfterMs).toBe(retryAfterMs)
      expect(error.hint).not.toBe('')
      expect(error.reply).toMatchObject({ protocol: 'http', code: status })
      expect(error.recipients.map(({ address }) => address)).toEqual(RECIPIENTS)
    })

    it.each(failures)('$name does not show the token that it repeats', async ({ status, body }) => {
      const text = (typeof body === 'string' ? body : JSON.stringify(body)).replace(
        /[a-z ]{6,}/i,
        ` ${TOKEN} `,
      )
      home.server.play({ status, headers: { 'x-request-id': TOKEN }, body: text })
      const all = shown(await send(home.server.url))
      expect(all).not.toContain(TOKEN)
      expect(all).not.toContain(Buffer.from(TOKEN).toString('base64'))
    })

    it.each([
      ['6', 6_000],
      ['soon', undefined],
    ])('waits as Retry-After: %s says', async (retryAfter, ms) => {
      home.server.play({ status: 429, headers: { 'retry-after': retryAfter }, body: {} })
      expect(await send(home.server.url)).toMatchObject({ kind: 'rate-limited', retryAfterMs: ms })
    })

    it('waits until the date in Retry-After', async () => {
      const at = new Date(Date.now() + 60_000)
      home.server.play({ status: 503, headers: { 'retry-after': at.toUTCString() }, body: 'later' })
      const { retryAfterMs, kind } = await send(home.server.url)
      expect(kind).toBe('service-unavailable')
      expect(retryAfterMs).toBeGreaterThan(30_000)
      expect(retryAfterMs).toBeLessThanOrEqual(60_000)
    })
  })
}

/** An answer that ends at any octet, and connections that are lost. */
export function losesAnswers({ name, create, large }: Subject): void {
  describe(`an answer of ${name} that does not come whole`, () => {
    const home = serverForAll()
    const { successes, failures } = providerAnswers[name]
    const send = (message = messageTo(), timeoutMs = 5_000): Promise<unknown> =>
      create({ url: home.server.url, accessToken: TOKEN, timeoutMs }).send(message)

    it.each(successes)('$name: is sent if it came whole, and otherwise in doubt', async (answer) => {
      const whole = answerOctets(answer).length
      for (let cutAt = 0; cutAt < whole; cutAt++) {
        home.server.play({ cutAt, answer, then: cutAt % 2 === 0 ? 'fin' : 'reset' })
        expect((await failureOf(send())).delivered).toBe('unknown')
      }
      home.server.play({ cutAt: whole, answer })
      await expect(send()).resolves.toMatchObject({ state: 'sent' })
    })

    const refused = failures.filter(({ status }) => status < 500)
    it.each(refused)('$name: is in doubt before its status is read, and then as it says', async (answer) => {
      const octets = Buffer.from(answerOctets(answer))
      const endOfHead = octets.indexOf('\r\n\r\n') + 4
      for (let cutAt = 0; cutAt < octets.length; cutAt += cutAt < endOfHead - 5 ? 9 : 1) {
        home.server.play({ cutAt, answer })
        const { delivered } = await failureOf(send())
        expect({ cutAt, delivered }).toEqual({ cutAt, delivered: cutAt < endOfHead ? 'unknown' : 'none' })
      }
    })

    it.each(large ? (['fin', 'reset'] as const) : [])(
      'a %s before the body leaves the message unsent',
      async (close) => {
        home.server.play({ close, after: 'connect' })
        expect(await failureOf(send(large))).toMatchObject({ delivered: 'none', retryable: true })
      },
    )

    it.each(large ? (['fin', 'reset'] as const) : [])(
      'a %s within the body leaves the message unsent',
      async (close) => {
        home.server.play({ close, after: 1_000 })
        expect(await failureOf(send(large))).toMatchObject({ delivered: 'none' })
      },
    )

    it.each(['fin', 'reset'] as const)('a %s after the body leaves a doubt', async (close) => {
      home.server.play({ close, after: 'body' })
      const error = await failureOf(send())
      expect(error).toMatchObject({ stage: 'submit', delivered: 'unknown', retryable: false })
      expect(error.hint).toMatch(/may have taken the message/)
    })

    it('silence after the body leaves a doubt', async () => {
      home.server.play({ stall: true })
      expect(await failureOf(send(messageTo(), 200))).toMatchObject({ kind: 'timeout', delivered: 'unknown' })
    })

    it.each([
      { status: 200, body: 'OK' },
      { status: 200, body: {} },
      { status: 204 },
      { status: 302, headers: { location: 'https://elsewhere.example/' } },
    ])('an answer that is not documented is never a success: %j', async (answer) => {
      home.server.play(answer)
      const { delivered } = await failureOf(send())
      expect(delivered).toBe(answer.status < 300 ? 'unknown' : 'none')
    })
  })
}

/** Where tokens come from, and what becomes of a message without one. */
export function asksForTokens({ name, create }: Subject): void {
  describe(`the access tokens of ${name}`, () => {
    const home = serverForAll()
    const unauthorized = answerNamed(name, name === 'gmail' ? 'authError' : 'InvalidAuthenticationToken')
    const [success] = providerAnswers[name].successes
    const tokens = (): { asked: boolean[]; accessToken: AccessTokenFunction } => {
      const asked: boolean[] = []
      return {
        asked,
        accessToken: async ({ renew }) => {
          asked.push(renew)
          return `token-${asked.length}-of-this-test`
        },
      }
    }

    it('are asked for with every message', async () => {
      home.server.play(success!)
      home.server.clear()
      const { asked, accessToken } = tokens()
      const transport = create({ url: home.server.url, accessToken })
      await transport.send(messageTo())
      await transport.send(messageTo())
      expect(asked).toEqual([false, false])
      expect(home.server.requests.map(({ headers }) => headers.authorization)).toEqual([
        'Bearer token-1-of-this-test',
        'Bearer token-2-of-this-test',
      ])
    })

    it('are renewed once if the provider does not take one', async () => {
      home.server.play([unauthorized, success!])
      home.server.clear()
      const { asked, accessToken } = tokens()
      const transport = create({ url: home.server.url, accessToken })
      await expect(transport.send(messageTo())).resolves.toMatchObject({ state: 'sent' })
      expect(asked).toEqual([false, true])
      expect(home.server.requests.map(({ headers }) => headers.authorization)).toEqual([
        'Bearer token-1-of-this-test',
        'Bearer token-2-of-this-test',
      ])
      const [first, second] = home.server.requests
      expect(second!.body).toEqual(first!.body)
    })

    it('are not renewed a second time', async () => {
      home.server.play(unauthorized)
      const { asked, accessToken } = tokens()
      const error = await failureOf(create({ url: home.server.url, accessToken }).send(messageTo()))
      expect(asked).toEqual([false, true])
      expect(error).toMatchObject({ code: 'submit/oauth-token', delivered: 'none', permanence: 'permanent' })
      expect(shown(error)).not.toMatch(/token-\d-of-this-test/)
    })

    it('that are a text are not sent again', async () => {
      home.server.play(unauthorized)
      home.server.clear()
      const error = await failureOf(create({ url: home.server.url, accessToken: TOKEN }).send(messageTo()))
      expect(error).toMatchObject({ code: 'submit/oauth-token', delivered: 'none' })
      expect(home.server.requests).toHaveLength(1)
    })

    it('that cannot be fetched are a failure in which nothing was attempted', async () => {
      home.server.clear()
      const accessToken = (): Promise<string> => Promise.reject(new Error('the vault is closed'))
      const error = await failureOf(create({ url: home.server.url, accessToken }).send(messageTo()))
      expect(error).toMatchObject({ code: 'auth/oauth-token', delivered: 'none' })
      expect(error.recipients.every(({ status }) => status === 'not-attempted')).toBe(true)
      expect(error.summary).toBe('the access token could not be fetched')
      expect((error.cause as Error).message).toBe('the vault is closed')
      expect(home.server.requests).toEqual([])
    })

    it('that cannot be fetched for now can be tried again', async () => {
      home.server.play(success!)
      let calls = 0
      const accessToken = async (): Promise<string> => {
        if (calls++ > 0) return TOKEN
        throw new MailError({
          stage: 'auth',
          kind: 'oauth-token',
          summary: 'the token server is down',
          permanence: 'transient',
        })
      }
      const transport = retry(create({ url: home.server.url, accessToken }), { delayMs: 1 })
      const delivery = await transport.send(messageTo())
      expect(delivery.failures).toMatchObject([
        { code: 'auth/oauth-token', summary: 'the token server is down', permanence: 'transient' },
      ])
    })

    it('that cannot be renewed are a failure in which nothing was attempted', async () => {
      home.server.play(unauthorized)
      const accessToken = async ({ renew }: { renew: boolean }): Promise<string> => {
        if (renew) throw new Error(`no more tokens after ${TOKEN}`)
        return TOKEN
      }
      const error = await failureOf(create({ url: home.server.url, accessToken }).send(messageTo()))
      expect(error).toMatchObject({ code: 'auth/oauth-token', delivered: 'none' })
      expect(error.summary).toBe(
        'the provider does not accept the access token, and a new one could not be fetched',
      )
      expect(error.transcript?.entries.some(({ text }) => text.startsWith('401'))).toBe(true)
      expect(shown(error)).not.toContain(TOKEN)
    })

    it.each([[''], [undefined], ['with a\r\nline break'], [42]])('%j is no token', async (token) => {
      const accessToken = async (): Promise<string> => token as string
      const error = await failureOf(create({ url: home.server.url, accessToken }).send(messageTo()))
      expect(error).toMatchObject({ code: 'auth/oauth-token', delivered: 'none' })
    })

    it('that do not come are a time-out', async () => {
      const accessToken = (): Promise<string> => new Promise(() => {})
      const transport = create({ url: home.server.url, accessToken, timeoutMs: 20 })
      const error = await failureOf(transport.send(messageTo()))
      expect(error).toMatchObject({ code: 'auth/oauth-token', permanence: 'transient', delivered: 'none' })
      expect(error.summary).toBe('the access token did not come within 20 ms')
    })

    it('that do not come do not keep a caller who gives up', async () => {
      const giveUp = new AbortController()
      const accessToken = (): Promise<string> => {
        giveUp.abort()
        return new Promise(() => {})
      }
      const transport = create({ url: home.server.url, accessToken })
      const error = await failureOf(transport.send(messageTo(), { signal: giveUp.signal }))
      expect(error).toMatchObject({ code: 'auth/aborted', delivered: 'none' })
    })

    it('that are not renewed leave no doubt if the caller gives up', async () => {
      home.server.play(unauthorized)
      const giveUp = new AbortController()
      const accessToken = ({ renew }: { renew: boolean }): Promise<string> | string => {
        if (!renew) return TOKEN
        giveUp.abort()
        return new Promise(() => {})
      }
      const transport = create({ url: home.server.url, accessToken })
      const error = await failureOf(transport.send(messageTo(), { signal: giveUp.signal }))
      expect(error).toMatchObject({ code: 'auth/aborted', delivered: 'none' })
      expect(error.recipients.every(({ status }) => status === 'not-attempted')).toBe(true)
    })

    it('that the provider does not take are no reason to lose the message', async () => {
      home.server.play(unauthorized)
      const store = memory()
      const transport = failover(create({ url: home.server.url, accessToken: TOKEN }), store)
      await transport.send(messageTo())
      expect(store.messages).toHaveLength(1)
    })
  })
}

/** The contract of all transports. */
export function keepsTheContract({ name, create }: Subject): void {
  describe(`${name}() as a transport`, () => {
    const contract = transportContract({
      create: async () => {
        const provider = playProvider(name)
        const server = await startHttpServer(provider)
        return {
          transport: create({ url: server.url, accessToken: async () => TOKEN, timeoutMs: 5_000 }),
          arrived: () => provider.taken,
          release: () => server.close(),
        }
      },
      composes: true,
      converses: 'http',
      secrets: [TOKEN],
    })
    for (const { title, run } of contract) it(title, run)
  })
}

/** What `verify()` says. */
export function verifies({ name, create }: Subject): void {
  describe(`verify() of ${name}`, () => {
    const home = serverForAll()
    const verify = (accessToken: string | AccessTokenFunction = TOKEN): Promise<void> =>
      create({ url: home.server.url, accessToken, timeoutMs: 5_000 }).verify!()

    it('sends nothing, and is content with a token that may only send', async () => {
      const provider = playProvider(name)
      home.server.play(provider)
      await verify()
      expect(provider.taken).toEqual([])
    })

    it.each(providerAnswers[name].failures.filter(({ status }) => status > 400))(
      'fails with $name',
      async ({ status, headers, body, expect: { kind } }) => {
        home.server.play({ status, headers, body })
        expect(await failureOf(verify())).toMatchObject({ stage: 'submit', kind, delivered: 'none' })
      },
    )

    it('renews a token', async () => {
      const unauthorized = answerNamed(name, name === 'gmail' ? 'authError' : 'InvalidAuthenticationToken')
      home.server.play([unauthorized, playProvider(name)])
      const asked: boolean[] = []
      await verify(({ renew }) => {
        asked.push(renew)
        return TOKEN
      })
      expect(asked).toEqual([false, true])
    })

    it('fails without a token', async () => {
      expect(await failureOf(verify(() => Promise.reject(new Error('no'))))).toMatchObject({
        code: 'auth/oauth-token',
      })
    })
  })
}
