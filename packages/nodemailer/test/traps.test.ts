import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { formatTranscript } from '@loudmail/core'
import { createTransport } from 'nodemailer'
import { describe, expect, it } from 'vitest'
import { nodemailer } from '../src/index.ts'
import { AUTH, CAPABILITIES, failure, gist, lines, message, PASSWORD, scene } from './setup.ts'

describe.concurrent('what nodemailer hides is told', () => {
  it('a partial refusal is a failure, and says who has the message', async () => {
    await using s = await scene({
      on: { RCPT: { byRcpt: { 'no@rcpt.example': '550 5.1.1 User unknown' } } },
    })
    const error = await failure(s.transport, message({ to: ['bob@rcpt.example', 'no@rcpt.example'] }))
    expect(gist(error)).toEqual({
      code: 'rcpt-to/mailbox-unknown',
      delivered: 'some',
      permanence: 'permanent',
      statuses: ['accepted', 'rejected'],
    })
    expect(s.server.messages.map(({ envelope }) => envelope.to)).toEqual([['bob@rcpt.example']])
  })

  it('the envelope goes out to the letter, whatever the headers say', async () => {
    await using s = await scene({})
    const to = ['"quoted, local"@rcpt.example', 'plus+tag@rcpt.example', "o'neil@rcpt.example"]
    await s.transport.send(message({ envelope: { from: 'bounce+1@sender.example', to } }))
    const [sent] = s.server.messages
    expect([sent!.envelope.from, ...sent!.envelope.to]).toEqual(['bounce+1@sender.example', ...to])
  })

  it.each([
    ['MAIL', '500 5.5.1 Invalid command: Pipelining not supported'],
    ['MAIL', '503 5.5.1 Bad sequence of commands'],
    ['DATA', '503 5.5.0 <DATA>: Improper use of SMTP command pipelining'],
  ])('a refusal of PIPELINING at %s is named: %s', async (event, reply) => {
    await using s = await scene({ caps: CAPABILITIES, on: { [event]: reply } })
    expect((await failure(s.transport)).hint).toContain('PIPELINING')
    await using plain = await scene({ caps: ['8BITMIME'], on: { [event]: reply } })
    expect((await failure(plain.transport)).hint).not.toContain('PIPELINING')
  })

  it('the null reverse-path stays null', async () => {
    await using s = await scene({})
    await s.transport.send(message({ envelope: { from: '', to: 'bob@rcpt.example' } }))
    expect(s.server.connections[0]!.lines).toContainEqual(expect.stringMatching(/^MAIL FROM:<>/))
  })

  it('credentials are not left out where AUTH is not offered', async () => {
    await using s = await scene({}, { auth: AUTH })
    expect(gist(await failure(s.transport))).toMatchObject({
      code: 'auth/auth-not-offered',
      delivered: 'none',
    })
    await s.server.waitFor('close')
    expect(s.server.connections[0]!.commands).toEqual(['EHLO', 'QUIT'])
  })

  it('no password goes to a server that knows no EHLO, or no mechanism of ours', async () => {
    await using old = await scene({ on: { EHLO: '502 5.5.1 What?' } }, { auth: AUTH })
    expect((await failure(old.transport)).code).toBe('auth/auth-not-offered')
    await using foreign = await scene({ caps: ['AUTH GSSAPI NTLM'] }, { auth: AUTH })
    const error = await failure(foreign.transport)
    expect(error.code).toBe('auth/auth-mechanism')
    expect(error.summary).toContain('it offers GSSAPI NTLM')
    for (const { server } of [old, foreign]) expect(server.connections[0]!.commands).not.toContain('AUTH')
  })

  it.each(['fin', 'rst'] as const)(
    'a connection that ends (%s) after the final dot leaves it unknown',
    async (close) => {
      await using s = await scene({ on: { DOT: { close } } })
      expect(gist(await failure(s.transport))).toEqual({
        code: 'body/connection-lost',
        delivered: 'unknown',
        permanence: 'unknown',
        statuses: ['unknown'],
      })
    },
  )

  it.each([
    ['EHLO', 'ehlo'],
    ['AUTH', 'auth'],
    ['MAIL', 'mail-from'],
    ['RCPT', 'rcpt-to'],
    ['DATA', 'data'],
  ] as const)('silence and a reset at %s belong to %s', async (event, stage) => {
    const script = { caps: ['AUTH PLAIN'] }
    await using silent = await scene({ ...script, on: { [event]: { stall: true } } }, { auth: AUTH })
    await using reset = await scene({ ...script, on: { [event]: { close: 'rst' } } }, { auth: AUTH })
    const [first, second] = await Promise.all([failure(silent.transport), failure(reset.transport)])
    expect(gist(first)).toMatchObject({
      code: `${stage}/timeout`,
      delivered: 'none',
      permanence: 'transient',
    })
    expect(gist(second)).toMatchObject({ code: `${stage}/connection-lost`, delivered: 'none' })
  })

  it.each([
    '550 5.7.1 Go away\r\n',
    '550 5.7.1 Go away',
    '550-5.7.1 Go\r\n550 5.7.1 away',
    '550-5.7.1 Go away\r\n',
  ])('a reply is read although the connection ends with it: %j', async (raw) => {
    await using s = await scene({ caps: [], on: { MAIL: { seq: [{ raw }, { close: 'fin' }] } } })
    const error = await failure(s.transport)
    expect(error.code).toBe('mail-from/policy')
    expect(error.reply).toMatchObject({ code: 550, enhanced: '5.7.1' })
  })

  it('all lines of a reply are kept, with the command they answer', async () => {
    await using s = await scene({
      on: { RCPT: '550-5.1.1 The mailbox\n550-5.1.1 does not\n550 5.1.1 exist' },
    })
    expect((await failure(s.transport)).reply).toEqual({
      protocol: 'smtp',
      code: 550,
      enhanced: '5.1.1',
      text: 'The mailbox\ndoes not\nexist',
      command: 'RCPT TO:<bob@rcpt.example>',
    })
  })

  it('a refusal in the middle of the content decides, although the rest could not be sent', async () => {
    await using s = await scene({
      on: { BODY: { after: 65_536, do: { seq: ['552 5.3.4 Too big', { close: 'rst' }] } } },
    })
    const error = await failure(s.transport, message({ text: 'x'.repeat(60).concat('\n').repeat(40_000) }))
    expect(gist(error)).toEqual({
      code: 'body/message-too-large',
      delivered: 'none',
      permanence: 'permanent',
      statuses: ['rejected'],
    })
  })

  it('an acceptance before the content was complete is no acceptance', async () => {
    await using s = await scene({
      on: { BODY: { after: 65_536, do: { seq: ['250 2.0.0 Ok', { stall: true }] } } },
    })
    const error = await failure(s.transport, message({ text: 'x'.repeat(60).concat('\n').repeat(40_000) }))
    expect(gist(error)).toMatchObject({ code: 'body/protocol', delivered: 'none' })
  })

  it('recipients that are refused for different reasons are mixed, and each keeps its own', async () => {
    await using s = await scene({ on: { RCPT: { nth: ['550 5.1.1 Unknown', '452 4.2.2 Full'] } } })
    const error = await failure(s.transport, message({ to: ['bob@rcpt.example', 'carol@rcpt.example'] }))
    expect(error.code).toBe('rcpt-to/mixed')
    expect(error.recipients.map(({ kind, permanence }) => [kind, permanence])).toEqual([
      ['mailbox-unknown', 'permanent'],
      ['mailbox-full', 'transient'],
    ])
    expect(error.retryable).toBe(true)
  })
})

const IN_SASL = Buffer.from(`\0${AUTH.user}\0${PASSWORD}`).toString('base64')

describe.concurrent('secrets stay out of everything', () => {
  it.each([
    PASSWORD,
    PASSWORD.toUpperCase(),
    IN_SASL,
    encodeURIComponent(PASSWORD).toLowerCase(),
    Buffer.from(PASSWORD).toString('hex'),
    `${PASSWORD.slice(0, 5)}\n535 5.7.8 ${PASSWORD.slice(5)}`,
    `${IN_SASL.slice(0, 40)}\n535 5.7.8 ${IN_SASL.slice(40)}`,
  ])('a server that echoes %s', async (echo) => {
    const logged: unknown[] = []
    const log = (...parts: unknown[]): void => void logged.push(parts)
    const logger = { level() {}, trace: log, debug: log, info: log, warn: log, error: log, fatal: log }
    await using s = await scene(
      {
        caps: ['AUTH PLAIN'],
        on: { AUTH: `535${echo.includes('\n') ? '-' : ' '}5.7.8 ${echo} is not the password` },
      },
      { auth: AUTH, logger, debug: true },
    )
    const error = await failure(s.transport)
    expect(error.code).toBe('auth/bad-credentials')
    const texts = [inspect(error, { depth: 9 }), JSON.stringify(error), formatTranscript(error.transcript)]
    for (const text of [
      ...texts,
      inspect(error.cause, { showHidden: true }),
      inspect(logged, { depth: 9 }),
    ]) {
      expect(text).not.toContain(PASSWORD)
      expect(text).not.toContain(IN_SASL)
      for (const part of echo.split('\n535 5.7.8 ')) expect(text).not.toContain(part)
    }
    expect(lines(error)).toContain('AUTH PLAIN <redacted>')
  })

  it('a token that was fetched on the way', async () => {
    const token = 'ya29.fetched-on-the-way'
    const server = await scene(
      { caps: ['AUTH XOAUTH2'], on: { AUTH: `535 5.7.8 ${token} expired` } },
      { auth: { type: 'OAuth2', user: 'ann', provisionCallback: provide } },
    )
    function provide(_user: string, _renew: boolean, done: (error: null, token: string) => void): void {
      done(null, token)
    }
    await using s = server
    const error = await failure(s.transport)
    expect(error.code).toBe('auth/oauth-token')
    expect(inspect(error, { depth: 9 }) + formatTranscript(error.transcript)).not.toContain(token)
  })

  it('a token that cannot be fetched', async () => {
    await using s = await scene(
      { caps: ['AUTH XOAUTH2'] },
      { auth: { type: 'OAuth2', user: 'ann', provisionCallback: refuse } },
    )
    expect(gist(await failure(s.transport))).toMatchObject({ code: 'auth/oauth-token', delivered: 'none' })
  })

  it('content is never in a transcript', async () => {
    await using s = await scene({ on: { DOT: '554 5.6.0 No' } })
    const error = await failure(s.transport, message({ text: 'for your eyes only' }))
    expect(lines(error).filter((line) => /octets/.test(line))).toEqual([
      expect.stringMatching(/^<\d+ octets>$/),
    ])
    expect(formatTranscript(error.transcript)).not.toContain('eyes')
  })
})

describe.concurrent('what is needed is checked before a message is asked for', () => {
  it('SMTPUTF8', async () => {
    await using s = await scene({ caps: ['8BITMIME'] })
    const error = await failure(s.transport, message({ to: 'jürgen@rcpt.example' }))
    expect(gist(error)).toMatchObject({ code: 'mail-from/smtputf8-required', delivered: 'none' })
    expect(s.server.connections[0]!.commands).toEqual(['EHLO'])
  })

  it('the size', async () => {
    await using s = await scene({ caps: ['SIZE 1000'] })
    const error = await failure(s.transport, message({ text: 'x'.repeat(2_000) }))
    expect(gist(error)).toMatchObject({ code: 'mail-from/message-too-large', permanence: 'permanent' })
    expect(s.server.connections[0]!.commands).toEqual(['EHLO'])
  })

  it('REQUIRETLS, which goes out where it is offered under TLS', async () => {
    await using plain = await scene({ caps: ['REQUIRETLS'] })
    const asked = message({ requireTlsOnward: true })
    expect((await failure(plain.transport, asked)).code).toBe('mail-from/requiretls-not-offered')
    await using encrypted = await scene({ caps: ['STARTTLS'], capsTls: ['REQUIRETLS'] })
    await encrypted.transport.send(asked)
    expect(encrypted.server.connections[0]!.lines).toContain('MAIL FROM:<ann@sender.example> REQUIRETLS')
  })

  it('8BITMIME for a raw message', async () => {
    const raw = message().envelope
    await using s = await scene({ caps: [] })
    const sent = message({
      from: undefined,
      to: undefined,
      subject: undefined,
      text: undefined,
      raw: 'Subject: x\r\n\r\nGrüße',
      envelope: { from: raw.from, to: raw.to },
    })
    expect((await failure(s.transport, sent)).code).toBe('mail-from/content-rejected')
  })

  it('an attachment that fails half way leaves no message behind', async () => {
    await using s = await scene({})
    const error = await failure(s.transport, message({ attachments: [{ content: () => half() }] }))
    expect(gist(error)).toMatchObject({ code: 'compose/attachment', delivered: 'none' })
    expect(s.server.messages).toEqual([])
  })
})

describe.concurrent('TLS', () => {
  const offered = { caps: ['STARTTLS'], capsTls: CAPABILITIES }

  it('is required where that was said', async () => {
    await using s = await scene({}, { requireTLS: true })
    expect((await failure(s.transport)).code).toBe('tls/starttls-not-offered')
    await s.server.waitFor('close')
    expect(s.server.connections[0]!.commands).toEqual(['EHLO', 'QUIT'])
  })

  it('a STARTTLS that is refused is the reason, and no password goes in the clear', async () => {
    const script = { ...offered, caps: ['STARTTLS', 'AUTH PLAIN'], on: { STARTTLS: '454 4.7.0 Not now' } }
    await using s = await scene(script, { auth: AUTH })
    expect(gist(await failure(s.transport))).toMatchObject({
      code: 'tls/tls-unavailable',
      permanence: 'transient',
    })
    await using opportunistic = await scene(script, { auth: AUTH, opportunisticTLS: true })
    expect((await failure(opportunistic.transport)).code).toBe('auth/auth-not-offered')
    await using without = await scene(script, { opportunisticTLS: true })
    expect((await without.transport.send(message())).state).toBe('sent')
  })

  it('plaintext after the 220 ends the connection', async () => {
    await using s = await scene(
      { ...offered, on: { STARTTLS: { starttls: { inject: '250-evil\r\n250 AUTH PLAIN\r\n' } } } },
      { auth: AUTH },
    )
    expect(gist(await failure(s.transport))).toMatchObject({
      code: 'tls/response-injection',
      delivered: 'none',
    })
  })

  it.each([
    ['selfsigned', 'certificate-untrusted'],
    ['expired', 'certificate-expired'],
    ['wronghost', 'certificate-hostname'],
  ] as const)('a certificate that is %s is %s, either way', async (cert, kind) => {
    await using starttls = await scene({ ...offered, cert })
    await using implicit = await scene({ tls: 'implicit', cert }, { secure: true })
    for (const { transport } of [starttls, implicit])
      expect((await failure(transport)).code).toBe(`tls/${kind}`)
  })

  it('a certificate for an IP address is checked against it', async () => {
    await using s = await scene({ tls: 'implicit' }, { secure: true, host: '127.0.0.1' })
    expect((await s.transport.send(message())).state).toBe('sent')
  })

  it('a port that speaks plain SMTP is not TLS', async () => {
    await using s = await scene({}, { secure: true })
    expect(gist(await failure(s.transport))).toMatchObject({ code: 'tls/not-tls', permanence: 'permanent' })
  })

  it('the conversation shows both sides of STARTTLS', async () => {
    await using s = await scene({ ...offered, on: { MAIL: '550 5.7.1 No' } })
    const said = lines(await failure(s.transport))
    const at = said.findIndex((line) => line.startsWith('TLS established'))
    expect(said.slice(at - 2, at)).toEqual(['STARTTLS', '220 2.0.0 Ready to start TLS'])
    expect(said[at + 1]).toMatch(/^EHLO /)
  })
})

describe.concurrent('a transporter stays what it is', () => {
  it('its plugins, defaults and DKIM keys work', async () => {
    await using s = await scene({})
    const transporter = createTransport(
      { host: 'localhost', port: s.server.port },
      { headers: { 'X-Default': 'yes' }, to: 'stranger@rcpt.example' },
    )
    transporter.use('compile', (mail, done) => {
      mail.data.html = '<p>from a plugin</p>'
      done()
    })
    await using transport = closing(nodemailer(transporter))
    await transport.send(message({ headers: { 'X-Own': 'also' } }))
    const content = String(s.server.messages[0]!.content)
    expect(content).toContain('from a plugin')
    expect(content).toMatch(/^X-Default: yes/m)
    expect(content).toMatch(/^X-Own: also/m)
    expect(content).not.toContain('stranger')
  })

  it('can still be used by itself, and by two transports', async () => {
    await using s = await scene({})
    const transporter = createTransport({ host: 'localhost', port: s.server.port })
    const both = [nodemailer(transporter), nodemailer(transporter)]
    await Promise.all(both.map((transport) => transport.send(message())))
    await transporter.sendMail({ from: 'ann@sender.example', to: 'carol@rcpt.example', text: 'Hello' })
    expect(s.server.messages).toHaveLength(3)
  })

  it('its own errors in plugins are told, and nothing leaves', async () => {
    await using s = await scene({})
    const transporter = createTransport({ host: 'localhost', port: s.server.port })
    transporter.use('compile', (_mail, done) => done(new Error('the plugin failed')))
    const error = await failure(nodemailer(transporter))
    expect(gist(error)).toMatchObject({ code: 'compose/unexpected', delivered: 'none' })
    expect((error.cause as Error).message).toBe('the plugin failed')
  })

  it('its proxy is used, and STARTTLS goes through it', async () => {
    const asked: string[] = []
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url!)
      const [host, port] = request.url!.split(':')
      const onward = connect(Number(port), host, () => socket.write('HTTP/1.1 200 Connected\r\n\r\n'))
      onward.pipe(socket).pipe(onward)
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    const { port } = proxy.address() as AddressInfo
    await using s = await scene({ caps: ['STARTTLS'] }, { proxy: `http://127.0.0.1:${port}` })
    await s.transport.send(message())
    expect(asked).toEqual([`localhost:${s.server.port}`])
    expect(s.server.connections[0]!.tls).toBe(true)
    proxy.close()
  })

  it('LMTP answers for each recipient', async () => {
    await using s = await scene(
      {
        lmtp: true,
        on: { DOT: { byRcpt: { 'full@rcpt.example': '452 4.2.2 Full' }, default: '250 2.0.0 Ok' } },
      },
      { lmtp: true },
    )
    const error = await failure(s.transport, message({ to: ['bob@rcpt.example', 'full@rcpt.example'] }))
    expect(gist(error)).toEqual({
      code: 'body/mailbox-full',
      delivered: 'some',
      permanence: 'transient',
      statuses: ['accepted', 'rejected'],
    })
    expect(error.reply?.protocol).toBe('lmtp')
  })
})

function closing<T extends { close?(): Promise<void> }>(transport: T): T & AsyncDisposable {
  return Object.assign(transport, { [Symbol.asyncDispose]: async () => transport.close?.() })
}

function refuse(_user: string, _renew: boolean, done: (error: Error) => void): void {
  done(new Error('no token today'))
}

async function* half(): AsyncGenerator<string> {
  yield 'half'
  throw new Error('the disk went away')
}
