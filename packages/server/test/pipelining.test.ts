import { startServer } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { addressed, connectTo, content, greeted } from './raw-client.ts'

describe('pipelining', () => {
  test('commands that arrive together are answered in order and in one write', async () => {
    await using server = await startServer()
    using client = await greeted(server)
    const chunks: string[] = []
    client.socket.on('data', (bytes: Buffer) => chunks.push(bytes.toString()))
    client.write(
      `MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n${content}.\r\n` +
        `MAIL FROM:<e@f.example>\r\nRCPT TO:<g@h.example>\r\nRSET\r\nWHAT\r\nQUIT\r\n`,
    )
    await client.end()
    expect(chunks).toEqual([
      '250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n250 2.0.0 Ok: queued as 1\r\n' +
        '250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Ok\r\n500 5.5.2 Command not recognized\r\n221 2.0.0 Bye\r\n',
    ])
  })

  test('after a refused sender, the rest is out of sequence', async () => {
    await using server = await startServer({ on: { MAIL: '550 5.7.1 No' } })
    using client = await greeted(server)
    client.write('MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nQUIT\r\n')
    await client.end()
    expect(client.heard.toString()).toBe(
      '550 5.7.1 No\r\n503 5.5.1 Send MAIL first\r\n503 5.5.1 Send MAIL first\r\n221 2.0.0 Bye\r\n',
    )
  })
})

describe('lines', () => {
  test('a command may arrive in pieces', async () => {
    await using server = await startServer()
    using client = await greeted(server)
    for (const piece of ['NO', 'O', 'P\r', '\n']) {
      client.write(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.reply()).toBe('250 2.0.0 Ok')
  })

  test('half a line is never a command', async () => {
    await using server = await startServer()
    using client = await greeted(server)
    client.socket.end('QUIT')
    expect(await client.end()).toBe('fin')
    expect(client.heard).toHaveLength(0)
    expect(server.connections[0]?.commands).toEqual(['EHLO'])
  })

  test('commands are still answered after the client has ended its side', async () => {
    await using server = await startServer()
    using client = await greeted(server)
    client.socket.end('NOOP\r\nNOOP\r\n')
    await client.end()
    expect(client.heard.toString()).toBe('250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n')
  })

  test.each([20_000, 1_000_000])(
    'a line of %d octets is refused, and the next one answered',
    async (length) => {
      await using server = await startServer()
      using client = await greeted(server)
      client.write(`NOOP ${'x'.repeat(length)}\r\nNOOP\r\n`)
      expect([await client.reply(), await client.reply()]).toEqual([
        '500 5.5.2 Line too long',
        '250 2.0.0 Ok',
      ])
    },
  )

  test('lf ends replies with a bare line feed', async () => {
    await using server = await startServer({ lf: true, caps: ['A'] })
    using client = await connectTo(server)
    expect(await client.until(/^.*\n/)).toBe('220 localhost ESMTP ready\n')
    client.write('EHLO a\n')
    expect(await client.until(/^.*\n.*\n/)).toBe('250-localhost\n250 A\n')
  })

  test('a command that is not UTF-8 is recorded as Latin-1', async () => {
    await using server = await startServer()
    using client = await addressed(server)
    client.write(Buffer.from('RCPT TO:<j\u00fcrgen@d.example>\r\n', 'latin1'))
    expect(await client.reply()).toBe('250 2.1.5 Ok')
    expect(server.connections[0]?.lines.at(-1)).toBe('RCPT TO:<jürgen@d.example>')
  })
})
