import { inspect } from 'node:util'
import { MailError, transportFromUrl, type Transport } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { nodemailer, nodemailerSchemes } from '../src/index.ts'
import { message, PASSWORD } from './setup.ts'

const auth = { user: 'ann', pass: PASSWORD }

describe('a mistake in the configuration is thrown when the transport is made', () => {
  it.each<[unknown, string, RegExp]>([
    [undefined, 'config/invalid-config', /nodemailer\(\)/],
    [42, 'config/invalid-config', /nodemailer\(\)/],
    ['', 'config/invalid-config', /URL/],
    [`smtp://ann:${PASSWORD}@host:99999`, 'config/invalid-config', /port/],
    [`smtp://ann:${PASSWORD}@ho st`, 'config/invalid-config', /URL/],
    [`https://ann:${PASSWORD}@host`, 'config/invalid-config', /URL/],
    [{ url: `smtp://ann:${PASSWORD}@host:99999` }, 'config/invalid-config', /url/],
    [{ host: 'host', port: 99_999, auth }, 'config/invalid-config', /port/],
    [{ host: 'host', port: 'abc', auth }, 'config/invalid-config', /port/],
    [{ host: undefined, auth }, 'config/invalid-config', /host/],
    [{ host: `ann:${PASSWORD}@host` }, 'config/invalid-config', /host/],
    [{ service: 'no such service', auth }, 'config/invalid-config', /service/],
    [{ host: 'host', socketTimeout: 'soon', auth }, 'config/invalid-config', /socketTimeout/],
    [{ host: 'host', pool: true, maxConnections: -1, auth }, 'config/invalid-config', /maxConnections/],
    [{ host: 'host', auth: { user: 'ann' } }, 'config/missing-credentials', /auth\.pass/],
    [{ host: 'host', auth: { user: undefined, pass: PASSWORD } }, 'config/missing-credentials', /auth\.user/],
    [{ host: 'host', auth: { user: 'ann', pass: '' } }, 'config/missing-credentials', /auth\.pass/],
    [`smtp://ann@host`, 'config/missing-credentials', /auth\.pass/],
    [{ host: 'host', auth: { type: 'OAuth2', user: 'ann' } }, 'config/missing-credentials', /accessToken/],
    [{ host: 'host', requireTls: true, auth }, 'config/invalid-config', /write requireTLS/],
    [{ SES: { ses: {}, aws: {} } }, 'config/invalid-config', /SES/],
    [{ SES: {} }, 'config/invalid-config', /SES/],
  ])('%j', (input, code, says) => {
    const error = thrownBy(() => nodemailer(input as string))
    expect(error.code).toBe(code)
    expect(error.summary).toMatch(says)
    for (const text of [inspect(error, { depth: 9, showHidden: true }), error.stack!, JSON.stringify(error)])
      expect(text).not.toContain(PASSWORD)
  })

  it('the name shows host and port, and nothing else', () => {
    expect(nodemailer({ host: 'smtp.example.com', port: 587, auth }).name).toBe(
      'nodemailer(smtp.example.com:587)',
    )
    expect(nodemailer({ host: '::1', secure: true, auth }).name).toBe('nodemailer([::1]:465)')
    expect(nodemailer(`smtps://ann:${encodeURIComponent(PASSWORD)}@smtp.example.com`).name).toBe(
      'nodemailer(smtp.example.com:465)',
    )
    expect(nodemailer({ jsonTransport: true }).name).toBe('nodemailer(JSONTransport)')
  })
})

describe('smtp:// and smtps://', () => {
  it.each([
    ['smtp://host', 'nodemailer(host:587)'],
    ['smtps://host', 'nodemailer(host:465)'],
    ['smtp://host:25?tls=none', 'nodemailer(host:25)'],
    ['smtp://u:p@host?pool=true&name=me.example', 'nodemailer(host:587)'],
    ['smtp://u:p@host?tls=opportunistic&allowInsecureAuth=true', 'nodemailer(host:587)'],
    ['smtp://[::1]:2525', 'nodemailer([::1]:2525)'],
    ['failover(smtp://a smtps://b)', 'failover(nodemailer(a:587), nodemailer(b:465))'],
  ])('%s', (url, name) => expect(make(url).name).toBe(name))

  it.each([
    ['smtp://', /host/],
    [`smtp://u:${PASSWORD}@host?tsl=none`, /tsl/],
    [`smtp://u:${PASSWORD}@host?tls=maybe`, /tls/],
    [`smtps://u:${PASSWORD}@host?tls=none`, /tls/],
    [`smtp://u:${PASSWORD}@host?pool=perhaps`, /pool/],
    [`smtp://u:${PASSWORD}@host?tls=opportunistic`, /allowInsecureAuth/],
    [`smtp://u:${PASSWORD}%ZZ@host`, /percent/],
    ['smtp://u@host', /auth\.pass/],
  ])('%s is a mistake', (url, says) => {
    const error = thrownBy(() => make(url))
    expect(error.stage).toBe('config')
    expect(error.summary).toMatch(says)
    expect(inspect(error, { showHidden: true })).not.toContain('S3cr3t')
  })

  it.each<[string, object, string]>([
    [
      'a loopback host takes what is offered, with any certificate',
      { caps: ['STARTTLS'], cert: 'selfsigned' },
      '',
    ],
    ['a loopback host takes nothing where nothing is offered', {}, ''],
    ['unless STARTTLS is required', {}, '?tls=starttls'],
    ['or TLS is to be left out', { caps: ['STARTTLS'] }, '?tls=none'],
  ])('%s', async (_title, script, query) => {
    await using server = await startServer(script)
    const transport = make(`smtp://127.0.0.1:${server.port}${query}`)
    const outcome = await transport.send(message()).then(
      () => (server.connections[0]!.tls ? 'encrypted' : 'clear'),
      (error: MailError) => error.code,
    )
    const expected = { '?tls=starttls': 'tls/starttls-not-offered', '?tls=none': 'clear' }[query]
    expect(outcome).toBe(expected ?? ('caps' in script ? 'encrypted' : 'clear'))
    await transport.close!()
  })
})

function make(url: string): Transport {
  return transportFromUrl(url, nodemailerSchemes)
}

function thrownBy(run: () => unknown): MailError {
  try {
    run()
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new Error('it was to throw')
}
