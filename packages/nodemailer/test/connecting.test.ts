import type { ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { nodemailer, nodemailerSchemes } from '../src/index.ts'
import { AUTH, failure, message, scene } from './setup.ts'

describe.concurrent('nodemailer() gives the same diagnosis', () => {
  it.each<[string, ServerScript, object, string, RegExp]>([
    [
      'a certificate for another name',
      { tls: 'implicit', cert: 'wronghost' },
      {},
      'certificate-hostname',
      /is for \S+.*, not for localhost$/,
    ],
    [
      'an expired certificate',
      { tls: 'implicit', cert: 'expired' },
      {},
      'certificate-expired',
      /expired on \d{4}-\d\d-\d\d$/,
    ],
    [
      'a certificate signed by itself',
      { tls: 'implicit', cert: 'selfsigned' },
      {},
      'certificate-untrusted',
      /self-signed, by/,
    ],
    [
      'an alert that no table has',
      { on: { CONNECT: { raw: '\u0015\u0003\u0003\u0000\u0002\u0002\u0070' } } },
      {},
      'handshake',
      /TLS handshake failed: .*unrecognized name/,
    ],
    [
      'a server that wants a client certificate',
      { tls: 'implicit', tlsOpts: { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' } },
      {},
      'client-certificate-required',
      /./,
    ],
  ])('of %s', async (_, script, options, kind, summary) => {
    await using here = await scene(script, { secure: true, ...options })
    const error = await failure(here.transport)
    expect(error.code).toBe(`tls/${kind}`)
    expect(error.summary).toMatch(summary)
  })

  it('of a local address that does not fit the host', async () => {
    await using here = await scene({}, { host: '127.0.0.1', localAddress: '::1' })
    const error = await failure(here.transport)
    expect(error.code).toBe('connect/unreachable')
    expect(error.summary).toContain('no IPv6 address')
  })

  it('of a host that does not exist', async () => {
    await using here = await scene({}, { host: 'nothing.invalid' })
    expect((await failure(here.transport)).stage).toBe('dns')
  })

  it('of a host whose addresses all refuse, with each of them', async () => {
    const transport = nodemailer({ host: 'localhost', port: 1, connectionTimeout: 2_000 })
    const error = await failure(transport)
    expect(error.code).toBe('connect/connection-refused')
    expect((error.cause as Error).message).toContain('127.0.0.1')
    await transport.close!()
  })
})

it.concurrent.each<[string, ServerScript, object, string]>([
  ['the greeting is 554', { on: { CONNECT: '554 5.7.1 No' } }, {}, 'greeting'],
  ['EHLO and HELO are refused', { on: { EHLO: '550 No', HELO: '550 No' } }, {}, 'ehlo'],
  ['STARTTLS is not offered', {}, { requireTLS: true }, 'tls'],
  ['the password is wrong', { caps: ['AUTH PLAIN'], users: { ann: 'other' } }, { auth: AUTH }, 'auth'],
])('when %s, the server gets QUIT', async (_, script, options, stage) => {
  await using here = await scene(script, options)
  expect((await failure(here.transport)).stage).toBe(stage)
  const [connection] = here.server.connections
  await here.server.waitFor('close', ({ id }) => id === connection!.id)
  expect(connection!.commands.at(-1)).toBe('QUIT')
})

it('an international host name is converted', () => {
  expect(nodemailerSchemes.smtp(new URL('smtp://bücher.example')).name).toBe(
    'nodemailer(xn--bcher-kva.example:587)',
  )
})

it('mail is sent to a host with two addresses of which one listens', async () => {
  await using here = await scene({}, { host: 'localhost' })
  expect((await here.transport.send(message())).state).toBe('sent')
})
