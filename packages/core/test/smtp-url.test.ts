import { describe, expect, it } from 'vitest'
import { MailError } from '../src/index.ts'
import { bareHost, readSmtpUrl, type SmtpAddress } from '../src/transport.ts'

const plain: SmtpAddress = {
  scheme: 'smtp',
  host: 'mail.example.com',
  port: undefined,
  tls: undefined,
  auth: undefined,
  allowInsecureAuth: undefined,
  parameters: {},
}

describe('an SMTP URL', () => {
  it.each<[string, Partial<SmtpAddress>]>([
    ['smtp://mail.example.com', {}],
    ['smtp://mail.example.com/', {}],
    ['smtp://mail.example.com:2525', { port: 2525 }],
    ['lmtp://mail.example.com', { scheme: 'lmtp' }],
    ['smtps://mail.example.com', { scheme: 'smtps', tls: 'implicit' }],
    ['smtps://mail.example.com?tls=implicit', { scheme: 'smtps', tls: 'implicit' }],
    ['smtp://mail.example.com?tls=none', { tls: 'none' }],
    ['smtp://[::1]:25', { host: '::1', port: 25 }],
    ['smtp://ann:secret@mail.example.com', { auth: { user: 'ann', pass: 'secret' } }],
    ['smtp://ann%40a.example:p%2F%3A%25@mail.example.com', { auth: { user: 'ann@a.example', pass: 'p/:%' } }],
    ['smtp://bücher.example', { host: 'xn--bcher-kva.example' }],
    ['smtp://B%C3%BCcher.example:25', { host: 'xn--bcher-kva.example', port: 25 }],
    ['smtp://ann:pä@почта.example', { host: 'xn--80a1acny.example', auth: { user: 'ann', pass: 'pä' } }],
    ['smtp://メール。example', { host: 'xn--4dkua4c.example' }],
    ['smtp://xn--bcher-kva.example', { host: 'xn--bcher-kva.example' }],
    ['smtp://Mail.Example.com', { host: 'Mail.Example.com' }],
    ['smtp://mail.example.com.', { host: 'mail.example.com.' }],
    [
      'smtp://mail.example.com?proxy=http://ann:pw@proxy.example',
      { parameters: { proxy: 'http://ann:pw@proxy.example' } },
    ],
    ['smtp://ann@mail.example.com', { auth: { user: 'ann', pass: '' } }],
    ['smtp://:secret@mail.example.com', { auth: { user: '', pass: 'secret' } }],
    ['smtp://mail.example.com?allowInsecureAuth=true', { allowInsecureAuth: true }],
    ['smtp://mail.example.com?allowInsecureAuth=false', { allowInsecureAuth: false }],
    ['smtp://mail.example.com?pool.window=4&name=a', { parameters: { 'pool.window': '4', name: 'a' } }],
  ])('%s is read', (url, address) => {
    expect(readSmtpUrl(url)).toEqual({ ...plain, ...address })
    expect(readSmtpUrl(new URL(url))).toEqual({ ...plain, ...address })
  })

  it.each([
    ['', 'is empty'],
    [' \n', 'is empty'],
    ['mail.example.com', 'cannot be read'],
    ['http://ann:hidden@mail.example.com', 'has the scheme http'],
    ['smpt://ann:hidden@mail.example.com', 'has the scheme smpt'],
    ['ses+smtp://ann:hidden@mail.example.com', 'has the scheme ses+smtp'],
    ['mail.example.com:587', 'does not begin with a scheme'],
    ['hidden:hidden', 'does not begin with a scheme'],
    ['hidden:hidden@mail.example.com', 'does not begin with a scheme'],
    ['smtp://a%00b.example', 'not a host name'],
    ['smtp://a%zz.example', 'not a host name'],
    ['smtp://a%2Fb.example', 'not a host name'],
    ['smtp://a%20b.example', 'not a host name'],
    ['smtp://mail.example.com:65536', 'cannot be read'],
    ['smtp:', 'no host'],
    ['smtp:///', 'no host'],
    ['smtp://ann:hidden@mail.example.com/inbox', 'has a path'],
    ['smtp://ann:hidden@mail.example.com#top', 'a fragment'],
    ['smtps://ann:hidden@mail.example.com?tls=none', 'implicit TLS'],
    ['smtps://ann:hidden@mail.example.com?tls=starttls', 'implicit TLS'],
    ['smtp://ann:hidden%zz@mail.example.com', 'percent-encoded'],
    ['smtp://hidden%zz:a@mail.example.com', 'percent-encoded'],
    ['smtp://ann:hidden@mail.example.com?allowInsecureAuth=yes', 'allowInsecureAuth must be true or false'],
    ['smtp://ann:hidden@mail.example.com?allowInsecureAuth=', 'allowInsecureAuth must be true or false'],
  ])('%s is refused, and not repeated', (url, why) => {
    const error = thrownBy(() => readSmtpUrl(url))
    expect(error.code).toBe('config/invalid-config')
    expect(error.message).toContain(why)
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('hidden')
    expect(error.cause).toBeUndefined()
  })
})

it.each([
  ['[::1]', '::1'],
  ['::1', '::1'],
  ['[::1', '[::1'],
  ['::1]', '::1]'],
  ['mail.example.com', 'mail.example.com'],
])('the host %s is %s without brackets', (host, bare) => expect(bareHost(host)).toBe(bare))

describe('a user name or a password that is not percent-encoded', () => {
  it.each(['/', '?', '#', '%', ' /', ':/', '?a=', '/?', '25/', '25?', '25#', '587?', '?proxy', '\n', '\t'])(
    'with %j in it is said to need that, and is not shown',
    (character) => {
      for (const user of ['ann', 'ann@a.example'])
        for (const at of [
          `${user}:hidden${character}hidden`,
          `${user}:${character}hidden`,
          `${user}${character}hidden:x`,
        ]) {
          const error = thrownBy(() => readSmtpUrl(`smtp://${at}@mail.example.com:587?tls=starttls`))
          expect(error.message).toContain('percent-encoded')
          expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('hidden')
        }
    },
  )
  it.each(['@', ':', ',', '+', '=', '&', '!', '(', ')', 'ä', '€', ' ', "'", '*', '$', '|', '<', '[', '\\'])(
    'with %j in it is right all the same',
    (character) =>
      expect(readSmtpUrl(`smtp://ann@a.example:p${character}w@mail.example.com`)).toMatchObject({
        host: 'mail.example.com',
        auth: { user: 'ann@a.example', pass: `p${character}w` },
      }),
  )
})

function thrownBy(make: () => unknown): MailError {
  try {
    make()
  } catch (error) {
    if (MailError.is(error)) return error
  }
  throw new TypeError('this was to throw a MailError')
}
