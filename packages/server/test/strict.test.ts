import { startServer } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { atBody, greeted } from './raw-client.ts'

describe('strict switches', () => {
  const paths: [title: string, script: object, line: string, reply: string][] = [
    [
      'strictAscii refuses a sender outside ASCII',
      { strictAscii: true },
      'MAIL FROM:<ä@b.example>',
      '553 5.6.7 Address is not ASCII',
    ],
    [
      'strictAscii refuses a recipient outside ASCII',
      { strictAscii: true },
      'RCPT TO:<a@ä.example>',
      '553 5.6.7 Address is not ASCII',
    ],
    ['without it, any path will do', {}, 'RCPT TO:<ä@not an address>', '250 2.1.5 Ok'],
    [
      'strictAddr wants a mailbox',
      { strictAddr: true },
      'RCPT TO:<not an address>',
      '501 5.1.3 Bad recipient address syntax',
    ],
    [
      'strictAddr wants a domain',
      { strictAddr: true },
      'RCPT TO:<bob>',
      '501 5.1.3 Bad recipient address syntax',
    ],
    [
      'strictAddr wants brackets',
      { strictAddr: true },
      'RCPT TO:a@b.example',
      '501 5.1.3 Bad recipient address syntax',
    ],
    [
      'strictAddr wants a good sender',
      { strictAddr: true },
      'MAIL FROM:<a..b@c.example>',
      '501 5.1.7 Bad sender address syntax',
    ],
    ['strictAddr takes the null sender', { strictAddr: true }, 'MAIL FROM:<>', '250 2.1.0 Ok'],
    ['strictAddr takes Postmaster', { strictAddr: true }, 'RCPT TO:<Postmaster>', '250 2.1.5 Ok'],
    [
      'strictAddr takes what is unusual but right',
      { strictAddr: true },
      'RCPT TO:<"a b"@[127.0.0.1]>',
      '250 2.1.5 Ok',
    ],
    ['strictAddr takes UTF-8', { strictAddr: true }, 'RCPT TO:<jürgen@bücher.example>', '250 2.1.5 Ok'],
    [
      'enforceSize refuses at MAIL',
      { enforceSize: 10 },
      'MAIL FROM:<> SIZE=11',
      '552 5.3.4 Message size exceeds the limit',
    ],
    [
      'enforceSize lets pass what is declared small',
      { enforceSize: 10 },
      'MAIL FROM:<> SIZE=10',
      '250 2.1.0 Ok',
    ],
  ]
  test.each(paths)('%s', async (_title, script, line, reply) => {
    await using server = await startServer(script)
    using client = await greeted(server)
    if (line.startsWith('RCPT')) await client.ask('MAIL FROM:<>')
    expect(await client.ask(line)).toBe(reply)
  })

  test('enforceSize refuses content that turns out to be larger', async () => {
    await using server = await startServer({ enforceSize: 10 })
    using client = await atBody(server)
    expect(await client.ask(`${'x'.repeat(9)}\r\n.`)).toBe('552 5.3.4 Message size exceeds the limit')
    await client.askAll('MAIL FROM:<>', 'RCPT TO:<a@b>', 'DATA')
    expect(await client.ask(`${'x'.repeat(8)}\r\n.`)).toMatch(/^250/)
    expect(server.messages).toHaveLength(1)
  })

  test.each([
    ['flags 8-bit content that was not declared', 'MAIL FROM:<>', 1],
    ['lets pass what was declared', 'MAIL FROM:<> BODY=8BITMIME', 0],
  ])('strict7bit %s', async (_title, mail, violations) => {
    await using server = await startServer({ strict7bit: true })
    using client = await greeted(server)
    await client.askAll(mail, 'RCPT TO:<a@b>', 'DATA')
    expect(await client.ask('Grüße\r\n.')).toMatch(/^250/)
    expect(server.connections[0]?.violations).toHaveLength(violations)
  })
})
