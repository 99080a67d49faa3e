import { inspect } from 'node:util'
import { MailError, type Message, type MessageInput, type Transport } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import {
  answerOctets,
  playProvider,
  providerAnswers,
  startHttpServer,
  type HttpServer,
  type ProviderName,
} from '@loudmail/server/http'
import { transportContract } from '@loudmail/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** A provider under test. */
export interface Subject {
  readonly name: ProviderName
  readonly key: string
  /** The transport to a server at this URL. */
  readonly create: (url: string, more?: { timeoutMs?: number }) => Transport
}

export const RECIPIENTS = ['ann@rcpt.example', 'bob@rcpt.example']

export function messageTo(changes: Partial<MessageInput> = {}): Message {
  return toMessage({
    from: 'tea@example.com',
    to: RECIPIENTS,
    subject: 'Tea',
    text: 'It is ready.',
    ...changes,
  })
}

/** The failure of a send. */
export async function failureOf(transport: Transport, message = messageTo()): Promise<MailError> {
  const error: unknown = await transport.send(message).then(
    () => new Error('the send should fail, but it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!MailError.is(error)) throw error
  return error
}

/** Everything that a failure shows. */
export function shown(error: MailError): string {
  return [
    error.stack,
    inspect(error, { depth: 9 }),
    JSON.stringify(error),
    JSON.stringify(error.transcript),
  ].join('\n')
}

/** A server for all tests of a block. */
export function serverForAll(): { server: HttpServer } {
  const home = {} as { server: HttpServer }
  beforeAll(async () => {
    home.server = await startHttpServer()
  })
  afterAll(() => home.server.close())
  return home
}

/** Every documented refusal, as it is and with the key of the request in it. */
export function playsEveryFailure({ name, key, create }: Subject): void {
  describe(`what ${name} documents as a failure`, () => {
    const home = serverForAll()
    const failures = providerAnswers[name].failures.filter(({ batch }) => !batch)

    it.each(failures)('$name: $about', async ({ status, headers, body, expect: expected }) => {
      const { server } = home
      server.play({ status, headers, body })
      const error = await failureOf(create(server.url))
      const { permanence, delivered, retryAfterMs, scope } = expected
      expect(error).toMatchObject({ stage: 'submit', kind: expected.kind, permanence, delivered })
      expect(error.retryAfterMs).toBe(retryAfterMs)
      if (scope !== undefined) expect(error.scope).toBe(scope)
      expect(error.hint).not.toBe('')
      expect(error.reply).toMatchObject({ protocol: 'http', code: status })
      expect(error.recipients.map(({ address }) => address)).toEqual(RECIPIENTS)
    })

    it.each(failures)('$name does not show the key that it repeats', async ({ status, body }) => {
      const { server } = home
      const text = (typeof body === 'string' ? body : JSON.stringify(body)).replace(/[a-z ]{6,}/i, ` ${key} `)
      server.play({ status, headers: { 'x-request-id': key }, body: text })
      expect(shown(await failureOf(create(server.url)))).not.toContain(key)
    })
  })
}

/** An answer that ends at any octet, in every way that a connection ends. */
export function cutsEveryAnswer({ name, create }: Subject): void {
  describe(`an answer of ${name} that is cut off`, () => {
    const home = serverForAll()
    const { successes, failures } = providerAnswers[name]
    const accepted = successes.filter(({ batch }) => !batch)

    it.each(accepted)('$name: is sent if it came whole, and otherwise in doubt', async (answer) => {
      const { server } = home
      const whole = answerOctets(answer).length
      for (let cutAt = 0; cutAt <= whole; cutAt++) {
        server.play({ cutAt, answer, then: cutAt % 2 === 0 ? 'fin' : 'reset' })
        const sending = create(server.url).send(messageTo())
        if (cutAt < whole) await expect(sending).rejects.toMatchObject({ delivered: 'unknown' })
        // A reset may overtake what was written before it.
        else if (cutAt % 2 === 0) await expect(sending).resolves.toMatchObject({ state: 'sent' })
        else await sending.catch((error: MailError) => expect(error.delivered).toBe('unknown'))
      }
    })

    const refused = failures.filter(({ status, batch }) => status < 500 && !batch)
    it.each(refused)('$name: is in doubt before its status is read, and then as it says', async (answer) => {
      const { server } = home
      const octets = Buffer.from(answerOctets(answer))
      const endOfHead = octets.indexOf('\r\n\r\n') + 4
      for (let cutAt = 0; cutAt < octets.length; cutAt += cutAt < endOfHead - 5 ? 9 : 1) {
        server.play({ cutAt, answer })
        const { delivered } = await failureOf(create(server.url))
        if (cutAt < endOfHead) expect({ cutAt, delivered }).toEqual({ cutAt, delivered: 'unknown' })
        else expect({ cutAt, delivered }).toEqual({ cutAt, delivered: 'none' })
      }
    })
  })
}

/** A connection that ends without an answer. */
export function losesConnections({ name, create }: Subject): void {
  describe(`a connection to ${name} that is lost`, () => {
    const home = serverForAll()
    const large = (): Message => messageTo({ text: 'tea '.repeat(4_000_000) })

    it.each(['fin', 'reset'] as const)('by %s before the body, leaves the message unsent', async (close) => {
      home.server.play({ close, after: 'connect' })
      const error = await failureOf(create(home.server.url), large())
      expect(error).toMatchObject({ delivered: 'none', permanence: 'transient', retryable: true })
    })

    it.each(['fin', 'reset'] as const)('by %s within the body, leaves the message unsent', async (close) => {
      home.server.play({ close, after: 1_000 })
      expect(await failureOf(create(home.server.url), large())).toMatchObject({ delivered: 'none' })
    })

    it.each(['fin', 'reset'] as const)('by %s after the body, leaves a doubt', async (close) => {
      home.server.play({ close, after: 'body' })
      const error = await failureOf(create(home.server.url))
      expect(error).toMatchObject({ stage: 'submit', delivered: 'unknown', permanence: 'unknown' })
      expect(error.hint).toMatch(/may have taken the message/)
    })

    it('by silence after the body, leaves a doubt', async () => {
      home.server.play({ stall: true })
      const error = await failureOf(create(home.server.url, { timeoutMs: 200 }))
      expect(error).toMatchObject({ stage: 'submit', kind: 'timeout', delivered: 'unknown' })
    })
  })
}

/** The contract of all transports. */
export function keepsTheContract({ name, key, create }: Subject): void {
  describe(`${name}() as a transport`, () => {
    const contract = transportContract({
      create: async () => {
        const provider = playProvider(name)
        const server = await startHttpServer((request) =>
          request.method === 'GET' ? { status: 200, body: {} } : provider(request),
        )
        return {
          transport: create(server.url, { timeoutMs: 5_000 }),
          arrived: () => provider.taken,
          release: () => server.close(),
        }
      },
      composes: true,
      secrets: [key],
    })
    for (const { title, run } of contract) it(title, run)
  })
}
