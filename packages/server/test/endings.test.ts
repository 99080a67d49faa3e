import { startServer, type Action } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { atBody, connectTo, content, greeted } from './raw-client.ts'

describe('how a connection ends', () => {
  const ends: [title: string, action: Action, end: string, heard: string][] = [
    ['close fin ends it politely', { close: 'fin' }, 'fin', ''],
    ['close fin after a reply', { seq: ['421 4.3.2 Bye', { close: 'fin' }] }, 'fin', '421 4.3.2 Bye\r\n'],
    ['close fin after half a line', { seq: [{ raw: '454 4.3' }, { close: 'fin' }] }, 'fin', '454 4.3'],
    ['close rst resets it', { close: 'rst' }, 'ECONNRESET', ''],
    [
      'close rst after a reply',
      { seq: ['421 Bye', { delay: 20, then: { close: 'rst' } }] },
      'ECONNRESET',
      '421 Bye\r\n',
    ],
  ]
  test.each(ends)('%s', async (_title, action, end, heard) => {
    await using server = await startServer({ on: { NOOP: action } })
    using client = await greeted(server)
    client.write('NOOP\r\nNOOP\r\n')
    expect(await client.end()).toBe(end)
    expect(client.heard.toString()).toBe(heard)
  })

  test('a reset of a TLS connection resets the TCP connection', async () => {
    await using server = await startServer({ tls: 'implicit', on: { NOOP: { close: 'rst' } } })
    using client = await connectTo(server)
    await client.secure()
    await client.reply()
    client.write('NOOP\r\n')
    expect(await client.end()).toBe('ECONNRESET')
  })

  test('a client that does not close its side is disconnected after a second', async () => {
    await using server = await startServer({ on: { NOOP: { close: 'fin' } } })
    using client = await greeted(server)
    client.socket.pause().write('NOOP\r\n')
    const { error } = await server.waitFor('close')
    expect(error).toBeUndefined()
  })

  test('an idle connection is closed after idleClose', async () => {
    await using server = await startServer({ idleClose: 30, on: { NOOP: { delay: 100, then: '250 Ok' } } })
    using client = await greeted(server)
    expect(await client.ask('NOOP')).toBe('250 Ok')
    expect(await client.end()).toBe('fin')
  })
})

describe('a stalled server', () => {
  test('never replies again, but keeps the connection and the record', async () => {
    await using server = await startServer({ on: { RCPT: { stall: true } } })
    using client = await greeted(server)
    client.write('MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nQUIT\r\n')
    expect(await client.reply()).toBe('250 2.1.0 Ok')
    await server.waitFor('command', ({ command }) => command === 'QUIT')
    client.socket.end()
    expect(await client.end()).toBe('fin')
    expect(client.heard).toHaveLength(0)
  })

  test('ends a seq', async () => {
    await using server = await startServer({ on: { NOOP: { seq: ['250-a', { stall: true }, '250 b'] } } })
    using client = await greeted(server)
    client.write('NOOP\r\nRSET\r\n')
    await client.until(/^250-a\r\n/)
    await server.waitFor('command', ({ command }) => command === 'RSET')
    client.socket.end()
    await client.end()
    expect(client.heard).toHaveLength(0)
  })

  test('at CONNECT sends no greeting, and answers only commands with an action', async () => {
    await using server = await startServer({ on: { CONNECT: { stall: true }, EHLO: '250 scripted' } })
    using client = await connectTo(server)
    client.write('NOOP\r\nEHLO a.example\r\n')
    expect(await client.reply()).toBe('250 scripted')
  })

  test('a delay keeps the order of replies', async () => {
    await using server = await startServer({ on: { RCPT: { delay: 20, then: '250 late' } } })
    using client = await greeted(server)
    client.write('MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n')
    expect([await client.reply(), await client.reply(), await client.reply()]).toEqual([
      '250 2.1.0 Ok',
      '250 late',
      '354 End data with <CR><LF>.<CR><LF>',
    ])
  })

  test('a delay is cut short when the client leaves', async () => {
    await using server = await startServer({ on: { DOT: { delay: 600_000, then: '250 Ok' } } })
    using client = await atBody(server)
    client.write(`${content}.\r\n`)
    await server.waitFor('command', ({ command }) => command === 'DATA')
    client.socket.destroy()
    await server.waitFor('close')
    expect(server.messages).toEqual([])
  })
})
