import { Buffer } from 'node:buffer'
import { inspect } from 'node:util'
import { MailError } from '@loudmail/core'
import { certificates } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { smtp, type SmtpOptions } from '../src/index.ts'
import { everything, failure, message, scene, thrownBy } from './scene.ts'

const SECRET = 'hunter2-S3cr3t'
const auth = { user: 'ann', pass: SECRET }
const host = 'mail.example.com'

/** Options as a program without types could give them. */
const given = (options: object): SmtpOptions => options as SmtpOptions

const WRONG: [title: string, options: object | undefined, names: string][] = [
  ['no options at all', undefined, 'smtp()'],
  ['no host', {}, 'host'],
  ['an empty host', { host: '' }, 'host'],
  ['a host that is a URL', { host: `smtp://ann:${SECRET}@mail.example.com` }, 'host'],
  ['a host with white space', { host: 'mail example' }, 'host'],
  ['a host that is no string', { host: 7 }, 'host'],
  ['an option that does not exist', { host, hots: SECRET }, 'hots'],
  ['port 0', { host, port: 0 }, 'port'],
  ['a port beyond 65535', { host, port: 65_536 }, 'port'],
  ['half a port', { host, port: 25.5 }, 'port'],
  ['a port in a string', { host, port: '587' }, 'port'],
  ['a tls mode that does not exist', { host, tls: 'ssl' }, 'tls'],
  ['tls: true', { host, tls: true }, 'tls'],
  ['auth that is a string', { host, auth: SECRET }, 'auth'],
  ['an auth option that does not exist', { host, auth: { ...auth, password: SECRET } }, 'password'],
  ['pass together with accessToken', { host, auth: { ...auth, accessToken: SECRET } }, 'accessToken'],
  ['a password that is no string', { host, auth: { user: 'ann', pass: 12_345 } }, 'auth.pass'],
  ['an access token that is a number', { host, auth: { user: 'ann', accessToken: 1 } }, 'auth.accessToken'],
  ['an empty access token', { host, auth: { user: 'ann', accessToken: '' } }, 'auth.accessToken'],
  ['a mechanism that does not exist', { host, auth: { ...auth, method: 'NTLM' } }, 'auth.method'],
  ['a token mechanism with a password', { host, auth: { ...auth, method: 'XOAUTH2' } }, 'auth.method'],
  [
    'a password mechanism with a token',
    { host, auth: { user: 'ann', accessToken: SECRET, method: 'PLAIN' } },
    'auth.method',
  ],
  ['a NUL in the password', { host, auth: { user: 'ann', pass: `${SECRET}\0` } }, 'auth'],
  ['allowInsecureAuth that is no boolean', { host, auth, allowInsecureAuth: 'yes' }, 'allowInsecureAuth'],
  ['credentials without encryption', { host, auth, tls: 'none' }, 'allowInsecureAuth'],
  ['credentials with opportunistic encryption', { host, auth, tls: 'opportunistic' }, 'allowInsecureAuth'],
  [
    'credentials for the localhost of a proxy',
    { host: 'localhost', auth, proxy: 'http://proxy.example:3128', tls: 'opportunistic' },
    'allowInsecureAuth',
  ],
  ['a DKIM key without a signer', { host, dkim: { domain: 'x.example', privateKey: SECRET } }, 'dkimSigner'],
  ['a transform that is no function', { host, transform: 'smime' }, 'transform'],
  ['tlsOptions that are no object', { host, tlsOptions: true }, 'tlsOptions'],
  ['tlsOptions with a key that is none', { host, tlsOptions: { key: SECRET } }, 'tlsOptions'],
  ['tlsOptions with a host', { host, tlsOptions: { host: 'other.example' } }, 'tlsOptions'],
  ['a TLS version that does not exist', { host, tlsOptions: { minVersion: 'TLSv9' } }, 'tlsOptions'],
  ['a name with a line break', { host, name: 'x\r\nMAIL FROM:<a@b>' }, 'name'],
  ['an empty name', { host, name: '' }, 'name'],
  ['a time-out of a stage that does not exist', { host, timeouts: { greet: 5 } }, 'greet'],
  ['a time-out that is negative', { host, timeouts: { greeting: -1 } }, 'timeouts.greeting'],
  ['a time-out that is no number', { host, timeoutMs: '5s' }, 'timeoutMs'],
  ['a time-out of nothing', { host, timeoutMs: 0 }, 'timeoutMs'],
  ['a pool option that does not exist', { host, pool: { size: 5 } }, 'size'],
  ['no connections', { host, pool: { connections: 0 } }, 'pool.connections'],
  ['half a connection', { host, pool: { connections: 1.5 } }, 'pool.connections'],
  ['no messages per connection', { host, pool: { messagesPerConnection: 0 } }, 'pool.messagesPerConnection'],
  ['negative idleMs', { host, pool: { idleMs: -1 } }, 'pool.idleMs'],
  ['a window of nothing', { host, pool: { window: 0 } }, 'pool.window'],
  ['pool: true', { host, pool: true }, 'pool'],
  ['a partial that does not exist', { host, partial: 'maybe' }, 'partial'],
  ['a proxy that is no URL', { host, proxy: 'proxy.example.com:3128' }, 'proxy'],
  ['a proxy of another scheme', { host, proxy: `ftp://u:${SECRET}@proxy.example.com` }, 'proxy'],
  ['a localAddress that is a name', { host, localAddress: 'here.example.com' }, 'localAddress'],
  ['a lookup that is no function', { host, lookup: 'dns' }, 'lookup'],
  ['lmtp that is no boolean', { host, lmtp: 'yes' }, 'lmtp'],
]

const forms = [SECRET, Buffer.from(SECRET).toString('base64'), encodeURIComponent(SECRET)]

describe('a configuration that cannot be meant throws when the transport is made', () => {
  it.each(WRONG)('%s', (_, options, name) => {
    const error = thrownBy(() => smtp(given(options!)))
    expect(error.code).toBe('config/invalid-config')
    expect(error.message).toContain(name)
    expect(error.retryable).toBe(false)
    for (const form of forms) expect(everything(error)).not.toContain(form)
  })

  it.each([
    ['auth.user', {}],
    ['auth.user', { pass: SECRET }],
    ['auth.user', { user: '', pass: SECRET }],
    ['auth.pass', { user: 'ann' }],
    ['auth.pass', { user: 'ann', pass: '' }],
    ['auth.pass', { user: 'ann', pass: undefined }],
  ])('%s is missing in %j', (name, credentials) => {
    const error = thrownBy(() => smtp(given({ host, auth: credentials })))
    expect(error.code).toBe('config/missing-credentials')
    expect(error.message).toContain(name)
    expect(everything(error)).not.toContain(SECRET)
  })

  // `decodeURIComponent` throws a URIError when the first message is sent, as connect/unexpected.
  it('a proxy password that is not percent-encoded', () => {
    const error = thrownBy(() => smtp({ host, proxy: 'http://user:100%zz@proxy.example.com:3128' }))
    expect(error.code).toBe('config/invalid-config')
  })

  it('a URL that is not set, and options beside no URL', () => {
    expect(() => smtp(process.env.NO_SUCH_URL as never)).toThrow(/environment variable/)
    expect(() => smtp({ host }, { name: 'x' })).toThrow(/only when the first is a URL/)
    expect(() => smtp(`smtp://${host}`, 'x' as never)).toThrow(/second argument/)
    expect(() => smtp(`smtp://${host}`, { nmae: 'x' } as never)).toThrow(/nmae/)
  })

  it('null is no value of an option', () => {
    for (const option of ['auth', 'tlsOptions', 'timeouts', 'proxy', 'tls', 'name']) {
      const error = thrownBy(() => smtp(given({ host, [option]: null })))
      expect(error.code, option).toBe('config/invalid-config')
      expect(error.message, option).toContain(option)
    }
  })
})

describe('defaults', () => {
  it.each([
    [{ host: 'mail.example.com' }, 'smtp(mail.example.com:587)'],
    [{ host: 'mail.example.com', tls: 'implicit' }, 'smtp(mail.example.com:465)'],
    [{ host: 'mail.example.com', port: 25 }, 'smtp(mail.example.com:25)'],
    [{ host: 'mail.example.com', lmtp: true }, 'lmtp(mail.example.com:24)'],
  ] satisfies [SmtpOptions, string][])('%j is %s', (options, name) => {
    expect(smtp(options).name).toBe(name)
  })

  it('port 465 has TLS from the first byte, so credentials are safe there', () => {
    expect(() => smtp({ host, port: 465, auth })).not.toThrow()
  })

  it('any other host must offer STARTTLS', async () => {
    await using here = await scene({}, { host: '::ffff:127.0.0.1', tls: undefined })
    expect((await failure(here.transport)).code).toBe('tls/starttls-not-offered')
  })

  it.each(['127.0.0.1', 'localhost', '127.8.8.8'])(
    '%s goes without encryption where none is offered',
    async (loopback) => {
      await using here = await scene(
        { host: loopback === 'localhost' ? '127.0.0.1' : loopback },
        { host: loopback, tls: undefined },
      )
      await here.transport.send(message())
      expect(here.server.messages[0]!.tls).toBe(false)
    },
  )

  it('and with encryption, not verified, where it is', async () => {
    await using here = await scene(
      { caps: ['STARTTLS'], cert: 'selfsigned' },
      { tls: undefined, tlsOptions: {} },
    )
    await here.transport.send(message())
    expect(here.server.messages[0]!.tls).toBe(true)
  })

  it('the names of the transport and of its inside show no secret', () => {
    const transport = smtp({ host, auth, proxy: `http://u:${SECRET}@proxy.example.com:3128` })
    expect(inspect(transport, { depth: 9, showHidden: true }) + transport.name).not.toContain(SECRET)
  })
})

describe.concurrent('every option does what it says', () => {
  it('tls: none speaks no TLS where it is offered', async () => {
    await using here = await scene({ caps: ['STARTTLS'] }, { tls: 'none' })
    await here.transport.send(message())
    expect(here.server.messages[0]!.tls).toBe(false)
  })

  it('tls: starttls encrypts before it logs in', async () => {
    await using here = await scene(
      { caps: ['STARTTLS', 'AUTH PLAIN'], users: { ann: SECRET } },
      { tls: 'starttls', auth },
    )
    await here.transport.send(message())
    expect(here.server.messages[0]).toMatchObject({ tls: true, authenticatedAs: 'ann' })
    expect(here.server.connections[0]!.commands.slice(0, 4)).toEqual(['EHLO', 'STARTTLS', 'EHLO', 'AUTH'])
  })

  it('tls: implicit encrypts from the first byte', async () => {
    await using here = await scene({ tls: 'implicit' })
    await here.transport.send(message())
    expect(here.server.connections[0]!.entries[0]!.tls).toBe(true)
  })

  it('tls: opportunistic goes on unencrypted where STARTTLS is refused', async () => {
    await using here = await scene(
      { caps: ['STARTTLS'], on: { STARTTLS: '454 4.7.0 Not now' } },
      { tls: 'opportunistic' },
    )
    await here.transport.send(message())
    expect(here.server.messages[0]!.tls).toBe(false)
  })

  it('allowInsecureAuth sends credentials without encryption', () => {
    expect(() => smtp({ host, auth, tls: 'none', allowInsecureAuth: true })).not.toThrow()
    expect(() => smtp({ host: '127.0.0.1', auth, tls: 'none' })).not.toThrow()
  })

  it('tlsOptions.ca trusts an authority, and without it nobody is trusted', async () => {
    await using trusting = await scene({ tls: 'implicit' }, { tlsOptions: { ca: certificates.ca } })
    await trusting.transport.send(message())
    await using doubting = await scene({ tls: 'implicit' }, { tlsOptions: {} })
    expect((await failure(doubting.transport)).code).toBe('tls/certificate-untrusted')
  })

  it('tlsOptions.servername is the name that is asked for and checked', async () => {
    const options = (servername: string): Partial<SmtpOptions> => ({
      tlsOptions: { ca: certificates.ca, servername },
    })
    await using right = await scene({ tls: 'implicit' }, options('localhost'))
    await right.transport.send(message())
    await using wrong = await scene({ tls: 'implicit' }, options('other.example'))
    expect((await failure(wrong.transport)).code).toBe('tls/certificate-hostname')
  })

  it('tlsOptions.rejectUnauthorized: false takes any certificate', async () => {
    await using here = await scene(
      { tls: 'implicit', cert: 'expired' },
      { tlsOptions: { rejectUnauthorized: false } },
    )
    await here.transport.send(message())
    expect(here.server.messages).toHaveLength(1)
  })

  it('name is what EHLO says', async () => {
    await using here = await scene({}, { name: 'app.example.com' })
    await here.transport.send(message())
    expect(here.server.connections[0]!.lines[0]).toBe('EHLO app.example.com')
  })

  it('without a name EHLO says a host name with a dot, or an address literal', async () => {
    await using here = await scene()
    await here.transport.send(message())
    expect(here.server.connections[0]!.lines[0]).toMatch(/^EHLO (\[127\.0\.0\.1\]|[\w-]+(\.[\w-]+)+)$/)
  })

  it('timeoutMs is for every stage, and timeouts goes before it', async () => {
    await using short = await scene({ on: { EHLO: { stall: true } } }, { timeoutMs: 150 })
    expect((await failure(short.transport)).code).toBe('ehlo/timeout')
    await using long = await scene(
      { on: { EHLO: { delay: 400, then: { pass: true } } } },
      { timeoutMs: 150, timeouts: { ehlo: 3_000 } },
    )
    await long.transport.send(message())
  })

  const stages = [
    ['greeting', { on: { CONNECT: { stall: true } } }],
    ['mail-from', { on: { MAIL: { stall: true } } }],
    ['rcpt-to', { on: { RCPT: { stall: true } } }],
    ['data', { on: { DATA: { stall: true } } }],
    ['body', { on: { DOT: { stall: true } } }],
  ] as const

  for (const [stage, script] of stages) {
    // The timer that was set for an earlier stage is not brought forward: a shorter time-out fires when that one would.
    const ends = it
    ends(`timeouts.${stage} ends the wait at that stage, in its time`, async () => {
      await using here = await scene(script, { timeoutMs: 1_200, timeouts: { [stage]: 150 } })
      const begun = performance.now()
      expect((await failure(here.transport)).code).toBe(`${stage}/timeout`)
      expect(performance.now() - begun).toBeLessThan(900)
    })
  }

  it('lookup finds the host, and its failure is that of the name', async () => {
    const asked: string[] = []
    const lookup: SmtpOptions['lookup'] = (name, _options, callback) => {
      asked.push(name)
      if (name === 'mail.example.test') callback(null, [{ address: '127.0.0.1', family: 4 }])
      else callback(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }), [])
    }
    await using here = await scene({}, { host: 'mail.example.test', lookup })
    await here.transport.send(message())
    expect(here.server.messages).toHaveLength(1)
    await using other = await scene({}, { host: 'other.example.test', lookup })
    expect((await failure(other.transport)).code).toBe('dns/dns-temporary')
    expect(asked).toEqual(['mail.example.test', 'other.example.test'])
  })

  it('localAddress is where connections come from', async () => {
    await using here = await scene({}, { localAddress: '127.0.0.9' })
    await here.transport.send(message())
    await using other = await scene({}, { localAddress: '192.0.2.1' })
    const error = await failure(other.transport)
    expect([error.stage, error.delivered]).toEqual(['connect', 'none'])
  })

  it('lmtp speaks LMTP', async () => {
    await using here = await scene({ lmtp: true }, { lmtp: true })
    await here.transport.send(message())
    expect(here.server.connections[0]!.commands[0]).toBe('LHLO')
  })

  it('transform and dkim change what is composed', async () => {
    const transform: SmtpOptions['transform'] = () =>
      Buffer.from('Content-Type: text/plain\r\n\r\nsealed\r\n')
    await using here = await scene({}, { transform })
    await here.transport.send(message())
    expect(here.server.messages[0]!.content.toString()).toContain('\r\n\r\nsealed\r\n')
  })

  it('MailError is what is thrown', () => {
    expect(() => smtp({ host: '' })).toThrow(MailError)
  })
})
