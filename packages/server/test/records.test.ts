import { startServer } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { atBody, content, greeted } from './raw-client.ts'

describe('what is kept', () => {
  test("only envelopes, with keep: 'envelope'", async () => {
    await using server = await startServer({ keep: 'envelope' })
    using client = await atBody(server)
    await client.ask(`${content}.`)
    expect(server.messages[0]).toMatchObject({ octets: content.length, content: Buffer.alloc(0) })
    expect(server.messages[0]?.envelope.to).toEqual(['bob@rcpt.example'])
  })

  test("every octet that the client sent, with keep: 'wire'", async () => {
    await using server = await startServer({ keep: 'wire' })
    using client = await atBody(server)
    await client.ask(`..${content}.`)
    const wire = server.connections[0]?.received.toString() ?? ''
    expect(wire).toMatch(/^EHLO client\.example\r\nMAIL/)
    expect(wire.endsWith(`DATA\r\n..${content}.\r\n`)).toBe(true)
    expect(server.connections[0]?.octetsReceived).toBe(wire.length)
  })

  test.each([
    ['maxMessages', { maxMessages: 2 }],
    ['maxBytes', { maxBytes: 11 }],
  ])('%s drops the oldest messages', async (_title, bounds) => {
    await using server = await startServer(bounds)
    using client = await greeted(server)
    for (let count = 0; count < 4; count++)
      await client.askAll('MAIL FROM:<>', 'RCPT TO:<a@b>', 'DATA', 'abc\r\n.')
    expect(server.messages.map(({ id }) => id)).toEqual([3, 4])
  })

  test('maxEntries drops the oldest entries of a connection', async () => {
    await using server = await startServer({ maxEntries: 2 })
    using client = await greeted(server)
    await client.ask('NOOP')
    expect(server.connections[0]?.entries.map(({ text }) => text)).toEqual(['NOOP', '250 2.0.0 Ok'])
  })

  test('maxConnections drops the oldest closed connections', async () => {
    await using server = await startServer({ maxConnections: 1 })
    using open = await greeted(server)
    for (let count = 0; count < 3; count++) {
      using client = await greeted(server)
      await client.ask('QUIT')
      await client.end()
      await server.waitFor('close', ({ id }) => id === count + 2)
    }
    expect(server.connections.map(({ id }) => id)).toEqual([1, 4])
    expect(await open.ask('NOOP')).toBe('250 2.0.0 Ok')
  })

  test('clear forgets messages and closed connections', async () => {
    await using server = await startServer()
    using client = await atBody(server)
    using other = await greeted(server)
    await client.askAll('.', 'QUIT')
    await client.end()
    await server.waitFor('close')
    server.clear()
    expect(server.messages).toEqual([])
    expect(server.connections.map(({ id }) => id)).toEqual([2])
    expect(await other.ask('NOOP')).toBe('250 2.0.0 Ok')
  })
})

test('the record of a connection has every line in order, with times and commands', async () => {
  await using server = await startServer({ caps: ['AUTH LOGIN'] })
  using client = await greeted(server)
  await client.askAll(
    'AUTH LOGIN',
    'YQ==',
    'Yg==',
    'MAIL FROM:<>',
    'RCPT TO:<a@b>',
    'DATA',
    `${content}.`,
    'QUIT',
  )
  await client.end()
  const record = await server.waitFor('close')
  expect(record.entries.map(({ from, text }) => `${from} ${text}`)).toEqual([
    'server 220 localhost ESMTP ready',
    'client EHLO client.example',
    'server 250-localhost\n250 AUTH LOGIN',
    'client AUTH LOGIN',
    'server 334 VXNlcm5hbWU6',
    'client YQ==',
    'server 334 UGFzc3dvcmQ6',
    'client Yg==',
    'server 235 2.7.0 Authentication successful',
    'client MAIL FROM:<>',
    'server 250 2.1.0 Ok',
    'client RCPT TO:<a@b>',
    'server 250 2.1.5 Ok',
    'client DATA',
    'server 354 End data with <CR><LF>.<CR><LF>',
    `client <${content.length} octets>`,
    'server 250 2.0.0 Ok: queued as 1',
    'client QUIT',
    'server 221 2.0.0 Bye',
  ])
  expect(record.commands).toEqual(['EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'QUIT'])
  const offsets = record.entries.map(({ offsetMs }) => offsetMs)
  expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
  expect(record.closedAt).toBeInstanceOf(Date)
})
