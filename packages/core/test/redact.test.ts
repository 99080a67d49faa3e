import { describe, expect, it } from 'vitest'
import { redactEntries, redactLines, redactor, Secrets } from '../src/transport.ts'

const PASSWORD = 'Zq7 é/W&x!9<k'
const hex = (text: string, mark: string, width = 2): string =>
  Array.from(
    { length: text.length },
    (_, at) => mark + text.charCodeAt(at).toString(16).padStart(width, '0'),
  ).join('')
const bytes = (text: string): string => Buffer.from(text).toString('latin1')
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const lower = (text: string): string => text.replaceAll(/%../g, (escape) => escape.toLowerCase())
const unicode = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[^ -~]/g, (c) => hex(c, '\\u', 4))

/** What servers, loggers and programs do to a text that they repeat. */
const FORMS: readonly [string, (secret: string) => string][] = [
  ['as it is', (s) => s],
  ['in upper case', (s) => s.toUpperCase()],
  ['in lower case', (s) => s.toLowerCase()],
  ['in UTF-8 that is read as Latin-1', bytes],
  ['percent-encoded', encodeURIComponent],
  ['percent-encoded, in lower-case hex', (s) => lower(encodeURIComponent(s))],
  ['percent-encoded, every character', (s) => hex(bytes(s), '%')],
  ['percent-encoded, as Latin-1', (s) => hex(s, '%').toUpperCase()],
  ['percent-encoded twice', (s) => encodeURIComponent(encodeURIComponent(s))],
  ['as escape() writes it', escape],
  ['form-urlencoded', (s) => new URLSearchParams({ s }).toString().slice(2)],
  ['form-urlencoded, in lower case', (s) => lower(new URLSearchParams({ s }).toString().slice(2))],
  ['in a URI, unreserved characters as they are', encodeURI],
  ['HTML-escaped', (s) => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&#39;')],
  [
    'HTML-escaped, all by name',
    (s) =>
      s
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('é', '&eacute;')
        .replaceAll('!', '&excl;')
        .replaceAll('/', '&sol;'),
  ],
  ['HTML-escaped, by number', (s) => Array.from(s, (c) => `&#${c.codePointAt(0)};`).join('')],
  ['HTML-escaped, by hex', (s) => Array.from(s, (c) => `&#x${c.codePointAt(0)!.toString(16)};`).join('')],
  ['HTML-escaped twice', (s) => s.replaceAll('&', '&amp;amp;').replaceAll('<', '&amp;lt;')],
  ['in JSON', (s) => JSON.stringify(s).slice(1, -1)],
  ['in JSON, with \\u', unicode],
  ['in JSON, with \\U', (s) => unicode(s).toUpperCase()],
  ['in JSON, every character', (s) => hex(s, '\\u', 4)],
  ['in JSON inside JSON', (s) => JSON.stringify(JSON.stringify(s)).slice(3, -3)],
  ['in JSON, with slashes escaped', (s) => JSON.stringify(s).slice(1, -1).replaceAll('/', '\\/')],
  ['as \\x', (s) => hex(bytes(s), '\\x')],
  [
    'in octal',
    (s) => bytes(s).replaceAll(/[^!-[\]-~]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`),
  ],
  ['as quoted pairs', (s) => s.replaceAll(/[^a-z\d]/gi, String.raw`\$&`)],
  ['quoted-printable', (s) => bytes(s).replaceAll(/[^!-<>-~]/g, (c) => hex(c, '=').toUpperCase())],
  ['quoted-printable, as Latin-1', (s) => s.replaceAll(/[^!-<>-~]/g, (c) => hex(c, '=').toUpperCase())],
  ['quoted-printable, every character', (s) => hex(bytes(s), '=').toUpperCase()],
  [
    'in an encoded word',
    (s) =>
      bytes(s)
        .replaceAll(/[^ -<>-^`-~]/g, (c) => hex(c, '='))
        .replaceAll(' ', '_'),
  ],
  ['as xtext', (s) => bytes(s).replaceAll(/[^!-*,-<>-~]/g, (c) => hex(c, '+').toUpperCase())],
  ['in base64', base64],
  ['in base64 without padding', (s) => base64(s).replace(/=+$/, '')],
  ['in base64 for URLs', (s) => Buffer.from(s).toString('base64url')],
  ['in base64 as Latin-1', (s) => Buffer.from(s, 'latin1').toString('base64')],
  ['in base64, percent-encoded', (s) => encodeURIComponent(base64(s))],
  ['in base64 in upper case', (s) => base64(s).toUpperCase()],
  ['in hex', (s) => Buffer.from(s).toString('hex')],
  ['in hex in upper case', (s) => Buffer.from(s).toString('hex').toUpperCase()],
  ['in hex with spaces', (s) => hex(bytes(s), ' ').trim()],
  ['over a line end', (s) => `${s.slice(0, 4)}\r\n${s.slice(4)}`],
  ['over two line ends', (s) => `${s.slice(0, 4)}\r\n${s.slice(4, 5)}\r\n${s.slice(5)}`],
  ['over a folded line', (s) => `${s.slice(0, 4)}\r\n\t${s.slice(4)}`],
  ['over reply lines', (s) => `${s.slice(0, 5)}\r\n535-${s.slice(5)}`],
  ['over reply lines with codes', (s) => `${s.slice(0, 5)}\n535 5.7.8 ${s.slice(5)}`],
  ['over soft line breaks', (s) => `${s.slice(0, 5)}=\r\n${s.slice(5)}`],
  ['with spaces in it', (s) => s.replaceAll(/.{3}(?=.)/g, '$& ')],
]

const SECRETS = {
  'a password': PASSWORD,
  'a pass phrase': 'correct horse battery staple',
  'a password of symbols': `$'"\\<>&%=+_-@:/`,
  'a password that looks escaped': 'a%41b=3Dc+2Bd&amp;e\\n',
  'a token': 'ya29.a0AfH6SMBx-3_Jk9QwErTyUiOp1234567890zxcvBNM',
}

describe.each(Object.entries(SECRETS))('%s is replaced', (_name, secret) => {
  const redact = redactor([secret])
  it.each(FORMS.filter(([name]) => !(name.includes('Latin-1') && /[^\0-\xff]/.test(secret))))(
    '%s',
    (_how, form) => {
      const text = `the password ${form(secret)} is wrong`
      expect(redact(text)).toMatch(
        /^the password (?:<redacted>(?:=?\r?\n[ \t]*(?:535[ -])?(?:5\.7\.8 )?)?)+=* is wrong$/,
      )
    },
  )
})

describe('wherever a secret is cut,', () => {
  const token = SECRETS['a token']
  const pieces: readonly [string, string][] = [
    ['a token', token],
    ['its base64', base64(token)],
    ['its base64 inside a SASL response', base64(`user=ann\u0001auth=Bearer ${token}\u0001\u0001`)],
    ['a password', PASSWORD],
    ['the base64 of a password', base64(PASSWORD)],
  ]
  const cuts: readonly [string, string][] = [
    ['lines', '\r\n'],
    ['lines of a reply', '\r\n535-'],
    ['lines of a reply with an enhanced code', '\n535-5.7.8 '],
    ['folded lines', '\r\n '],
    ['soft line breaks', '=\r\n'],
    ['escaped line ends', String.raw`\r\n`],
    ['escaped lines of a reply', String.raw`\r\n535-5.7.8 `],
  ]
  it.each(pieces.flatMap(([what, text]) => cuts.map(([how, cut]) => [what, how, text, cut] as const)))(
    '%s over %s is replaced',
    (_what, _how, text, cut) => {
      const redact = redactor([token, PASSWORD])
      for (let at = 1; at < text.length; at++) {
        for (const next of [at + 1, at + 17, Math.ceil((at + text.length) / 2)]) {
          const cutText = [text.slice(0, at), text.slice(at, next), text.slice(next)]
            .filter(Boolean)
            .join(cut)
          const shown = redact(`535-5.7.8 ${cutText}\r\n535 5.7.8 no`)
          // Of base64 around the secret, what is not the secret may stay.
          const rest = shown.replaceAll(/<redacted>|535[- ]|5\.7\.8 |\\r\\n|\s|=/g, '').slice(0, -2)
          expect(rest.length, `${at} ${next} ${shown}`).toBeLessThan(text.includes('dXNlc') ? 34 : 1)
          expect(shown.split('\n')).toHaveLength(`${cutText}\n`.split('\n').length)
        }
      }
    },
  )

  it('also over several replies of a conversation, whatever the client says between them', () => {
    const said = (from: 'client' | 'server', text: string) => ({
      from,
      text,
      atMs: 0,
      connection: 'c1',
      sequence: 0,
    })
    for (let at = 1; at < token.length; at++) {
      const entries = [
        said('server', `334 ${token.slice(0, at)}`),
        said('client', 'QUIT\nor not'),
        said('server', `535 5.7.8 ${token.slice(at)}`),
      ]
      expect(redactEntries(entries, redactor([token])).map(({ text }) => text)).toEqual([
        '334 <redacted>',
        'QUIT\nor not',
        '535 5.7.8 <redacted>',
      ])
    }
  })

  it('a long piece of it is replaced too, a short one is not', () => {
    const redact = redactor([token])
    expect(redact(`got ${token.slice(3, 30)}...`)).toBe('got <redacted>...')
    expect(redact(`got ${base64(`x${token}`).slice(9, 40)}...`)).toBe('got <redacted>...')
    expect(redact(`got ${token.slice(3, 12)}...`)).toBe(`got ${token.slice(3, 12)}...`)
  })
})

describe('a password is replaced', () => {
  it.each([
    ['where its characters are escaped in different ways', PASSWORD, 'Zq7%20&eacute;\\/W&amp;x=219&#60;k'],
    ['where a piece of it looks like the code of a reply', 'abc535-5.7.8 defghi', 'abc\n535-5.7.8 defghi'],
    ['where white space is part of it', 'ab cd', 'AB+CD'],
    [
      'in base64 for URLs, inside a SASL response',
      '>>>???',
      Buffer.from('\0ann\0>>>???').toString('base64url').slice(7),
    ],
    [
      'in base64 for URLs, at another place',
      '>>>???',
      Buffer.from('\0anne\0>>>???').toString('base64url').slice(8),
    ],
  ])('%s', (_how, secret, text) => {
    expect(redactor([secret])(`>> ${text}`)).toMatch(/^>> (?:<redacted>(?:\n535-5\.7\.8 )?)+.?$/)
  })

  it.each([
    ['then', 'the night, the n', 'over\nthe\nn'],
    ['ab cd', 'abcd', 'ab cd'],
  ])('if it is short, only with the white space that it has: %s', (secret, innocent, text) => {
    const redact = redactor([secret])
    expect(redact(innocent)).toBe(innocent)
    expect(redact(text)).toContain('<redacted>')
  })
})

describe('a short password is replaced in what is sent for it,', () => {
  const user = 'ann.longname@sender.example'
  it.each(['a', 'ab', 'abc', 'é', '12', 'Ok'])('and nowhere else: %s', (pass) => {
    const response = `\0${user}\0${pass}`
    const redact = redactor([pass, response])
    for (const form of [response, base64(response), base64(pass), encodeURIComponent(base64(response))]) {
      if (form.length >= 4)
        expect(redact(`you said ${form}, no`)).toMatch(/^you said <redacted>(?:%3D|=)*, no$/)
    }
    const innocent = `250 Ok: ${pass} banana abc 12 cab ${user} 6f6b 6162`
    expect(redact(innocent)).toBe(innocent)
  })
})

describe('innocent text stays as it is:', () => {
  const user = 'ann.longname@sender.example'
  const redact = redactor([
    ...Object.values(SECRETS),
    'hunter2',
    `\0${user}\0hunter2`,
    `user=${user}\u0001auth=Bearer ya29.a0AfH6SMBx\u0001\u0001`,
    `${user} 0123456789abcdef0123456789abcdef`,
  ])
  it.each([
    '250 2.0.0 Ok: queued as 4bXyz12345',
    '250 2.0.0 OK  1700000000 5b1f17b1804b1-477632d1234si12345f8f.123 - gsmtp',
    '250 Ok 0100018c2b5e7a3f-1f2e3d4c-0000-4a5b-8c9d-0123456789ab-000000',
    '250 OK id=1sXyz0-000000-AB',
    '535-5.7.8 Username and Password not accepted. For more information, go to',
    '535 5.7.8  https://support.google.com/mail/?p=BadCredentials a1-20020a05600c1d8100b0 - gsmtp',
    `535 5.7.8 Error: authentication failed for ${user}: wrong hunter`,
    `MAIL FROM:<${user}> SIZE=1234 BODY=8BITMIME AUTH=<>`,
    `MAIL FROM:<bounce+bob=3Drcpt.example@sender.example> ENVID=abc+3D`,
    '250-mx.example at your service, [192.0.2.1]\n250-SIZE 35882577\n250-8BITMIME\n250-AUTH LOGIN PLAIN XOAUTH2\n250 SMTPUTF8',
    '550 5.1.1 <bob@rcpt.example>: Recipient address rejected: 100%25 sure &amp; \\"quoted\\" =20 +41',
    'the correct horse, and a battery of staples',
    'encrypted with TLSv1.3',
    '<redacted>',
    'e\u0301 \uD83D\uDE00 \u0130 \u00DF',
    '',
  ])('%s', (text) => {
    expect(redact(text)).toBe(text)
    expect(redactLines(text.split('\n'), redact)).toEqual(text.split('\n'))
  })

  it('what stands around a secret, too', () => {
    expect(redact('a\u0130\u00DF hunter2 \uD83D\uDE00 %68unter%32 &lt;HUNTER2&gt; x')).toBe(
      'a\u0130\u00DF <redacted> \uD83D\uDE00 <redacted> &lt;<redacted>&gt; x',
    )
  })
})

describe('secrets that become known later', () => {
  it('are replaced from then on, and the first ones still are', () => {
    const secrets = new Secrets(['hunter2', undefined, '', 7])
    expect(secrets.redact('hunter2 token-of-now')).toBe('<redacted> token-of-now')
    secrets.add('token-of-now')
    secrets.add(undefined)
    expect(secrets.redact('hunter2 token-of-now')).toBe('<redacted> <redacted>')
  })

  it('are forgotten if there are very many, but not the latest and not those that were given', () => {
    const secrets = new Secrets(['hunter2'])
    for (let index = 100; index < 1_000; index++) secrets.add(`token-${index}`)
    expect(secrets.redact('hunter2 token-100 token-980 token-999')).toBe(
      '<redacted> token-100 <redacted> <redacted>',
    )
  })

  it('are none, and nothing is replaced', () => {
    expect(new Secrets().isEmpty).toBe(true)
    expect(new Secrets(['x']).isEmpty).toBe(false)
    expect(redactor([undefined, ''])('hunter2')).toBe('hunter2')
  })
})

/** Random, and the same in every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 8) / 2 ** 24
  }
}

it('5,000 random secrets, in random forms, in random text, are replaced, and the text is not', () => {
  const next = random(11)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!
  const alphabet = Array.from(`abcXYZ0189 !"#$%&'()*+,-./:;<=>?@[]^_{|}~\\\u00E4\u00DF\u03BB\u6F22\u{1F600}`)
  const word = (length: number): string => Array.from({ length }, () => pick(alphabet)).join('')
  const forms = FORMS.filter(([name]) => !/Latin-1|upper|lower|spaces|\\U/.test(name))
  for (let round = 0; round < 5_000; round++) {
    const secret = `${word(6 + Math.floor(next() * 40)).trim()}Qx`
    const [name, form] = pick(forms)
    const shown = redactor([secret])(`>>${form(secret)}<< tail`)
    expect(shown, `${JSON.stringify(secret)} ${name}`).toMatch(/^>>[^]*<redacted>[^]*<< tail$/)
    expect(shown.includes(form(secret)), `${JSON.stringify(secret)} ${name}: ${shown}`).toBe(false)
    expect(
      shown.replaceAll('<redacted>', '').length,
      `${JSON.stringify(secret)} ${name}: ${shown}`,
    ).toBeLessThan(30)
  }
})

describe('a megabyte that is meant to keep a program busy is read in time:', () => {
  const token = 'ab'.repeat(2_000)
  it.each([
    'a',
    'ab',
    'abababababababaX',
    '%61',
    '%25',
    '%2525',
    '&amp;',
    '&#97;',
    '\\u0061',
    '\\',
    '=61',
    '=\r\n',
    '+61',
    ' ',
    '\n535-5.7.8 ',
    '\0',
    '<',
    '_',
    'ya29',
  ])(
    '%j',
    (part) => {
      const redact = redactor([token, PASSWORD, 'aaaaaaaa', '\0ann\0aaaaaaaa'])
      const text = `${PASSWORD} ${part.repeat(1_000_000 / part.length)} ${PASSWORD}`
      expect(redact(text)).toMatch(/^<redacted>[^]*<redacted>$/)
    },
    5_000,
  )
})
