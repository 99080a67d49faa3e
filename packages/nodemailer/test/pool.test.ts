import type { MailError, Transcript } from '@loudmail/core'
import type { ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { failure, lines, message, scene } from './setup.ts'

/** What the server makes of a message, by the last digit of its number. */
const OUTCOMES: Readonly<Record<number, string>> = {
  3: 'mail-from/authentication-policy',
  4: 'rcpt-to/mailbox-unknown',
  7: 'body/connection-lost',
  9: 'body/content-rejected',
}

describe.concurrent('messages in a pool', () => {
  it('many at once: each failure and each conversation belongs to its own message', async () => {
    await using s = await scene(
      {
        on: {
          MAIL: ({ line }) =>
            /from:<user\d*3@/i.test(line) ? '550 5.7.23 SPF validation failed' : undefined,
          RCPT: ({ recipient }) => (/4@/.test(recipient!) ? '550 5.1.1 User unknown' : undefined),
          DOT: ({ envelope }) =>
            /7@/.test(envelope!.from)
              ? { close: 'rst' }
              : /9@/.test(envelope!.from)
                ? '554 5.6.0 No'
                : undefined,
        },
      },
      { pool: true, maxConnections: 4 },
    )
    await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const transcripts: Transcript[] = []
        const sent = message({ from: `user${n}@sender.example`, to: `to${n}@rcpt.example` })
        const outcome = await s.transport
          .send(sent, { trace: { add: (transcript) => void transcripts.push(transcript) } })
          .then(
            ({ state }) => state,
            (error: MailError) => {
              expect(error.messageId).toBe(sent.messageId)
              expect(error.transcript).toEqual(transcripts.at(-1))
              return error.code
            },
          )
        expect(outcome).toBe(OUTCOMES[n % 10] ?? 'sent')
        const said = transcripts.flatMap(({ entries }) => entries.map(({ text }) => text))
        const mine = said.filter((line) => /^(?:MAIL|RCPT) /.test(line))
        expect(mine).not.toEqual([])
        for (const line of mine) expect(line).toMatch(new RegExp(`<(?:user|to)${n}@`))
        expect(said.some((line) => line.startsWith('220 '))).toBe(true)
      }),
    )
    expect(s.server.messages).toHaveLength(36)
    expect(s.server.connections.length).toBeLessThan(20)
  })

  it('a connection that refused a message is used for the next one', async () => {
    await using s = await scene(
      { on: { MAIL: { nth: ['550 5.7.1 No', { pass: true }] } } },
      { pool: true, maxConnections: 1 },
    )
    expect((await failure(s.transport)).code).toBe('mail-from/policy')
    await s.transport.send(message())
    expect(s.server.connections).toHaveLength(1)
  })

  it('a check that fails costs no connection', async () => {
    await using s = await scene({ caps: ['SIZE 2000', 'PIPELINING'] }, { pool: true, maxConnections: 1 })
    await s.transport.send(message())
    expect((await failure(s.transport, message({ text: 'x'.repeat(5_000) }))).code).toBe(
      'mail-from/message-too-large',
    )
    await s.transport.send(message())
    expect(s.server.connections).toHaveLength(1)
    expect(s.server.messages).toHaveLength(2)
  })

  it('a message that moves to another connection arrives once, and the first try is told', async () => {
    await using s = await scene(
      { on: { MAIL: { nthGlobal: [{ pass: true }, { close: 'rst' }, { pass: true }] } } },
      { pool: true, maxConnections: 1 },
    )
    await s.transport.send(message())
    const failed: MailError[] = []
    const delivery = await s.transport.send(message(), { failed: (error) => void failed.push(error) })
    expect(delivery.failures.map(({ code }) => code)).toEqual(['mail-from/connection-lost'])
    expect(failed).toEqual(delivery.failures)
    expect(lines(failed[0]!).some((line) => line.startsWith('220 '))).toBe(true)
    expect(s.server.messages).toHaveLength(2)
  })

  it.each<[ServerScript, string]>([
    [{ on: { CONNECT: { stall: true } } }, 'greeting/timeout'],
    [{ caps: ['AUTH PLAIN'], on: { AUTH: '535 5.7.8 No' } }, 'auth/bad-credentials'],
  ])('what fails before the first message is told to the message it was for: %j', async (script, code) => {
    await using s = await scene(script, {
      pool: true,
      maxConnections: 2,
      ...(script.caps && { auth: { user: 'ann', pass: 'secret' } }),
    })
    const errors = await Promise.all([failure(s.transport), failure(s.transport), failure(s.transport)])
    expect(errors.map((error) => error.code)).toEqual([code, code, code])
    const connections = errors.map((error) => error.transcript!.entries[0]!.connection)
    expect(new Set(connections).size).toBe(3)
  })
})
