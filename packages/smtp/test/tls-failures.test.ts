import { getDiffieHellman } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { certificates, type ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import type { SmtpOptions } from '../src/index.ts'
import { failure, scene } from './scene.ts'

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
const rsa = { key: fixture('rsa-key.pem'), cert: fixture('rsa-cert.pem') }
const weak = { key: fixture('weak-key.pem'), cert: fixture('weak-cert.pem') }

/** The parameters of a well-known group, as PEM. */
function dhParameters(group: string): string {
  const prime = getDiffieHellman(group).getPrime()
  const integer = (bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([2, 0x81, bytes.length + 1, 0]), bytes])
  const both = Buffer.concat([integer(prime), Buffer.from([2, 1, 2])])
  const whole = Buffer.concat([Buffer.from([0x30, 0x81, both.length]), both])
  return `-----BEGIN DH PARAMETERS-----\n${whole.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END DH PARAMETERS-----\n`
}

type Case = [string, ServerScript, SmtpOptions['tlsOptions'], code: string, summary: RegExp, hint?: RegExp]
const FAILURES: Case[] = [
  [
    'another name',
    { cert: 'wronghost' },
    {},
    'certificate-hostname',
    /certificate is for \S+.*, not for 127\.0\.0\.1$/,
  ],
  [
    'another name than asked for',
    {},
    { servername: 'mail.example' },
    'certificate-hostname',
    /is for localhost, 127\.0\.0\.1, \S+, not for mail\.example$/,
  ],
  [
    'a certificate that has expired',
    { cert: 'expired' },
    {},
    'certificate-expired',
    /certificate expired on \d{4}-\d\d-\d\d$/,
  ],
  [
    'a certificate signed by itself',
    { cert: 'selfsigned' },
    {},
    'certificate-untrusted',
    /is self-signed, by \S+/,
  ],
  [
    'an unknown authority',
    {},
    { ca: weak.cert },
    'certificate-untrusted',
    /not signed by a trusted authority: it is signed by \S+/,
  ],
  [
    'a certificate with a small key',
    { tlsOpts: { ...weak, ciphers: 'DEFAULT:@SECLEVEL=0' } },
    { ca: weak.cert },
    'certificate-untrusted',
    /the key of the certificate is too small/,
    /2048 bits.*SECLEVEL=0/,
  ],
  [
    'a small Diffie-Hellman key',
    {
      tlsOpts: {
        ...rsa,
        dhparam: dhParameters('modp2'),
        maxVersion: 'TLSv1.2',
        ciphers: 'DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0',
      },
    },
    {},
    'protocol-version',
    /Diffie-Hellman key is too small/,
    /2048 bits.*!DHE/,
  ],
  [
    'an old version',
    { tlsOpts: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } },
    {},
    'protocol-version',
    /TLS handshake failed: .*protocol/,
  ],
  [
    'no cipher in common',
    { tlsOpts: { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' } },
    { ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' },
    'protocol-version',
    /TLS handshake failed: .*handshake failure/,
  ],
]

const PLAIN: [string, bytes: string, code: string, summary: RegExp][] = [
  ['SMTP', '500 5.5.1 what?\r\n', 'not-tls', /does not speak TLS/],
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'not-tls', /does not speak TLS/],
  [
    'an alert that it cannot',
    '\u0015\u0003\u0003\u0000\u0002\u0002\u0028',
    'protocol-version',
    /handshake failure/,
  ],
  [
    'an alert about the name',
    '\u0015\u0003\u0003\u0000\u0002\u0002\u0070',
    'handshake',
    /TLS handshake failed: .*unrecognized name/,
  ],
  ['an alert about itself', '\u0015\u0003\u0003\u0000\u0002\u0002\u0050', 'tls-unavailable', /./],
  [
    'a record out of turn',
    '\u0016\u0003\u0003\u0000\u0005\t\t\t\t\t',
    'handshake',
    /TLS handshake failed: unexpected message/,
  ],
  [
    'a record that is too long',
    '\u0016\u0003\u0003\u00FF\u00FF\u0001',
    'handshake',
    /TLS handshake failed: .*length/,
  ],
]

describe.concurrent('a TLS failure tells what is wrong', () => {
  for (const tls of ['implicit', 'starttls'] as const) {
    const server: ServerScript = tls === 'implicit' ? { tls } : { caps: ['STARTTLS'] }
    it.each(FAILURES)(`with %s, ${tls}`, async (_, script, tlsOptions, kind, summary, hint = /./) => {
      await using here = await scene(
        { ...server, ...script },
        { tls, tlsOptions: { ca: certificates.ca, ...tlsOptions } },
      )
      const error = await failure(here.transport)
      expect(error).toMatchObject({ code: `tls/${kind}`, permanence: 'permanent', delivered: 'none' })
      expect(error.summary).toMatch(summary)
      expect(error.hint).toMatch(hint)
      expect(error.cause).toBeInstanceOf(Error)
    })

    it.each(PLAIN)(`when the server answers with %s, ${tls}`, async (_, raw, kind, summary) => {
      const script: ServerScript =
        tls === 'implicit'
          ? { on: { CONNECT: { raw } } }
          : { caps: ['STARTTLS'], on: { STARTTLS: { starttls: { garbage: raw } } } }
      await using here = await scene(script, { tls, timeoutMs: 1_000 })
      const error = await failure(here.transport)
      expect(error.code).toBe(`tls/${kind}`)
      expect(error.summary).toMatch(summary)
    })
  }
})
