import { MailError } from '@loudmail/core'
import { certificates, startServer, type ServerScript } from '@loudmail/server'
import { probe, type ProbeEvent } from '@loudmail/smtp/probe'
import { describe, expect, it } from 'vitest'

const STARTTLS = { caps: ['PIPELINING', 'STARTTLS'], capsTls: ['PIPELINING', 'AUTH PLAIN'] } as const

async function watched(script: ServerScript, options = {}) {
  const server = await startServer(script)
  const events: ProbeEvent[] = []
  const { host, port } = server
  const opened = probe({ host, port, ...options }, { onEvent: (event) => events.push(event) })
  return { server, events, opened }
}

describe('a probe', () => {
  it('tells every step up to the log-in', async () => {
    const auth = { user: 'ann', pass: 's3cret-word' }
    const tlsOptions = { ca: certificates.ca }
    const { server, events, opened } = await watched(STARTTLS, { tls: 'starttls', auth, tlsOptions })
    const { capabilities, encrypted, close } = await opened
    expect(capabilities.mechanisms).toEqual(['PLAIN'])
    expect(encrypted).toBe(true)
    close()
    const told = events.map((event) =>
      event.type === 'answered' ? `${event.stage} ${event.reply.command} ${event.reply.code}` : event.type,
    )
    expect(told).toEqual([
      'connected',
      'greeting connection 220',
      expect.stringMatching(/^ehlo EHLO \S+ 250$/),
      'tls STARTTLS 220',
      'encrypted',
      expect.stringMatching(/^ehlo EHLO \S+ 250$/),
      'auth AUTH PLAIN <redacted> 235',
    ])
    expect(JSON.stringify(events)).not.toContain('s3cret-word')
    expect(events.every(({ durationMs }) => durationMs >= 0 && durationMs < 5_000)).toBe(true)
    await server.close()
  })

  it('shows a certificate that is not accepted, and then fails as verify() does', async () => {
    const { server, events, opened } = await watched(STARTTLS, { tls: 'starttls' })
    await expect(opened).rejects.toMatchObject({ code: 'tls/certificate-untrusted' })
    const encrypted = events.find((event) => event.type === 'encrypted')!
    expect(encrypted.verified).toBe(false)
    expect(encrypted.protocol).toBe('TLSv1.3')
    const [own] = encrypted.certificates
    expect(own).toMatchObject({ names: ['localhost', '127.0.0.1', '0:0:0:0:0:0:0:1'], isSelfSigned: false })
    expect(own!.issuer).toBe('CN=Loudmail test authority')
    expect(own!.validTo.getUTCFullYear()).toBe(2119)
    expect(own!.pem).toContain('BEGIN CERTIFICATE')
    await server.close()
  })

  it('asks one command after the other, and throws what a send would', async () => {
    const script = { on: { RCPT: '550 5.1.1 No such user' } }
    const { server, opened } = await watched(script)
    const connection = await opened
    expect(await connection.ask('mail-from', 'MAIL FROM:<ann@sender.example>')).toMatchObject({ code: 250 })
    const refused = await connection
      .ask('rcpt-to', 'RCPT TO:<bob@rcpt.example>')
      .catch((error: unknown) => error)
    expect(MailError.is(refused, 'rcpt-to/mailbox-unknown')).toBe(true)
    expect(refused).toMatchObject({ reply: { code: 550, command: 'RCPT TO:<bob@rcpt.example>' } })
    expect(await connection.ask('mail-from', 'RSET')).toMatchObject({ code: 250 })
    connection.close()
    await server.close()
    expect(server.messages).toEqual([])
  })

  it('asks several commands in one write and gives all their replies', async () => {
    const { server, opened } = await watched({ on: { RCPT: '450 4.7.1 Greylisted' } })
    const connection = await opened
    const replies = await connection.askTogether([
      { stage: 'mail-from', command: 'MAIL FROM:<ann@sender.example>' },
      { stage: 'rcpt-to', command: 'RCPT TO:<bob@rcpt.example>' },
      { stage: 'mail-from', command: 'RSET' },
    ])
    expect(replies.map(({ code }) => code)).toEqual([250, 450, 250])
    connection.close()
    await server.close()
  })

  it('names the command whose answer does not come', async () => {
    const { server, opened } = await watched({ on: { RCPT: { stall: true } } }, { timeoutMs: 300 })
    const connection = await opened
    const asked = connection.askTogether([
      { stage: 'mail-from', command: 'MAIL FROM:<ann@sender.example>' },
      { stage: 'rcpt-to', command: 'RCPT TO:<bob@rcpt.example>' },
    ])
    await expect(asked).rejects.toMatchObject({ code: 'rcpt-to/timeout' })
    connection.close()
    await server.close()
  })

  it('ends at once when it is aborted', async () => {
    const server = await startServer({ on: { CONNECT: { stall: true } } })
    const abort = new AbortController()
    const opened = probe({ host: server.host, port: server.port }, { signal: abort.signal })
    abort.abort()
    await expect(opened).rejects.toMatchObject({ kind: 'aborted' })
    await server.close()
  })
})
