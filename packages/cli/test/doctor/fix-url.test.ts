import { smtp, type SmtpOptions } from '@loudmail/smtp'
import { optionsFromUrl } from '@loudmail/smtp/probe'
import { describe, expect, it } from 'vitest'
import { fixOptions } from '../../src/doctor/fixes/fix-options.ts'
import { fixUrl } from '../../src/doctor/fixes/fix-url.ts'

const host = 'mail.example.com'
const auth = { user: 'ann+tag@sender.example', pass: 'p@ss#w:rd/%' }

describe('the URL of options', () => {
  it.each<[SmtpOptions, string]>([
    [{ host }, 'smtp://mail.example.com:587'],
    [{ host, port: 465 }, 'smtps://mail.example.com:465'],
    [{ host, tls: 'implicit', auth }, 'smtps://ann%2Btag%40sender.example:PASSWORD@mail.example.com:465'],
    [{ host, port: 465, tls: 'starttls' }, 'smtp://mail.example.com:465?tls=starttls'],
    [{ host, port: 25, tls: 'none' }, 'smtp://mail.example.com:25?tls=none'],
    [{ host: 'localhost', port: 25 }, 'smtp://localhost:25'],
    [{ host: 'localhost', port: 25, tls: 'starttls' }, 'smtp://localhost:25?tls=starttls'],
    [{ host: '::1', port: 25 }, 'smtp://[::1]:25'],
    [{ host, lmtp: true, port: 24 }, 'lmtp://mail.example.com:24'],
    [
      { host, name: '[192.0.2.1]', pipelining: false, timeoutMs: 5000 },
      'smtp://mail.example.com:587?name=%5B192.0.2.1%5D&pipelining=false&timeoutMs=5000',
    ],
    [
      { host, auth: { ...auth, method: 'LOGIN' }, pool: { connections: 2 } },
      'smtp://ann%2Btag%40sender.example:PASSWORD@mail.example.com:587?auth.method=LOGIN&pool.connections=2',
    ],
    [
      { host, proxy: 'http://user:s3cret@proxy.example:3128' },
      'smtp://mail.example.com:587?proxy=http://user:PASSWORD%40proxy.example:3128',
    ],
  ])('%o', (options, url) => {
    expect(fixUrl(options)).toBe(url)
    expect(smtp(url).name).toBe(smtp(options).name)
    expect(fixUrl(optionsFromUrl(url))).toBe(url)
  })

  it('does not exist for what a URL cannot hold, unless that stays as it is', () => {
    const tlsOptions = { ca: 'an authority' }
    expect(fixUrl({ host, tlsOptions })).toBeUndefined()
    expect(fixUrl({ host, tlsOptions }, { host, tlsOptions })).toBe('smtp://mail.example.com:587')
    expect(fixUrl({ host, auth: { user: 'ann', accessToken: 'token' } })).toBeUndefined()
  })
})

describe('the options of a change', () => {
  const before: SmtpOptions = { host, port: 465, auth }
  it.each<[SmtpOptions, SmtpOptions, smtp: object, nodemailer: object]>([
    [
      before,
      { ...before, port: 587, tls: 'starttls' },
      { port: 587, tls: 'starttls' },
      { port: 587, secure: false, requireTLS: true },
    ],
    // Beside another port, the default would be another one.
    [
      before,
      { ...before, port: 2465, tls: 'implicit' },
      { port: 2465, tls: 'implicit' },
      { port: 2465, secure: true },
    ],
    [{ host, port: 25 }, { host, port: 587 }, { port: 587 }, { port: 587 }],
    [
      { host, port: 25 },
      { host, port: 25, tls: 'none' },
      { tls: 'none' },
      { secure: false, ignoreTLS: true },
    ],
    [
      before,
      { ...before, auth: { ...auth, user: 'ann' } },
      { auth: { user: 'ann', pass: 'PASSWORD' } },
      { auth: { user: 'ann', pass: 'PASSWORD' } },
    ],
    [before, { host, port: 465 }, { auth: undefined }, { auth: undefined }],
    [
      before,
      { ...before, tlsOptions: { servername: 'a.example' } },
      { tlsOptions: { servername: 'a.example' } },
      { tls: { servername: 'a.example' } },
    ],
    [
      before,
      { ...before, timeoutMs: 9 },
      { timeoutMs: 9 },
      { connectionTimeout: 9, greetingTimeout: 9, socketTimeout: 9 },
    ],
    [before, { ...before, timeouts: { auth: 9 } }, { timeouts: { auth: 9 } }, { socketTimeout: 9 }],
    [
      { host, auth: { user: 'ann', accessToken: 'secret' } },
      { host, auth: { user: 'bob', accessToken: 'secret' } },
      { auth: { user: 'bob', accessToken: 'TOKEN' } },
      { auth: { type: 'OAuth2', user: 'bob', accessToken: 'TOKEN' } },
    ],
  ])('from %o to %o', (from, to, own, other) => {
    expect(fixOptions(from, to, 'smtp')).toStrictEqual(own)
    expect(fixOptions(from, to, 'nodemailer')).toStrictEqual(other)
  })
})
