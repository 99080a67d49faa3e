import { certificates, startServer, type ServerScript } from '@loudmail/server'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import { describe, expect, it } from 'vitest'
import { walked } from './walked.ts'

const auth = { user: 'ann@example.com', pass: 's3cret-word' }
const trusted = { tlsOptions: { ca: certificates.ca } }
const STARTTLS: ServerScript = {
  caps: ['PIPELINING', 'STARTTLS'],
  capsTls: ['PIPELINING', 'AUTH PLAIN LOGIN', 'SIZE 36700160', 'CHUNKING', 'SMTPUTF8'],
}

async function visit(script: ServerScript, options: Partial<SmtpOptions> = {}) {
  const server = await startServer(script)
  const all: SmtpOptions = { host: 'localhost', port: server.port, timeoutMs: 3_000, ...options }
  const found = await walked({ options: all })
  // What the application would get.
  const thrown: unknown = await smtp(all).verify!().catch((error: unknown) => error)
  await server.close()
  return { ...found, thrown }
}

describe('the doctor opens a connection', () => {
  it('and tells each step up to the log-in', async () => {
    const { told, step, failure } = await visit(STARTTLS, { tls: 'starttls', auth, ...trusted })
    expect(told.filter((line) => !/TCP|DNS|look-up/.test(line))).toEqual([
      'pass greeting',
      'pass EHLO',
      'pass STARTTLS',
      'pass TLS',
      'pass certificate',
      'pass EHLO',
      'pass log-in',
      'pass MAIL FROM',
      'skip RCPT TO',
      'pass RSET',
      'pass PIPELINING',
      'pass QUIT',
    ])
    expect(step('greeting')).toMatchObject({ stage: 'greeting', reply: { code: 220 } })
    expect(step('EHLO').detail).toMatch(
      /^This program calls itself \S+\. It offers PIPELINING and STARTTLS\.$/,
    )
    expect(step('TLS').detail).toMatch(/^TLSv1\.3 with TLS_/)
    expect(step('certificate').detail).toContain(
      'For localhost, 127.0.0.1 and ::1, signed by CN=Loudmail test authority',
    )
    expect(step('certificate').detail).toMatch(/It expires in \d+ days \(2119-12-31\)\.$/)
    expect(step('log-in').detail).toBe('PLAIN works for ann@example.com. The server offers PLAIN, LOGIN.')
    expect(failure).toBeUndefined()
  })

  it('and lists what is offered after TLS as a person reads it', async () => {
    const { steps } = await visit(STARTTLS, { tls: 'starttls', auth, ...trusted })
    expect(steps.findLast(({ name }) => name === 'EHLO')!.detail).toBe(
      'It offers PIPELINING, CHUNKING, SMTPUTF8, log-in (PLAIN, LOGIN) and messages up to 35 MiB.',
    )
  })

  it('and takes a time for each answer', async () => {
    const { step } = await visit({ on: { EHLO: { delay: 300, then: { pass: true } } } })
    expect(step('EHLO').durationMs).toBeGreaterThan(290)
    expect(step('greeting').durationMs).toBeLessThan(290)
  })

  it('and warns of a greeting that takes more than five seconds', async () => {
    const slow = {
      on: {
        CONNECT: { nthGlobal: [{ pass: true }, { delay: 5_100, then: { pass: true } }, { pass: true }] },
      },
    } as const
    const found = await visit(slow, { timeoutMs: 9_000 })
    expect(found.step('greeting')).toMatchObject({ verdict: 'warn' })
    expect(found.step('greeting').detail).toMatch(/^It took 5\.\d s\. Many programs give up before that/)
    expect(found.failure).toBeUndefined()
  })

  it.each<[string, ServerScript, Partial<SmtpOptions>, string, string]>([
    [
      'a refused greeting',
      { on: { CONNECT: '554 5.7.1 No service for you' } },
      {},
      'greeting',
      'greeting/policy',
    ],
    [
      'another protocol',
      { on: { CONNECT: { raw: 'SSH-2.0-OpenSSH_9.6\r\n' } } },
      {},
      'greeting',
      'greeting/not-smtp',
    ],
    ['silence', { on: { CONNECT: { stall: true } } }, { timeoutMs: 300 }, 'greeting', 'greeting/timeout'],
    [
      'a refused name',
      { on: { EHLO: '550 5.7.1 Bad HELO name', HELO: '550 5.7.1 Bad HELO name' } },
      {},
      'HELO',
      'ehlo/policy',
    ],
    ['STARTTLS that is not offered', {}, { tls: 'starttls' }, 'STARTTLS', 'tls/starttls-not-offered'],
    [
      'STARTTLS that is refused',
      { caps: ['STARTTLS'], on: { STARTTLS: '454 4.7.0 TLS not available' } },
      { tls: 'starttls' },
      'STARTTLS',
      'tls/tls-unavailable',
    ],
    ['TLS where there is none', {}, { tls: 'implicit' }, 'TLS', 'tls/not-tls'],
    [
      'a self-signed certificate',
      { tls: 'implicit', cert: 'selfsigned' },
      { tls: 'implicit', ...trusted },
      'certificate',
      'tls/certificate-untrusted',
    ],
    [
      'an expired certificate',
      { tls: 'implicit', cert: 'expired' },
      { tls: 'implicit', ...trusted },
      'certificate',
      'tls/certificate-expired',
    ],
    [
      'a certificate for another name',
      { tls: 'implicit', cert: 'wronghost' },
      { tls: 'implicit', ...trusted },
      'certificate',
      'tls/certificate-hostname',
    ],
    ['a log-in that is not offered', {}, { auth }, 'log-in', 'auth/auth-not-offered'],
    [
      'a wrong password',
      { caps: ['AUTH PLAIN'], users: { 'ann@example.com': 'other' } },
      { auth },
      'log-in',
      'auth/bad-credentials',
    ],
    ['no mechanism in common', { caps: ['AUTH GSSAPI'] }, { auth }, 'log-in', 'auth/auth-mechanism'],
  ])(
    'and names the step and the failure of %s, as smtp() does',
    async (_title, script, options, name, code) => {
      const { steps, failure, thrown } = await visit(script, options)
      expect(failure?.code).toBe(code)
      const { summary, hint, reply } = thrown as NonNullable<typeof failure>
      expect(failure).toMatchObject({ code: (thrown as Error & { code: string }).code, summary, hint })
      expect(failure!.reply).toEqual(reply)
      const failed = steps.filter(({ verdict }) => verdict === 'fail')
      expect(failed.map((step) => step.name)).toEqual([name])
      expect(failed[0]).toMatchObject({ stage: failure!.stage, reply })
      const rest = steps.slice(steps.indexOf(failed[0]!) + 1)
      expect(rest.length).toBeGreaterThan(0)
      expect(rest.every(({ verdict }) => verdict === 'skip')).toBe(true)
    },
  )

  it.each<[string, ServerScript, Partial<SmtpOptions>, string, string]>([
    [
      'a certificate that nobody checks',
      { ...STARTTLS, cert: 'selfsigned' },
      {},
      'certificate',
      "with `tls: 'opportunistic'` that is accepted",
    ],
    [
      'a certificate that rejectUnauthorized lets pass',
      { tls: 'implicit', cert: 'expired' },
      { tls: 'implicit', tlsOptions: { rejectUnauthorized: false } },
      'certificate',
      'It is not valid now, and with `rejectUnauthorized: false`',
    ],
    [
      'a certificate for another name',
      { ...STARTTLS, cert: 'wronghost' },
      { tlsOptions: { ca: certificates.ca, rejectUnauthorized: false } },
      'certificate',
      'It is not for localhost, and with',
    ],
    [
      'a greeting that a firewall overwrites',
      { on: { CONNECT: '220 ******************************' } },
      {},
      'greeting',
      'A firewall on the way overwrites',
    ],
    [
      'an offer that a firewall overwrites',
      { caps: ['SIZE', 'XXXXXXXA'] },
      {},
      'EHLO',
      'A firewall on the way overwrites',
    ],
    [
      'STARTTLS that is refused',
      { caps: ['STARTTLS'], on: { STARTTLS: '454 4.7.0 TLS not available' } },
      {},
      'STARTTLS',
      'Loudmail goes on without it',
    ],
    [
      'STARTTLS that breaks',
      { caps: ['STARTTLS'], on: { STARTTLS: { starttls: { garbage: 'no TLS here\r\n' } } } },
      {},
      'TLS',
      'STARTTLS is offered, but it does not work',
    ],
    [
      'a server that only knows HELO',
      { on: { EHLO: '502 5.5.1 Not implemented' } },
      {},
      'EHLO',
      'Loudmail tries HELO',
    ],
    [
      'a mechanism that is offered and refused',
      {
        caps: ['AUTH PLAIN LOGIN'],
        on: { AUTHCMD: { nth: ['504 5.5.4 Mechanism not supported', { pass: true }] } },
      },
      { auth },
      'log-in',
      'The server offers PLAIN but refuses it',
    ],
  ])('and warns of %s, and goes on', async (_title, script, options, name, detail) => {
    const { step, failure, told } = await visit(script, options)
    expect(failure).toBeUndefined()
    expect(step(name).verdict).toBe('warn')
    expect(step(name).detail).toContain(detail)
    expect(told).toContain('pass MAIL FROM')
  })

  it('and warns of an old version of TLS', async () => {
    const ciphers = 'DEFAULT@SECLEVEL=0'
    const { step, failure } = await visit(
      { tls: 'implicit', tlsOpts: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers } },
      { tls: 'implicit', tlsOptions: { ...trusted.tlsOptions, minVersion: 'TLSv1', ciphers } },
    )
    expect(failure).toBeUndefined()
    expect(step('TLS')).toMatchObject({ verdict: 'warn' })
    expect(step('TLS').detail).toContain('TLSv1.1 with ')
  })

  it('and gives each step the time of the caller, or that of the options', async () => {
    const server = await startServer({ on: { CONNECT: { stall: true } } })
    const options = { host: server.host, port: server.port }
    for (const [timeouts, timeoutMs] of [
      [undefined, 300],
      [{ greeting: 300 }, 60_000],
    ] as const) {
      const { step, failure } = await walked({ options: { ...options, timeouts } }, { timeoutMs })
      expect(failure?.code).toBe('greeting/timeout')
      expect(step('greeting').durationMs).toBeGreaterThan(290)
    }
    await server.close()
  })

  it('and says that nobody logs in when there is no user name', async () => {
    const { step } = await visit({ caps: ['AUTH PLAIN'] })
    expect(step('log-in')).toMatchObject({
      verdict: 'skip',
      detail: 'No user name is set. The server offers PLAIN.',
    })
    expect(step('TLS')).toMatchObject({ verdict: 'skip' })
    expect(step('TLS').detail).toContain('so the connection is not encrypted. The server is on this machine.')
  })

  it('and shows no secret, even if the server says it', async () => {
    const secret = Buffer.from(`\0${auth.user}\0${auth.pass}`).toString('base64')
    const { steps, failure } = await visit(
      { caps: ['AUTH PLAIN'], on: { AUTH: `535 5.7.8 ${auth.pass} ${secret} is wrong` } },
      { auth },
    )
    const all = JSON.stringify({ steps, failure })
    expect(all).toContain('535')
    expect(all).not.toContain(auth.pass)
    expect(all).not.toContain(secret)
  })
})
