import { startServer } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { content, greeted } from './raw-client.ts'

describe('LMTP', () => {
  test('every accepted recipient gets a reply of its own', async () => {
    await using server = await startServer({
      lmtp: true,
      on: {
        RCPT: { byRcpt: { 'nobody@d.example': '550 5.1.1 No' } },
        DOT: { byRcpt: { 'full@d.example': '452 4.2.2 Full' } },
      },
    })
    expect(server.url).toMatch(/^lmtp:/)
    using client = await greeted(server)
    expect(await client.ask('EHLO a')).toBe('500 5.5.1 This is LMTP')
    expect(await client.ask('LHLO a')).toMatch(/^250-localhost/)
    const recipients = ['ok', 'nobody', 'full', 'fine'].map((name) => `RCPT TO:<${name}@d.example>`)
    await client.askAll('MAIL FROM:<a@b.example>', ...recipients, 'DATA')
    client.write(`${content}.\r\n`)
    expect([await client.reply(), await client.reply(), await client.reply()]).toEqual([
      '250 2.0.0 Ok: queued as 1',
      '452 4.2.2 Full',
      '250 2.0.0 Ok: queued as 1',
    ])
    expect(await client.ask('NOOP')).toBe('250 2.0.0 Ok')
    expect(server.messages).toMatchObject([{ envelope: { to: ['ok@d.example', 'fine@d.example'] } }])
  })

  test('a message that is refused for every recipient is not captured', async () => {
    await using server = await startServer({ lmtp: true, on: { DOT: '554 5.6.0 No' } })
    using client = await greeted(server)
    await client.askAll('LHLO a', 'MAIL FROM:<>', 'RCPT TO:<a@b>', 'DATA')
    expect(await client.ask('.')).toBe('554 5.6.0 No')
    expect(server.messages).toEqual([])
  })
})
