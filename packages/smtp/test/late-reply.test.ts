import type { Delivery, MailError } from '@loudmail/core'
import { describe, expect, it, vi } from 'vitest'
import { failure, message, scene, WAYS } from './scene.ts'

for (const { way, caps, pool } of WAYS) {
  describe.concurrent(`a send that its caller gave up after the final dot, ${way}`, () => {
    it.each([
      ['a reply', '250 2.0.0 Ok', 'sent'],
      ['a refusal', '554 5.7.1 Spam', 'body/spam'],
      ['a reply and an end', { seq: ['250 2.0.0 Ok', { close: 'fin' }] }, 'sent'],
      ['a reply and a reset', { seq: ['250 2.0.0 Ok', { close: 'rst' }] }, 'sent'],
      ['a reply in two lines', '250-2.0.0 Ok\n250 2.0.0 queued', 'sent'],
      ['one reply after the other', { raw: '250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n' }, 'sent'],
    ])('is settled once by %s', async (_what, action, expected) => {
      const answer = Promise.withResolvers<never>()
      await using here = await scene({ caps, on: { DOT: () => answer.promise } }, { pool })
      const controller = new AbortController()
      const told: string[] = []
      const late = (outcome: Delivery | MailError): void =>
        void told.push('state' in outcome ? outcome.state : outcome.code)
      const sending = failure(here.transport, message(), { signal: controller.signal, late })
      await vi.waitFor(() =>
        expect(here.server.connections[0]?.entries.some(({ octets }) => octets !== undefined)).toBe(true),
      )
      controller.abort()
      expect((await sending).delivered).toBe('unknown')
      expect(told).toEqual([])
      answer.resolve(action as never)
      await vi.waitFor(() => expect(told).toEqual([expected]))
      await here.transport.close!()
      expect(told).toEqual([expected])
    })

    it.each(['fin', 'rst'] as const)(
      'stays unknown where the connection ends (%s) without a reply',
      async (close) => {
        const answer = Promise.withResolvers<{ close: typeof close }>()
        await using here = await scene({ caps, on: { DOT: () => answer.promise } }, { pool })
        const controller = new AbortController()
        const told: unknown[] = []
        const late = (outcome: unknown): void => void told.push(outcome)
        const sending = failure(here.transport, message(), { signal: controller.signal, late })
        await vi.waitFor(() =>
          expect(here.server.connections[0]?.entries.some(({ octets }) => octets !== undefined)).toBe(true),
        )
        controller.abort()
        expect((await sending).delivered).toBe('unknown')
        answer.resolve({ close })
        await here.server.waitFor('close')
        await here.transport.close!()
        expect(told).toEqual([])
      },
    )
  })

  describe.concurrent(`a send that settled as anything else, ${way}`, () => {
    it.each([
      ['sent', '250 2.0.0 Ok'],
      ['refused', '554 5.7.1 Spam'],
    ])('is never told late: %s', async (_what, reply) => {
      await using here = await scene({ caps, on: { DOT: reply } }, { pool })
      const told: unknown[] = []
      await here.transport.send(message(), { late: (outcome) => void told.push(outcome) }).catch(() => {})
      await here.transport.close!()
      expect(told).toEqual([])
    })
  })
}
