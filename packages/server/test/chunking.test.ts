import { startServer } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { addressed, greeted } from './raw-client.ts'

describe('BDAT', () => {
  const caps = ['CHUNKING', '8BITMIME', 'BINARYMIME']

  test('chunks become one message, unchanged', async () => {
    await using server = await startServer({ caps })
    using client = await addressed(server)
    client.write('BDAT 5\r\n.\r\n.\rBDAT 3\r\n\n..BDAT 0 LAST\r\n')
    expect([await client.reply(), await client.reply(), await client.reply()]).toEqual([
      '250 2.0.0 Ok',
      '250 2.0.0 Ok',
      '250 2.0.0 Ok: queued as 1',
    ])
    expect(server.messages[0]?.content.toString()).toBe('.\r\n.\r\n..')
    expect(server.messages[0]?.sentWith).toBe('BDAT')
    expect(server.connections[0]?.lines.slice(-3)).toEqual(['BDAT 5', 'BDAT 3', 'BDAT 0 LAST'])
  })

  test('messages may follow each other without waiting', async () => {
    await using server = await startServer({ caps })
    using client = await greeted(server)
    const one = 'MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 3 LAST\r\nabc'
    client.write(`${one}${one}${one}QUIT\r\n`)
    await client.end()
    expect(server.messages.map((message) => message.content.toString())).toEqual(['abc', 'abc', 'abc'])
  })

  const refusals: [title: string, sent: string, replies: string[]][] = [
    ['before MAIL', 'BDAT 3 LAST\r\nabcNOOP\r\n', ['503 5.5.1 Send MAIL first', '250 2.0.0 Ok']],
    ['before RCPT', 'MAIL FROM:<>\r\nBDAT 3 LAST\r\nabc', ['250 2.1.0 Ok', '554 5.5.1 No valid recipients']],
    ['without a size', 'BDAT LAST\r\n', ['501 5.5.4 Syntax: BDAT octets [LAST]']],
    [
      'followed by DATA',
      'MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nBDAT 1\r\naDATA\r\n',
      ['250 2.1.0 Ok', '250 2.1.5 Ok', '250 2.0.0 Ok', '503 5.5.1 The content came with BDAT'],
    ],
  ]
  test.each(refusals)('%s is refused, and its octets are read', async (_title, sent, replies) => {
    await using server = await startServer({ caps })
    using client = await greeted(server)
    client.write(sent)
    for (const reply of replies) expect(await client.reply()).toBe(reply)
    expect(server.messages).toEqual([])
  })

  test('after a refused chunk the rest of the message is refused', async () => {
    await using server = await startServer({
      caps,
      on: { BDAT: { nth: ['452 4.3.1 Full', { pass: true }] } },
    })
    using client = await addressed(server)
    client.write('BDAT 1\r\naBDAT 1\r\nbBDAT 1 LAST\r\ncMAIL FROM:<>\r\n')
    expect([await client.reply(), await client.reply(), await client.reply(), await client.reply()]).toEqual([
      '452 4.3.1 Full',
      '503 5.5.1 An earlier chunk was refused',
      '503 5.5.1 An earlier chunk was refused',
      '250 2.1.0 Ok',
    ])
    expect(server.messages).toEqual([])
  })

  test('the last chunk is the event DOT, and BODY counts all octets', async () => {
    await using server = await startServer({
      caps,
      on: { DOT: { nth: ['554 5.6.0 No', { pass: true }] }, BODY: { after: 10, do: { close: 'fin' } } },
    })
    using client = await addressed(server)
    expect(await client.ask('BDAT 4 LAST\r\nab')).toBe('554 5.6.0 No')
    await client.askAll('MAIL FROM:<>', 'RCPT TO:<a@b>')
    client.write('BDAT 20 LAST\r\n0123456789')
    expect(await client.end()).toBe('fin')
    expect(server.messages).toEqual([])
  })
})
