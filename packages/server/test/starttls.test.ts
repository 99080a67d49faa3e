import { startServer, type Action } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { connectTo, greeted } from './raw-client.ts'

const caps = ['PIPELINING', 'STARTTLS', 'AUTH PLAIN']

describe('STARTTLS', () => {
  test('continues over TLS, forgets what came before and offers capsTls', async () => {
    await using server = await startServer({ caps, capsTls: ['SIZE 1'] })
    using client = await greeted(server)
    await client.ask('MAIL FROM:<a@b.example>')
    expect(await client.ask('STARTTLS')).toBe('220 2.0.0 Ready to start TLS')
    await client.secure()
    expect(await client.ask('MAIL FROM:<a@b.example>')).toBe('503 5.5.1 Send EHLO first')
    expect(await client.ask('EHLO a')).toBe('250-localhost\n250 SIZE 1')
    expect(await client.ask('STARTTLS')).toBe('503 5.5.1 TLS is on already')
    const { entries } = server.connections[0]!
    expect(entries.filter(({ tls }) => !tls).at(-1)?.text).toBe('220 2.0.0 Ready to start TLS')
  })

  test('is not offered again by default', async () => {
    await using server = await startServer({ caps })
    using client = await greeted(server)
    await client.ask('STARTTLS')
    await client.secure()
    expect(await client.ask('EHLO a')).toBe('250-localhost\n250-PIPELINING\n250 AUTH PLAIN')
  })

  test('requires EHLO first', async () => {
    await using server = await startServer({ caps })
    using client = await connectTo(server)
    await client.reply()
    expect(await client.ask('STARTTLS')).toBe('503 5.5.1 Send EHLO first')
  })

  test('commands that were injected before TLS are ignored', async () => {
    await using server = await startServer({ caps })
    using client = await greeted(server)
    client.write('STARTTLS\r\nNOOP injected\r\n')
    await client.reply()
    await client.secure()
    expect(await client.ask('EHLO a')).toMatch(/^250-localhost/)
    expect(server.connections[0]?.lines).not.toContain('NOOP injected')
  })

  test('a scripted 220 is followed by TLS, even if STARTTLS is not offered', async () => {
    await using server = await startServer({ on: { STARTTLS: '220 go' } })
    using client = await greeted(server)
    expect(await client.ask('STARTTLS')).toBe('220 go')
    await client.secure()
    expect(await client.ask('NOOP')).toMatch(/^250/)
  })

  test('a handshake that arrives before the server is ready succeeds', async () => {
    const slow: Action = { seq: ['220 go', { delay: 50, then: { raw: '' } }] }
    await using server = await startServer({ caps, on: { STARTTLS: { seq: [slow] } } })
    using client = await greeted(server)
    expect(await client.ask('STARTTLS')).toBe('220 go')
    await client.secure()
    expect(await client.ask('NOOP')).toMatch(/^250/)
  })

  test('starttls garbage answers the handshake in plain text', async () => {
    await using server = await startServer({
      caps,
      on: { STARTTLS: { starttls: { garbage: '250 not tls\r\n' } } },
    })
    using client = await greeted(server)
    expect(await client.ask('STARTTLS')).toMatch(/^220/)
    await expect(client.secure()).rejects.toMatchObject({ code: 'ERR_SSL_WRONG_VERSION_NUMBER' })
  })

  test('starttls garbage after a scripted 220 sends no second one', async () => {
    const garbage: Action = { seq: ['220 mine', { starttls: { garbage: '250 not tls\r\n' } }] }
    await using server = await startServer({ caps, on: { STARTTLS: garbage } })
    using client = await greeted(server)
    expect(await client.ask('STARTTLS')).toBe('220 mine')
    expect(await client.ask('hello?')).toBe('250 not tls')
  })

  test('starttls inject sends plain text with the 220, then starts TLS', async () => {
    await using server = await startServer({
      caps,
      on: { STARTTLS: { starttls: { inject: '250 evil\r\n' } } },
    })
    using client = await greeted(server)
    client.write('STARTTLS\r\n')
    await client.until(/^220 2\.0\.0 Ready to start TLS\r\n250 evil\r\n/)
    await client.secure()
    expect(await client.ask('EHLO a')).toMatch(/^250-localhost/)
  })

  test('starttls stall answers 220 and then nothing', async () => {
    await using server = await startServer({ caps, on: { STARTTLS: { starttls: { stall: true } } } })
    using client = await greeted(server)
    expect(await client.ask('STARTTLS')).toMatch(/^220/)
    client.write('hello?\r\nNOOP\r\n')
    await server.waitFor('command', ({ command }) => command === 'NOOP')
    expect(client.heard).toHaveLength(0)
  })
})
