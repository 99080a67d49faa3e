import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  Mailer,
  MailError,
  memory,
  type Delivery,
  type MailEvent,
  type Receipt,
  type Transport,
  type TransportContext,
} from '../src/index.ts'

const message = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hello', text: 'Hello' }
const failing: Transport = {
  name: 'failing()',
  send: async () => {
    throw new MailError({ stage: 'connect', kind: 'connection-refused' })
  },
}

describe('the parts of a receipt', () => {
  it('narrow each other', async () => {
    for (const transport of [memory(), failing]) {
      const { ok, error, state, silenced } = await new Mailer({ transport, failure: 'silent' }).send(message)
      if (ok) {
        expectTypeOf(error).toEqualTypeOf<undefined>()
        expectTypeOf(state).toEqualTypeOf<'sent' | 'queued' | 'captured' | 'discarded'>()
        expect([state, error]).toEqual(['captured', undefined])
      } else {
        expectTypeOf(error).toEqualTypeOf<MailError>()
        expectTypeOf(silenced).toEqualTypeOf<boolean>()
        expect([state, error.code, silenced]).toEqual(['failed', 'connect/connection-refused', true])
      }
    }
  })

  it('are there without narrowing, too', async () => {
    const { error, response, transcript } = await new Mailer({ transport: memory() }).send(message)
    expectTypeOf(error?.code).toExtend<string | undefined>()
    expect([error, response, transcript]).toEqual([undefined, undefined, undefined])
  })
})

describe('the parts of an event', () => {
  it('narrow each other', async () => {
    const told: string[] = []
    const observe = ({ type, receipt, error, delivery, silenced, durationMs }: MailEvent): void => {
      switch (type) {
        case 'sent':
          expectTypeOf(receipt).toEqualTypeOf<Receipt & { readonly ok: true }>()
          expectTypeOf(receipt.error).toEqualTypeOf<undefined>()
          told.push(`${type} ${receipt.state} ${String(error)} ${String(silenced)}`)
          break
        case 'failed':
          expectTypeOf(error).toEqualTypeOf<MailError>()
          expectTypeOf(silenced).toEqualTypeOf<boolean>()
          expectTypeOf(durationMs).toEqualTypeOf<number>()
          told.push(`${type} ${error.code} ${silenced} ${String(receipt)}`)
          break
        case 'attempt-failed':
          expectTypeOf(error).toEqualTypeOf<MailError>()
          break
        case 'late-reply':
          if (error) expectTypeOf(delivery).toEqualTypeOf<undefined>()
          else expectTypeOf(delivery).toEqualTypeOf<Delivery>()
      }
    }
    for (const transport of [memory(), failing])
      await new Mailer({ transport, failure: 'silent', observe }).send(message)
    expect(told).toEqual([
      'sent captured undefined undefined',
      'failed connect/connection-refused true undefined',
    ])
  })

  it('narrow where an observer is written in place', () => {
    const mailer = new Mailer({
      transport: memory(),
      observe: ({ type, receipt }) => {
        if (type === 'sent') expectTypeOf(receipt.ok).toEqualTypeOf<true>()
        else expectTypeOf(receipt).toEqualTypeOf<undefined>()
      },
    })
    expect(mailer.stats.sent).toBe(0)
  })
})

describe('the context of a transport', () => {
  it('is always passed by a mailer, and can be passed on with changes', async () => {
    const seen: (TransportContext | undefined)[] = []
    const inner: Transport = {
      name: 'inner()',
      async send(_message, context) {
        seen.push(context)
        context?.signal?.throwIfAborted()
        return { transport: 'inner()', state: 'sent', failures: [] }
      },
    }
    const outer: Transport = {
      name: 'outer()',
      async send(given, context) {
        const signal = context?.signal
        await inner.send(given, { ...context, signal })
        return inner.send(given, { ...context, trace: undefined, failed: undefined })
      },
      // A function with fewer parameters is a transport, too.
      verify: async () => {},
    }
    await new Mailer({ transport: outer }).send(message)
    expect(seen.map((context) => context?.signal)).toEqual([expect.any(AbortSignal), expect.any(AbortSignal)])
  })
})
