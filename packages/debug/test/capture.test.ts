import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Mailer, MailError, type FailureCode } from '@loudmail/core'
import { smtp } from '@loudmail/smtp'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  memoryStore,
  rehearsable,
  startCapture,
  type DebugTls,
  type StartCaptureOptions,
} from '../src/index.ts'
import { TIMEOUT_MS } from '../src/rehearsal/rehearsal.ts'

const hello = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }

async function capturing(options: StartCaptureOptions = {}) {
  const store = memoryStore()
  const capture = await startCapture(store, options)
  onTestFinished(() => capture.close())
  return { store, capture }
}

/** Says lines to a server, each after the reply to the one before, then leaves. */
async function say(port: number, lines: readonly string[]): Promise<string[]> {
  const socket = connect(port, '127.0.0.1')
  const replies: string[] = []
  const waiting = [...lines]
  let heard = ''
  socket.on('data', (bytes) => {
    heard += String(bytes)
    const reply = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(heard)?.[0]
    if (reply === undefined) return
    heard = heard.slice(reply.length)
    replies.push(reply.trim())
    const line = waiting.shift()
    if (line === undefined) socket.end()
    else socket.write(`${line}\r\n`)
  })
  await once(socket, 'close')
  return replies
}

describe('a captured mail', () => {
  it('is in the store before the client knows that it was accepted', async () => {
    const { store, capture } = await capturing()
    await using mailer = new Mailer({ transport: smtp(capture.url) })
    await mailer.send(hello)
    expect(store.mails).toMatchObject([
      {
        state: 'captured',
        transport: 'smtp server',
        from: 'ann@sender.example',
        to: ['bob@rcpt.example'],
        subject: 'Hello',
        text: 'Hi',
        envelope: { from: 'ann@sender.example', to: ['bob@rcpt.example'] },
      },
    ])
    expect(store.mails[0]?.messageId).toMatch(/^<.+@.+>$/)
    const said = store.mails[0]?.transcript?.entries.map(({ text }) => text)
    expect(said?.[0]).toMatch(/^a client connected from port \d+$/)
    expect(said?.join('\n')).toContain('MAIL FROM:<ann@sender.example>')
    expect(said).toContain('250-PIPELINING')
    expect(said?.at(-1)).toBe('250 2.0.0 Ok: queued as 1')
  })

  it('on a reused connection has its own conversation, after the greeting', async () => {
    const { store, capture } = await capturing()
    await using mailer = new Mailer({ transport: smtp(capture.url) })
    await mailer.send(hello)
    await mailer.send({ ...hello, from: 'eve@sender.example' })
    const said = store.mails[1]?.transcript?.entries.map(({ text }) => text).join('\n')
    expect(said).toContain('220 localhost ESMTP Loudmail')
    expect(said).toContain('eve@sender.example')
    expect(said).not.toContain('ann@sender.example')
  })

  it('is refused with 452 if the store cannot keep it, and the caller hears why', async () => {
    const store = { ...memoryStore(), add: () => Promise.reject(new Error('the disk is full')) }
    const reasons: unknown[] = []
    await using capture = await startCapture(store, { onNotKept: (error) => reasons.push(error) })
    await using mailer = new Mailer({ transport: smtp(capture.url), failure: 'silent', observe: () => {} })
    const { error } = await mailer.send(hello)
    expect(error?.reply).toMatchObject({ code: 452, text: 'The message could not be kept' })
    await capture.close()
    expect(reasons.map(String)).toContain('Error: the disk is full')
  })
})

describe('a mail that fails', () => {
  it('is kept with its content, if only some recipients were refused', async () => {
    const { store, capture } = await capturing()
    await using mailer = new Mailer({ transport: smtp(capture.url), failure: 'silent', observe: () => {} })
    await mailer.send({ ...hello, to: ['bob@rcpt.example', 'fail+rcpt-to.mailbox-full@example.test'] })
    expect(store.mails).toMatchObject([
      {
        state: 'failed',
        subject: 'Hello',
        error: {
          code: 'rcpt-to/mailbox-full',
          delivered: 'some',
          recipients: [{ status: 'accepted' }, { status: 'rejected' }],
        },
      },
    ])
  })

  it.each([
    'fail+data.server-error@example.test',
    'fail+body.spam@example.test',
    'fail+rcpt-to.mailbox-unknown@example.test',
  ])('as %s asks', async (to) => {
    const { store, capture } = await capturing()
    await using mailer = new Mailer({ transport: smtp(capture.url), failure: 'silent', observe: () => {} })
    const { error } = await mailer.send({ ...hello, to })
    await capture.close()
    expect(error?.code).toBe(/\+(.+)@/.exec(to)![1]!.replace('.', '/'))
    expect(store.mails).toMatchObject([{ state: 'failed', code: error?.code, error: { hint: error?.hint } }])
  })

  it('is refused if the address asks for what happens before the server knows it', async () => {
    const { store, capture } = await capturing()
    await using mailer = new Mailer({ transport: smtp(capture.url), failure: 'silent', observe: () => {} })
    const { error } = await mailer.send({ ...hello, to: 'fail+auth.bad-credentials@example.test' })
    expect(error?.reply?.text).toContain('auth/bad-credentials happens before a recipient is known')
    await capture.close()
    expect(store.mails).toMatchObject([{ code: 'rcpt-to/mailbox-unknown' }])
  })

  it('is kept if the client leaves in the middle of its content', async () => {
    const { store, capture } = await capturing()
    const lines = [
      'EHLO me',
      'MAIL FROM:<a@sender.example>',
      'RCPT TO:<b@rcpt.example>',
      'DATA',
      'Subject: half',
    ]
    const socket = connect(capture.port, '127.0.0.1')
    for (const line of lines) {
      await once(socket, 'data')
      socket.write(`${line}\r\n`)
    }
    socket.end()
    await once(socket, 'close')
    await capture.close()
    expect(store.mails).toMatchObject([
      {
        state: 'failed',
        code: 'body/connection-lost',
        problem: 'the client did not send all of the message',
        error: {
          delivered: 'none',
          summary: 'the client closed the connection before it had sent the whole message',
        },
      },
    ])
  })

  it('is not made up from a client that only looks whether the server is there', async () => {
    const { store, capture } = await capturing()
    await say(capture.port, [])
    await say(capture.port, ['EHLO me', 'QUIT'])
    await say(capture.port, ['EHLO me', 'MAIL FROM:<>', 'RCPT TO:<b@rcpt.example>', 'RSET', 'QUIT'])
    await capture.close()
    expect(store.mails).toEqual([])
  })
})

describe('rehearsing over the wire', () => {
  const codes = rehearsable.filter((code) => !/^(?:dns|connect)\//.test(code))
  const timeout = { greeting: TIMEOUT_MS, ehlo: TIMEOUT_MS, tls: TIMEOUT_MS, auth: TIMEOUT_MS }
  const later = { 'mail-from': TIMEOUT_MS, 'rcpt-to': TIMEOUT_MS, data: TIMEOUT_MS, body: TIMEOUT_MS }

  /** The client that can see the failure: one that logs in, or that insists on TLS. */
  function client(url: string, ca: string, code: FailureCode): ReturnType<typeof smtp> {
    const { hostname: host, port } = new URL(url)
    const login = code.startsWith('auth/') && {
      auth: { user: 'ann', pass: 'a long password' },
      allowInsecureAuth: true,
    }
    const tls: DebugTls = code.startsWith('tls/') ? 'starttls' : 'none'
    return smtp({
      host,
      port: Number(port),
      tls,
      tlsOptions: { ca },
      ...login,
      // Others must not run out of time on a busy machine.
      ...(code.endsWith('/timeout') && { timeouts: { ...timeout, ...later } }),
    })
  }

  it.each(codes)('%s arrives as that, and is kept as that', async (rehearse) => {
    const { store, capture } = await capturing({ rehearse })
    const to = ['bob@rcpt.example', 'eve@rcpt.example']
    const transport = client(capture.url, capture.ca, rehearse)
    const mailer = new Mailer({ transport, failure: 'silent', observe: () => {} })
    const { error } = await mailer.send({ ...hello, to })
    expect(error?.code).toBe(rehearse)
    await mailer.close()
    await capture.close()
    const codesKept = new Set(store.mails.map(({ code }) => code))
    expect([...codesKept]).toEqual([rehearse])
  })

  it.each(['dns/host-not-found', 'connect/timeout'] as const)(
    '%s is refused: no server can do that',
    async (rehearse) => {
      await expect(startCapture(memoryStore(), { rehearse })).rejects.toThrow(
        `a server cannot rehearse ${rehearse}`,
      )
    },
  )
})

describe('a log-in', () => {
  const encodings = (secret: string): string[] =>
    (['utf8', 'base64', 'hex'] as const).map((encoding) =>
      Buffer.from(secret).toString(encoding).replaceAll('=', ''),
    )

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2', 'OAUTHBEARER'] as const)(
    'with %s leaves no password and no token in the store',
    async (mechanism) => {
      const { store, capture } = await capturing()
      const secret = randomBytes(18).toString('base64url')
      const { hostname: host, port } = new URL(capture.url)
      const auth = /OAUTH/.test(mechanism)
        ? { user: 'ann@sender.example', accessToken: secret, method: mechanism }
        : { user: 'ann@sender.example', pass: secret, method: mechanism }
      await using mailer = new Mailer({ transport: smtp({ host, port: Number(port), auth } as never) })
      await mailer.send(hello)
      const kept = JSON.stringify(store.mails)
      for (const form of encodings(secret)) expect(kept).not.toContain(form)
      const said = store.mails[0]?.transcript?.entries.map(({ text }) => text)
      expect(said?.join('\n')).toContain(`AUTH ${mechanism}`)
      expect(said?.join('\n')).toContain('MAIL FROM:<ann@sender.example>')
    },
  )

  it('that the client goes on with after a refusal leaves none either', async () => {
    const { store, capture } = await capturing({ tls: 'none', auth: 'any' })
    const secret = randomBytes(18).toString('base64url')
    const encoded = Buffer.from(secret).toString('base64')
    await say(capture.port, [
      'EHLO me',
      'AUTH NTLM',
      Buffer.from('ann').toString('base64'),
      encoded,
      `x ${secret}`,
      'QUIT',
    ])
    await capture.close()
    expect(store.mails).toMatchObject([{ state: 'failed', code: 'auth/auth-mechanism' }])
    for (const form of encodings(secret)) expect(JSON.stringify(store.mails)).not.toContain(form)
  })

  it('is required, and checked, if a user is given', async () => {
    const pass = randomBytes(12).toString('hex')
    const { store, capture } = await capturing({ auth: { user: 'ann', pass } })
    const { hostname: host, port } = new URL(capture.url)
    const sendWith = async (auth: { user: string; pass: string } | undefined): Promise<string> => {
      await using mailer = new Mailer({
        transport: smtp({ host, port: Number(port), ...(auth && { auth }) }),
      })
      return mailer.send(hello).then(
        ({ state }) => state,
        (error: unknown) => (MailError.is(error) ? error.code : String(error)),
      )
    }
    expect(await sendWith(undefined)).toBe('mail-from/auth-required')
    expect(await sendWith({ user: 'ann', pass: 'wrong one' })).toBe('auth/bad-credentials')
    expect(await sendWith({ user: 'ann', pass })).toBe('sent')
    await capture.close()
    expect(store.mails.map(({ code, state }) => code ?? state)).toEqual([
      'mail-from/auth-required',
      'auth/bad-credentials',
      'captured',
    ])
  })
})

describe('TLS', () => {
  it.each(['starttls', 'implicit'] as const)('%s is told in the conversation', async (tls) => {
    const { store, capture } = await capturing({ tls })
    const { hostname: host, port } = new URL(capture.url)
    await using mailer = new Mailer({
      transport: smtp({ host, port: Number(port), tls, tlsOptions: { ca: capture.ca } }),
    })
    await mailer.send(hello)
    expect(store.mails[0]?.transcript?.entries.map(({ text }) => text)).toContain('encrypted with TLSv1.3')
  })

  it('that a client does not trust is a failure that says so', async () => {
    const { store, capture } = await capturing({ tls: 'starttls' })
    const { hostname: host, port } = new URL(capture.url)
    await using mailer = new Mailer({
      transport: smtp({ host, port: Number(port), tls: 'starttls' }),
      failure: 'silent',
      observe: () => {},
    })
    await mailer.send(hello)
    await mailer.close()
    await capture.close()
    expect(store.mails[0]).toMatchObject({ state: 'failed', code: 'tls/handshake' })
    expect(store.mails[0]?.error?.hint).toContain('does not trust the certificate')
  })
})
