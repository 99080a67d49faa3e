import { startServer } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { atBody, connectTo, content, greeted } from './raw-client.ts'

describe('actions that choose', () => {
  test('byRcpt chooses by recipient, ignoring case', async () => {
    await using server = await startServer({
      on: { RCPT: { byRcpt: { 'full@d.example': '452 4.2.2 Full' }, default: '250 taken' } },
    })
    using client = await greeted(server)
    await client.ask('MAIL FROM:<a@b.example>')
    expect(await client.ask('RCPT TO:<FULL@d.example>')).toBe('452 4.2.2 Full')
    expect(await client.ask('RCPT TO:<c@d.example>')).toBe('250 taken')
  })

  test('byRcpt without a default passes', async () => {
    await using server = await startServer({
      on: { RCPT: { byRcpt: { 'full@d.example': '452 4.2.2 Full' } } },
    })
    using client = await greeted(server)
    expect(await client.askAll('MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>')).toBe('250 2.1.5 Ok')
  })

  test('byRcpt at DOT applies to any accepted recipient', async () => {
    await using server = await startServer({ on: { DOT: { byRcpt: { 'bad@d.example': '554 5.6.0 No' } } } })
    using client = await atBody(server, 'good@d.example', 'bad@d.example')
    expect(await client.ask(`${content}.`)).toBe('554 5.6.0 No')
    expect(await client.askAll('MAIL FROM:<>', 'RCPT TO:<good@d.example>', 'DATA')).toMatch(/^354/)
    expect(await client.ask(`${content}.`)).toMatch(/^250/)
  })

  test('nth counts per connection, and repeats its last action', async () => {
    await using server = await startServer({ on: { NOOP: { nth: ['250 one', '250 two'] } } })
    using first = await greeted(server)
    using second = await greeted(server)
    expect([await first.ask('NOOP'), await first.ask('NOOP'), await first.ask('NOOP')]).toEqual([
      '250 one',
      '250 two',
      '250 two',
    ])
    expect(await second.ask('NOOP')).toBe('250 one')
  })

  test('nthGlobal counts over all connections', async () => {
    await using server = await startServer({
      on: { NOOP: { nthGlobal: ['250 one', '250 two', '250 three'] } },
    })
    using first = await greeted(server)
    using second = await greeted(server)
    expect([await first.ask('NOOP'), await second.ask('NOOP'), await first.ask('NOOP')]).toEqual([
      '250 one',
      '250 two',
      '250 three',
    ])
  })

  test('a function sees the envelope, the recipient and, at DOT, the message', async () => {
    const seen: unknown[] = []
    await using server = await startServer({
      on: {
        RCPT: ({ recipient, envelope }) => void seen.push(recipient, envelope?.from),
        DOT: ({ message, connection }) => `554 5.6.0 ${message?.octets} over ${connection.id}`,
      },
    })
    using client = await atBody(server)
    expect(await client.ask(`${content}.`)).toBe(`554 5.6.0 ${content.length} over 1`)
    expect(seen).toEqual(['bob@rcpt.example', 'alice@sender.example'])
  })

  test('if a function throws, the reply is 451 and the error is recorded', async () => {
    await using server = await startServer({
      on: {
        NOOP: () => {
          throw new Error('a bug')
        },
      },
    })
    using client = await greeted(server)
    expect(await client.ask('NOOP')).toBe('451 4.3.0 The script failed at NOOP')
    expect(server.connections[0]?.error?.message).toBe('a bug')
  })

  test('the event * is for every command without an action of its own', async () => {
    await using server = await startServer({ on: { '*': '502 star', RSET: '250 own' } })
    using client = await connectTo(server)
    await client.reply()
    expect([await client.ask('EHLO a'), await client.ask('WHAT'), await client.ask('RSET')]).toEqual([
      '502 star',
      '502 star',
      '250 own',
    ])
  })
})
