import { startServer } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { atBody } from './raw-client.ts'

describe('content', () => {
  const contents: [title: string, sent: string, captured: string][] = [
    ['empty', '', ''],
    ['one empty line', '\r\n', '\r\n'],
    ['a stuffed dot on the first line', '..a\r\n', '.a\r\n'],
    ['stuffed dots alone', '..\r\n...\r\n', '.\r\n..\r\n'],
    ['a dot that is not stuffed', '.a\r\n', 'a\r\n'],
    ['dots within lines', 'a.b\r\nc..\r\n', 'a.b\r\nc..\r\n'],
    ['LF . LF', 'a\n.\nb\r\n', 'a\n.\nb\r\n'],
    ['LF . CRLF', 'a\n.\r\nb\r\n', 'a\n.\r\nb\r\n'],
    ['CRLF . LF', 'a\r\n.\nb\r\n', 'a\r\n\nb\r\n'],
    ['CRLF . CR', 'a\r\n.\rb\r\n', 'a\r\n\rb\r\n'],
    ['CR . CR', 'a\r.\rb\r\n', 'a\r.\rb\r\n'],
    ['CR CRLF', 'a\r\r\nb\r\r\n', 'a\r\r\nb\r\r\n'],
  ]
  test.each(contents)('%s arrives unchanged, at once and octet by octet', async (_title, sent, captured) => {
    await using server = await startServer()
    using client = await atBody(server)
    expect(await client.ask(`${sent}.`)).toMatch(/^250/)
    await client.askAll('MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'DATA')
    for (const octet of `${sent}.\r\n`) {
      client.write(octet)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.reply()).toMatch(/^250/)
    expect(server.messages.map((message) => message.content.toString('latin1'))).toEqual([captured, captured])
    expect(server.messages.map((message) => message.octets)).toEqual([captured.length, captured.length])
  })

  test.each([
    ['a plain body', 'a\r\n', false],
    ['a body with UTF-8', 'ä\r\n', true],
  ])('%s has the right eightBit', async (_title, sent, eightBit) => {
    await using server = await startServer()
    using client = await atBody(server)
    await client.ask(`${sent}.`)
    expect(server.messages[0]?.eightBit).toBe(eightBit)
  })

  test('25 MiB with a dot on every line arrive unchanged', async () => {
    await using server = await startServer()
    using client = await atBody(server)
    const line = `.${'x'.repeat(75)}\r\n`
    const count = Math.ceil(26_214_400 / line.length)
    client.write(Buffer.alloc(count * (line.length + 1), `.${line}`))
    expect(await client.ask('.')).toMatch(/^250/)
    expect(server.messages[0]?.content.equals(Buffer.alloc(count * line.length, line))).toBe(true)
  })

  test('content that breaks off is not a message, but is recorded', async () => {
    await using server = await startServer()
    using client = await atBody(server)
    client.socket.end('Subject: half')
    await client.end()
    await server.waitFor('close')
    expect(server.messages).toEqual([])
    expect(server.connections[0]?.entries.at(-1)).toMatchObject({
      from: 'client',
      text: '<13 octets>',
      octets: 13,
    })
  })
})
