import { generateKeyPairSync } from 'node:crypto'
import { transportFromUrl } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { dkimSigner } from '@loudmail/mime'
import { startServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtpSchemes, smtp } from '../src/index.ts'
import { everything, failure, message, thrownBy } from './scene.ts'

const SECRET = 'p@ss/w:rd?#%'
const encoded = encodeURIComponent(SECRET)

describe('a URL with options beside it', () => {
  it('has what a URL cannot hold, and gives way to them', async () => {
    await using server = await startServer({ caps: ['PIPELINING'] })
    const { privateKey } = generateKeyPairSync('ed25519')
    const dkim = dkimSigner({ domain: 'sender.example', selector: 'x', privateKey })
    const transport = smtp(`${server.url}?name=one.example&tls=none`, { dkim, name: 'two.example' })
    await transport.send(toMessage({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: '' }))
    await transport.close!()
    expect(server.connections[0]!.lines).toContain('EHLO two.example')
    expect(server.messages[0]!.content.toString()).toMatch(/^DKIM-Signature: /)
  })
})

describe('a URL', () => {
  it.each([
    ['smtp://mail.example.com', 'smtp(mail.example.com:587)'],
    ['smtp://mail.example.com/', 'smtp(mail.example.com:587)'],
    ['smtp://mail.example.com:25?tls=none', 'smtp(mail.example.com:25)'],
    ['smtps://mail.example.com', 'smtp(mail.example.com:465)'],
    ['smtps://mail.example.com:2465', 'smtp(mail.example.com:2465)'],
    ['smtps://mail.example.com?tls=implicit', 'smtp(mail.example.com:465)'],
    ['lmtp://mail.example.com', 'lmtp(mail.example.com:24)'],
    ['lmtp://127.0.0.1:2424', 'lmtp(127.0.0.1:2424)'],
    ['smtp://[::1]:2525', 'smtp([::1]:2525)'],
  ])('%s is %s', (url, name) => {
    expect(smtp(url).name).toBe(name)
    expect(smtp(new URL(url)).name).toBe(name)
    expect(transportFromUrl(url, smtpSchemes).name).toBe(name)
  })

  it('may hold an IPv6 host', async () => {
    await using server = await startServer({ host: '::1' })
    const transport = smtp(`smtp://[::1]:${server.port}`)
    await transport.send(message())
    await transport.close!()
    expect(server.messages).toHaveLength(1)
  })

  it('holds user and password percent-encoded', async () => {
    await using server = await startServer({ caps: ['AUTH PLAIN'], users: { 'ann@sender.example': SECRET } })
    const transport = smtp(`smtp://ann%40sender.example:${encoded}@127.0.0.1:${server.port}`)
    await transport.send(message())
    await transport.close!()
    expect(server.messages[0]!.authenticatedAs).toBe('ann@sender.example')
  })

  it('holds options as query parameters', async () => {
    await using server = await startServer({ caps: ['STARTTLS', 'AUTH PLAIN LOGIN'] })
    const query = 'tls=none&name=app.example.com&auth.method=LOGIN&pool.connections=1&pool.idleMs=50'
    const transport = smtp(`smtp://ann:secret@127.0.0.1:${server.port}?${query}`)
    await transport.send(message())
    const { lines, commands } = await server.waitFor('close')
    await transport.close!()
    expect(lines).toContain('EHLO app.example.com')
    expect(lines).toContain('AUTH LOGIN')
    expect(commands).not.toContain('STARTTLS')
  })

  it('takes pool.window', async () => {
    const go = Promise.withResolvers<undefined>()
    await using server = await startServer({
      caps: ['PIPELINING', 'CHUNKING'],
      keep: 'wire',
      on: { DOT: { nthGlobal: [{ pass: true }, () => go.promise] } },
    })
    const transport = smtp(`smtp://127.0.0.1:${server.port}?pool.window=3&pool.connections=1`)
    await transport.send(message())
    const sending = Promise.all([1, 2, 3, 4, 5].map(() => transport.send(message())))
    await expect.poll(() => server.connections[0]?.received.toString().match(/^Date:/gm)?.length).toBe(1 + 3)
    go.resolve(undefined)
    await sending
    await transport.close!()
  })

  it('takes pool.messagesPerConnection, timeoutMs, partial and allowInsecureAuth', async () => {
    await using server = await startServer({
      on: { RCPT: { byRcpt: { 'no@rcpt.example': '550 5.1.1 No' } } },
    })
    const at = `127.0.0.1:${server.port}`
    const transport = smtp(
      `smtp://${at}?partial=abort&pool.messagesPerConnection=1&pool.connections=1&timeoutMs=500`,
    )
    await failure(transport, message({ to: ['bob@rcpt.example', 'no@rcpt.example'] }))
    await transport.send(message())
    await transport.close!()
    expect(server.messages).toHaveLength(1)
    expect(server.connections).toHaveLength(2)
    expect(() => smtp(`smtp://ann:${encoded}@mail.example.com?tls=none&allowInsecureAuth=true`)).not.toThrow()
  })

  it.each([
    ['an empty one', ''],
    ['no URL', `mail.example.com:587 ${encoded}`],
    ['another scheme', `imap://ann:${encoded}@mail.example.com`],
    ['no host', 'smtp://'],
    ['a port beyond 65535', `smtp://ann:${encoded}@mail.example.com:99999`],
    ['port 0', `smtp://ann:${encoded}@mail.example.com:0`],
    ['a path', `smtp://ann:${encoded}@mail.example.com/inbox`],
    ['a fragment', `smtp://ann:${encoded}@mail.example.com#top`],
    ['a password that is not percent-encoded', 'smtp://ann:100%zz-secret@mail.example.com'],
    ['a parameter that does not exist', `smtp://ann:${encoded}@mail.example.com?secure=true`],
    ['a number that is none', `smtp://ann:${encoded}@mail.example.com?pool.window=many`],
    ['a number that is empty', `smtp://ann:${encoded}@mail.example.com?timeoutMs=`],
    ['a flag that is neither true nor false', `smtp://ann:${encoded}@mail.example.com?allowInsecureAuth=1`],
    ['smtps:// with another tls', `smtps://ann:${encoded}@mail.example.com?tls=none`],
    ['a tls mode that does not exist', `smtp://ann:${encoded}@mail.example.com?tls=ssl`],
    ['credentials without encryption', `smtp://ann:${encoded}@mail.example.com?tls=none`],
    ['a window below 1', `smtp://ann:${encoded}@mail.example.com?pool.window=0`],
    ['a password mechanism that does not exist', `smtp://ann:${encoded}@mail.example.com?auth.method=NTLM`],
  ])('with %s is config/invalid-config, and is not repeated', (_, url) => {
    for (const make of [() => smtp(url), () => transportFromUrl(url || undefined, smtpSchemes)]) {
      const error = thrownBy(make)
      expect(error.code).toBe('config/invalid-config')
      const shown = everything(error)
      for (const secret of [SECRET, encoded, 'zz-secret', 'ann:', 'ann@']) expect(shown).not.toContain(secret)
      if (url.includes(encoded)) expect(shown).not.toContain(url)
    }
  })

  it('with a user and no password is config/missing-credentials', () => {
    const error = thrownBy(() => smtp('smtp://ann@mail.example.com'))
    expect(error.code).toBe('config/missing-credentials')
    expect(error.message).toContain('auth.pass')
  })

  it('with a method and no user is config/missing-credentials', () => {
    const error = thrownBy(() => smtp('smtp://mail.example.com?auth.method=LOGIN'))
    expect(error.code).toBe('config/missing-credentials')
  })
})
