import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { MailError } from '../src/index.ts'
import { toMessage, type ComposedMessage } from '../src/transport.ts'

const base = { from: 'ann@example.com', to: 'bob@example.com', text: '' }

const composed = (input: object): ComposedMessage => toMessage({ ...base, ...input }) as ComposedMessage

const failureOf = (input: object): MailError => {
  try {
    composed(input)
  } catch (error) {
    if (MailError.is(error)) return error
  }
  throw new TypeError('this was to be refused')
}

describe('inReplyTo and references are taken as they were received', () => {
  it.each<[string | string[], string[]]>([
    ['<a@example.com>', ['<a@example.com>']],
    ['a@example.com', ['<a@example.com>']],
    ['<20441CAE-AC6C-11E8-A6A3-95470D09546E>', ['<20441CAE-AC6C-11E8-A6A3-95470D09546E>']],
    ['20441CAE-AC6C-11E8-A6A3-95470D09546E', ['<20441CAE-AC6C-11E8-A6A3-95470D09546E>']],
    ['<a@b> <c@d>', ['<a@b>', '<c@d>']],
    ['<a@b>\t<c@d>  <e>', ['<a@b>', '<c@d>', '<e>']],
    ['<a@b>,<c@d>', ['<a@b>', '<c@d>']],
    ['<a@b>, <c@d>,', ['<a@b>', '<c@d>']],
    ['<a@b><c@d>', ['<a@b>', '<c@d>']],
    ['<a><b@c><d>', ['<a>', '<b@c>', '<d>']],
    ['a@b c@d', ['<a@b>', '<c@d>']],
    ['a@b,c@d', ['<a@b>', '<c@d>']],
    ['a, b', ['<a>', '<b>']],
    ['<a@b> c@d', ['<a@b>', '<c@d>']],
    ['a@b<c@d>', ['<a@b>', '<c@d>']],
    ['<a@b> (of yesterday)', ['<a@b>']],
    ['(first) <a@b> (then (nested)) <c@d>', ['<a@b>', '<c@d>']],
    [String.raw`(\)) <a@b>`, ['<a@b>']],
    ['< a@b >', ['<a@b>']],
    ['<a@b@c>', ['<a@b@c>']],
    ['<a@[IPv6:2001:db8::1]>', ['<a@[IPv6:2001:db8::1]>']],
    ['<a(b)@c>', ['<a(b)@c>']],
    ['<a,b@c>', ['<a,b@c>']],
    ['<"a"@b>', ['<"a"@b>']],
    ['<a..b@c>', ['<a..b@c>']],
    ['<$a#=b@c/d>', ['<$a#=b@c/d>']],
    ['', []],
    [' ', []],
    [[], []],
    [
      ['<a@b>', 'c@d, e'],
      ['<a@b>', '<c@d>', '<e>'],
    ],
    ['x'.repeat(900), [`<${'x'.repeat(900)}>`]],
  ])('%j', (received, expected) => {
    expect(composed({ inReplyTo: received }).inReplyTo).toEqual(expected)
    expect(composed({ references: received }).references).toEqual(expected)
  })

  it.each<[unknown, RegExp]>([
    ['<a b@c>', /with a blank in it.*leave it out/],
    ['<ä@b>', /with U\+00E4 in it.*leave it out/],
    ['ä@b', /with U\+00E4 in it.*leave it out/],
    ['<a\u001B[31mb@c>', /with U\+001B/],
    ['<a\u007Fb@c>', /with U\+007F/],
    ['a\u0007b@c', /with U\+0007/],
    ['<a\u0085b@c>', /with U\+0085/],
    ['<a\u202Eb@c>', /with U\+202E/],
    ['<a\u2066b@c>', /with U\+2066/],
    ['<😀@c>', /with U\+1F600/],
    ['<>', /empty identifier/],
    ['< >', /empty identifier/],
    ['<a@b', /not closed/],
    ['<a@b <c@d>', /not closed/],
    ['<a@b>>', /text outside/],
    ['Your message of Monday <a@b>', /text outside/],
    ['"Ann" <a@b>', /text outside/],
    ['"Ann"', /text outside/],
    [')', /text outside/],
    ['<a@b> (open', /comment that is not closed/],
    ['x'.repeat(901), /901 characters.*leave it out/],
    [42, /must be a string/],
    [null, /must not be null/],
    [[null], /must be a string/],
    [{}, /must be a string/],
  ])('%j cannot be sent, and the error says what to do', (received, why) => {
    for (const field of ['inReplyTo', 'references']) {
      const failure = failureOf({ [field]: received })
      expect(failure.code).toBe('compose/invalid-message')
      expect(failure.message).toMatch(why)
      expect(failure.message).toContain(field)
    }
  })

  it.each(['<a@b>\r\nBcc: evil@example.net', '<a@b>\n <c@d>', '<a\0@b>'])(
    '%j is an injection',
    (received) => {
      expect(failureOf({ references: received }).code).toBe('compose/header-injection')
      expect(failureOf({ inReplyTo: [received] }).code).toBe('compose/header-injection')
    },
  )

  it.each(['<a@b>'.repeat(20_000), '<'.repeat(100_000), '('.repeat(100_000), 'a '.repeat(50_000)])(
    'a hostile list takes little time',
    (received) => {
      const before = process.cpuUsage()
      try {
        composed({ references: received })
      } catch {}
      const { user, system } = process.cpuUsage(before)
      expect(user + system).toBeLessThan(2_000_000)
    },
  )
})

describe('the Message-ID', () => {
  it.each([
    ['ann@example.com', /^<[\w-]{36}@example\.com>$/],
    ['ann@bücher.example', /^<[\w-]{36}@xn--bcher-kva\.example>$/],
    ['ann@[192.0.2.1]', /^<[\w-]{36}@\[192\.0\.2\.1\]>$/],
    ['ann@[IPv6:2001:db8::1]', /^<[\w-]{36}@\[IPv6:2001:db8::1\]>$/],
    ['"a@b"@example.com', /^<[\w-]{36}@example\.com>$/],
  ])('of a sender %s is valid', (from, pattern) => {
    const { messageId } = composed({ from })
    expect(messageId).toMatch(pattern)
    // And can be answered.
    expect(composed({ inReplyTo: messageId, messageId }).inReplyTo).toEqual([messageId])
  })

  it.each(['a@b', '<a@b>', '<a..b$c@d_e>', '<a@[IPv6:2001:db8::1]>', `<a@${'b'.repeat(800)}>`])(
    'of the caller can be %s',
    (messageId) => {
      expect(composed({ messageId }).messageId).toBe(`<${messageId.replaceAll(/[<>]/g, '')}>`)
    },
  )

  it.each([
    'a',
    '',
    '<>',
    '<@b>',
    '<a@>',
    '<a@b> <c@d>',
    'a@b, c@d',
    '<a b@c>',
    '<ä@b>',
    '<a\u001B@b>',
    '<a\u007F@b>',
    '<a\u0085@b>',
    '<a\u202E@b>',
    '<a@b@c>',
    `<a@${'b'.repeat(1000)}>`,
    42,
  ])('of the caller cannot be %j', (messageId) => {
    expect(failureOf({ messageId })).toMatchObject({ code: 'compose/invalid-message' })
  })
})

it('a new Message-ID takes little memory, also in code that V8 has optimised', () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  for (let n = 0; n < 50_000; n++) composed({})
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  const kept = Array.from({ length: 20_000 }, () => composed({}).messageId)
  collectGarbage()
  const octets = (process.memoryUsage().heapUsed - before) / kept.length
  // In one piece it takes about 90, and in parts about 600.
  expect(octets).toBeLessThan(300)
})
