import type { MailError, Message, Transport } from '@loudmail/core'
import {
  answerOctets,
  providerAnswers,
  startHttpServer,
  type ExpectedFailure,
  type ProviderFailure,
  type ProviderName,
} from '@loudmail/server/http'
import { describe, expect, it } from 'vitest'
import { failure, message } from './engine/scene.ts'

/** Plays what a provider documents, over HTTP, and compares what the transport makes of it. */
export function describeDocumentedAnswers(
  name: ProviderName,
  make: (url: string, batch: boolean) => Transport,
): void {
  const { successes, failures } = providerAnswers[name]

  describe('an answer that the provider documents is understood', () => {
    it.each(successes.filter(({ batch }) => !batch))('$name: $about', async (answer) => {
      await using server = await startHttpServer(answer)
      const delivery = await make(server.url, false).send(message())
      expect(delivery).toMatchObject({ state: 'sent', providerId: answer.ids[0] })
      expect(server.requests[0]).toMatchObject(answer.request)
    })

    it.each(successes.filter(({ batch }) => batch))('$name: $about', async (answer) => {
      await using server = await startHttpServer(answer)
      const transport = make(server.url, true)
      const deliveries = await Promise.all([transport.send(message()), transport.send(message())])
      expect(deliveries.map(({ providerId }) => providerId)).toEqual(answer.ids)
      expect(server.requests).toHaveLength(1)
      expect(server.requests[0]).toMatchObject(answer.request)
    })

    it.each(failures.filter(({ batch }) => !batch))('$name: $about', async (answer) => {
      await using server = await startHttpServer(answer)
      const error = await failure(make(server.url, false).send(asked(answer)))
      expectFailure(error, answer.expect)
      expect(error.stage).toBe('submit')
      expect(error.hint).not.toBe('')
      expect(error.reply).toMatchObject({ protocol: 'http', code: answer.status })
      expect(error.transcript!.entries.some(({ text }) => text.startsWith(String(answer.status)))).toBe(true)
    })

    it.each(failures.filter(({ batch }) => batch))('$name: $about', async (answer) => {
      await using server = await startHttpServer(answer)
      const transport = make(server.url, true)
      const outcomes = await Promise.allSettled(
        ['carol@rcpt.example', 'bob@rcpt.example'].map((to) => transport.send(message({ to }))),
      )
      for (const [index, expected] of answer.expect.messages!.entries()) {
        const outcome = outcomes[index]!
        if (expected === 'accepted') expect(outcome.status).toBe('fulfilled')
        else expectFailure((outcome as PromiseRejectedResult).reason as MailError, expected)
      }
    })
  })

  it('a refusal that is cut off at any octet behind its status stays one, and nothing else is taken for it', async () => {
    for (const answer of failures.filter(
      ({ batch, expect: { delivered } }) => !batch && delivered === 'none',
    )) {
      const octets = Buffer.from(answerOctets(answer))
      const body = octets.indexOf('\r\n\r\n') + 4
      for (const cutAt of [
        8,
        20,
        body,
        body + 1,
        Math.floor((body + octets.length) / 2),
        octets.length - 1,
      ]) {
        await using server = await startHttpServer({ cutAt, answer })
        const { delivered } = await failure(make(server.url, false).send(asked(answer)))
        expect([answer.name, cutAt, delivered]).toEqual([
          answer.name,
          cutAt,
          cutAt < body ? 'unknown' : 'none',
        ])
      }
    }
  })

  it('a success that is cut off at any octet is never one', async () => {
    const answer = successes.find(({ batch }) => !batch)!
    const { length } = answerOctets(answer)
    for (let cutAt = 0; cutAt < length; cutAt++) {
      await using server = await startHttpServer({ cutAt, answer })
      expect(await failure(make(server.url, false).send(message()))).toMatchObject({ delivered: 'unknown' })
    }
  })
}

function asked({ expect: { recipients } }: ProviderFailure): Message {
  return recipients ? message({ to: recipients.map(({ address }) => address) }) : message()
}

function expectFailure(error: MailError, expected: ExpectedFailure): void {
  const { kind, permanence, delivered, retryAfterMs, scope, recipients } = expected
  expect(error).toMatchObject({ kind, permanence, delivered })
  expect(error.retryAfterMs).toBe(retryAfterMs)
  if (scope) expect(error.scope).toBe(scope)
  if (recipients) expect(error.recipients).toMatchObject(recipients)
}
