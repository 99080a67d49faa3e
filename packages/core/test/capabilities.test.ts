import { describe, expect, it } from 'vitest'
import { capabilitiesOf, NO_CAPABILITIES } from '../src/transport.ts'

const offered = (...lines: string[]): ReturnType<typeof capabilitiesOf> =>
  capabilitiesOf(['250-mail.example.com SIZE 9', ...lines.map((line) => `250-${line}`)])

describe('what a server offers', () => {
  it.each([
    ['PIPELINING', 'PIPELINING', true],
    ['pipelining', 'PIPELINING', true],
    [' PIPELINING ', 'PIPELINING', true],
    ['SIZE 100', 'SIZE', true],
    ['PIPELINING2', 'PIPELINING', false],
    ['X PIPELINING', 'PIPELINING', false],
  ])('%j: %s is %s', (line, keyword, has) => expect(offered(line).has(keyword)).toBe(has))

  it.each([
    'STARTTLS',
    'starttls',
    'PIPELINING',
    '8BITMIME',
    'SIZE 30000000',
    'AUTH PLAIN LOGIN',
    'auth  login',
    'AUTH=LOGIN',
    'AUTH NTLM X-OTHER',
    'SMTPUTF8 ',
  ])('the first line %j is a keyword, whatever else the reply says', (line) => {
    const [keyword = ''] = line.toUpperCase().trim().split(/[ =]/)
    expect(capabilitiesOf([`250-${line}`, '250-mail.example.com', '250 HELP']).has(keyword)).toBe(true)
    expect(capabilitiesOf([`250 ${line}`]).has(keyword)).toBe(true)
  })

  it.each([
    'mail.example.com Hello STARTTLS-fan',
    'mail.example.com SIZE 100',
    'mail.example.com STARTTLS',
    'mail.example.com AUTH PLAIN',
    'starttls.example.com',
    'STARTTLS Hello [192.0.2.1]',
    'STARTTLS is what we offer',
    'Hello, PIPELINING',
    'auth Hello [192.0.2.1]',
    'auth',
    'AUTH at your service',
    'size',
    'SIZE matters',
    'XSTARTTLS',
    '',
  ])('the first line %j is the name of the server', (line) => {
    for (const lines of [[`250 ${line}`], [`250-${line}`, '250 HELP']])
      for (const keyword of ['STARTTLS', 'PIPELINING', 'SIZE', 'AUTH', ''])
        expect(capabilitiesOf(lines).has(keyword)).toBe(false)
  })

  it.each([
    [['AUTH PLAIN LOGIN'], ['PLAIN', 'LOGIN']],
    [['auth plain  cram-md5'], ['PLAIN', 'CRAM-MD5']],
    [['AUTH=LOGIN'], ['LOGIN']],
    [
      ['AUTH PLAIN LOGIN', 'AUTH=LOGIN NTLM'],
      ['PLAIN', 'LOGIN', 'NTLM'],
    ],
    [['AUTH'], []],
    [['X-AUTH PLAIN'], []],
  ])('%j are the mechanisms %j', (lines, mechanisms) =>
    expect(offered(...lines).mechanisms).toEqual(mechanisms),
  )

  it.each<[string, number | undefined]>([
    ['SIZE 10485760', 10_485_760],
    ['size=7', 7],
    ['SIZE 1', 1],
    ['SIZE 0', undefined],
    ['SIZE', undefined],
    ['SIZE -1', undefined],
    ['SIZE 1.5', undefined],
    ['SIZE many', undefined],
    ['SIZE 99999999999999999999', undefined],
    ['PIPELINING', undefined],
  ])('%s is a limit of %s octets', (line, maxSize) => expect(offered(line).maxSize).toBe(maxSize))

  it('is nothing where it knows HELO alone', () => {
    expect(NO_CAPABILITIES).toMatchObject({ mechanisms: [], maxSize: undefined })
    expect(NO_CAPABILITIES.has('')).toBe(false)
  })
})
