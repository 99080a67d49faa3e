import { startServer, type Action } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { connectTo, greeted } from './raw-client.ts'

describe('what a reply action sends', () => {
  const replies: [title: string, action: Action, bytes: unknown][] = [
    ['a string is a reply', '550 5.1.1 No', '550 5.1.1 No\r\n'],
    [
      'a string with line feeds is a reply of several lines',
      '550-No\n550 at all',
      '550-No\r\n550 at all\r\n',
    ],
    ['a string that is no reply is sent as well', 'what do you want', 'what do you want\r\n'],
    ['raw is sent byte for byte', { raw: '550 inconnu \u00e9\u00ff\n' }, '550 inconnu \u00e9\u00ff\n'],
    ['raw takes bytes', { raw: Buffer.from([0x35, 0x30, 0x00, 0x0a]) }, '50\0\n'],
    ['raw with other characters is UTF-8', { raw: '550 \u4e16\n' }, '550 \xe4\xb8\x96\n'],
    ['fill repeats', { fill: { s: '250-A\r\n', n: 3 } }, '250-A\r\n250-A\r\n250-A\r\n'],
    ['trickle sends all its bytes', { trickle: { s: '250 Ok\r\n', ms: 1 } }, '250 Ok\r\n'],
    ['seq does one after the other', { seq: ['250-a', { raw: '250 b\r\n' }] }, '250-a\r\n250 b\r\n'],
    ['delay goes on with then', { delay: 1, then: '250 later' }, '250 later\r\n'],
    [
      'pass does the correct thing',
      { pass: true },
      expect.stringMatching(/^250-localhost\r\n250-PIPELINING\r\n(250-.*\r\n)+250 .*\r\n$/),
    ],
    ['a function decides', ({ event, line }) => `250 ${event} ${line}`, '250 EHLO EHLO a.example\r\n'],
    ['a function may take its time', async () => Promise.resolve({ raw: '250 Ok\r\n' }), '250 Ok\r\n'],
    ['a function stands wherever an action does', () => ({ delay: 1, then: () => '250 Ok' }), '250 Ok\r\n'],
    ['a function that decides nothing passes', () => undefined, expect.stringMatching(/^250-localhost\r\n/)],
    ['actions nest', { seq: [{ nth: [{ delay: 1, then: { seq: ['250 deep'] } }] }] }, '250 deep\r\n'],
  ]
  test.each(replies)('%s', async (_title, action, bytes) => {
    await using server = await startServer({ on: { EHLO: action, NOOP: { close: 'fin' } } })
    using client = await connectTo(server)
    await client.reply()
    client.write('EHLO a.example\r\nNOOP\r\n')
    expect(await client.end()).toBe('fin')
    const heard = client.heard.toString('latin1')
    expect(heard).toEqual(bytes)
  })
})

test('trickle sends one byte at a time', async () => {
  await using server = await startServer({ on: { NOOP: { trickle: { s: '250 Ok\r\n', ms: 20 } } } })
  using client = await greeted(server)
  const chunks: number[] = []
  client.socket.on('data', (bytes: Buffer) => chunks.push(bytes.length))
  await client.ask('NOOP')
  expect(chunks.length).toBeGreaterThan(4)
})

test('the whole server drips', async () => {
  await using server = await startServer({ drip: 10, caps: [] })
  using client = await connectTo(server)
  const chunks: number[] = []
  client.socket.on('data', (bytes: Buffer) => chunks.push(bytes.length))
  expect(await client.reply()).toBe('220 localhost ESMTP ready')
  expect(await client.ask('EHLO a')).toBe('250 localhost')
  expect(chunks.length).toBeGreaterThan(20)
})
