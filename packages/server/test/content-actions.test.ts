import { startServer, type Action } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { addressed, atBody, content, greeted } from './raw-client.ts'

describe('actions on content', () => {
  const lines = `${'x'.repeat(76)}\r\n`.repeat(100)

  test('after acts once that many octets have arrived', async () => {
    await using server = await startServer({ on: { BODY: { after: 5000, do: { close: 'rst' } } } })
    using client = await atBody(server)
    client.write(lines.slice(0, 4999))
    await server.waitFor('command', ({ command }) => command === 'DATA')
    expect(client.ended).toBe(false)
    client.write(lines.slice(4999))
    expect(await client.end()).toBe('ECONNRESET')
    expect(server.connections[0]?.entries.some(({ octets }) => octets !== undefined && octets >= 4990)).toBe(
      true,
    )
  })

  test('after does nothing if the content ends before', async () => {
    await using server = await startServer({ on: { BODY: { after: 5000, do: { close: 'rst' } } } })
    using client = await atBody(server)
    expect(await client.ask(`${content}.`)).toMatch(/^250/)
  })

  test('several afters act one after the other', async () => {
    await using server = await startServer({
      on: {
        BODY: {
          seq: [
            { after: 10, do: { raw: '250-ten\r\n' } },
            { after: 5000, do: '552 5.3.4 Enough' },
          ],
        },
      },
    })
    using client = await atBody(server)
    client.write(lines.slice(0, 20))
    await client.until(/^250-ten\r\n/)
    client.write(`${lines.slice(20)}.\r\n`)
    expect(await client.reply()).toBe('552 5.3.4 Enough')
    expect(await client.ask('NOOP')).toBe('250 2.0.0 Ok')
    expect(server.messages).toEqual([])
  })

  test('an action at BODY without after acts at the first octets', async () => {
    await using server = await startServer({ on: { BODY: { close: 'fin' } } })
    using client = await atBody(server)
    client.write('S')
    expect(await client.end()).toBe('fin')
  })

  test('a stall at BODY reads the content and does not reply', async () => {
    await using server = await startServer({ on: { BODY: { stall: true } } })
    using client = await atBody(server)
    client.write(`${content}.\r\nNOOP\r\n`)
    await server.waitFor('command', ({ command }) => command === 'NOOP')
    client.socket.end()
    await client.end()
    expect(client.heard).toHaveLength(0)
    expect(server.messages).toEqual([])
  })

  test('pauseRead blocks the writes of the client', async () => {
    await using server = await startServer({ on: { BODY: { after: 1000, do: { pauseRead: true } } } })
    using client = await atBody(server)
    const big = Buffer.alloc(16_000_000, lines)
    let written = false
    client.socket.write(big, () => (written = true))
    // While another connection makes this many round trips, the client cannot write anything more.
    using other = await greeted(server)
    for (let count = 0; count < 500; count++) await other.ask('NOOP')
    expect(written).toBe(false)
    expect(server.connections[0]?.octetsReceived).toBeLessThan(big.length / 2)
  })

  test('accept records the message, whatever the reply is', async () => {
    await using server = await startServer({ on: { DOT: { accept: true, then: { close: 'fin' } } } })
    using client = await atBody(server)
    client.write(`${content}.\r\n`)
    expect(await client.end()).toBe('fin')
    expect(server.messages).toHaveLength(1)
  })

  test('accept and a 250 record one message, not two', async () => {
    const queued: Action = {
      seq: [
        { accept: true, then: '250 Ok' },
        { delay: 20, then: { close: 'rst' } },
      ],
    }
    await using server = await startServer({ on: { DOT: queued } })
    using client = await atBody(server)
    expect(await client.ask(`${content}.`)).toBe('250 Ok')
    expect(server.messages).toHaveLength(1)
    expect(await client.end()).toBe('ECONNRESET')
  })

  const verdicts: [title: string, action: Action, captured: number][] = [
    ['a scripted 250 captures it', '250 Ok', 1],
    ['a raw 250 captures it', { raw: '250 Ok\r\n' }, 1],
    ['a 250 of several lines captures it', '250-Ok\n250 then', 1],
    ['a refusal captures nothing', '554 5.7.1 No', 0],
    ['something that is no reply captures nothing', 'Ok', 0],
  ]
  test.each(verdicts)('%s', async (_title, action, captured) => {
    await using server = await startServer({ on: { DOT: action, QUIT: { close: 'fin' } } })
    using client = await atBody(server)
    client.write(`${content}.\r\nQUIT\r\n`)
    await client.end()
    expect(server.messages).toHaveLength(captured)
  })
})

test('a scripted positive reply has the same effect as a normal one', async () => {
  await using server = await startServer({
    on: { EHLO: '250 hi', MAIL: '250 s', RCPT: '250 r', DATA: '354 d', RSET: '250 x' },
  })
  using client = await addressed(server)
  expect(await client.ask('DATA')).toBe('354 d')
  expect(await client.ask(`${content}.`)).toMatch(/^250/)
  expect(server.messages[0]?.envelope).toMatchObject({
    from: 'alice@sender.example',
    to: ['bob@rcpt.example'],
  })
})

test('after a 354 without a recipient, a lone dot is read and nothing is captured', async () => {
  await using server = await startServer({
    on: { RCPT: '550 5.1.1 No', DATA: '354 go', DOT: { pass: true } },
  })
  using client = await addressed(server)
  expect(await client.ask('DATA')).toBe('354 go')
  expect(await client.ask('.')).toBe('554 5.5.1 No valid recipients')
  expect(server.messages).toEqual([])
})
