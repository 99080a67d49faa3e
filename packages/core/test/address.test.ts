import { describe, expect, it } from 'vitest'
import { MailError, type AddressListInput } from '../src/index.ts'
import { toMessage, type ComposedMessage } from '../src/transport.ts'

const parse = (to: AddressListInput): ComposedMessage =>
  toMessage({ from: 'ann@example.com', to, text: '' }) as ComposedMessage

const failureOf = (to: unknown): MailError => {
  try {
    parse(to as AddressListInput)
  } catch (error) {
    if (MailError.is(error)) return error
  }
  throw new TypeError('this was to be refused')
}

const codeOf = (to: unknown): string => failureOf(to).code

describe('addresses that are accepted', () => {
  const cases: [AddressListInput, { name: string; address: string }[]][] = [
    ['bob@example.com', [{ name: '', address: 'bob@example.com' }]],
    [' bob@example.com ', [{ name: '', address: 'bob@example.com' }]],
    ['<bob@example.com>', [{ name: '', address: 'bob@example.com' }]],
    ['Bob <bob@example.com>', [{ name: 'Bob', address: 'bob@example.com' }]],
    ['Bob B. Brown <bob@example.com>', [{ name: 'Bob B. Brown', address: 'bob@example.com' }]],
    ['"Brown, Bob" <bob@example.com>', [{ name: 'Brown, Bob', address: 'bob@example.com' }]],
    [
      String.raw`"Bob \"B\" Brown" <bob@example.com>`,
      [{ name: 'Bob "B" Brown', address: 'bob@example.com' }],
    ],
    ['Jürgen Müller <j@example.com>', [{ name: 'Jürgen Müller', address: 'j@example.com' }]],
    ['bob@example.com (Bob (B) Brown)', [{ name: 'Bob (B) Brown', address: 'bob@example.com' }]],
    ['bob (away) @ example.com', [{ name: 'away', address: 'bob@example.com' }]],
    [
      'Bob <bob@example.com>, carol@example.com',
      [
        { name: 'Bob', address: 'bob@example.com' },
        { name: '', address: 'carol@example.com' },
      ],
    ],
    [
      { name: 'Brown, Bob', address: 'bob@example.com' },
      [{ name: 'Brown, Bob', address: 'bob@example.com' }],
    ],
    ['"a b"@example.com', [{ name: '', address: '"a b"@example.com' }]],
    ["o'neil+tag=x@example.com", [{ name: '', address: "o'neil+tag=x@example.com" }]],
    ['bob@[127.0.0.1]', [{ name: '', address: 'bob@[127.0.0.1]' }]],
    ['bob@[IPv6:::1]', [{ name: '', address: 'bob@[IPv6:::1]' }]],
    ['bob@localhost', [{ name: '', address: 'bob@localhost' }]],
    ['bob@bücher.example', [{ name: '', address: 'bob@xn--bcher-kva.example' }]],
    ['jürgen@example.com', [{ name: '', address: 'jürgen@example.com' }]],
  ]
  for (const [input, addresses] of cases) {
    it(JSON.stringify(input), () => expect(parse(input).to).toEqual(addresses))
  }

  it('a recipient that is given twice gets one copy', () => {
    expect(parse(['bob@example.com', 'Bob <bob@example.com>']).envelope.to).toEqual(['bob@example.com'])
  })

  it.each([
    [['ann@rcpt.example', 'Ann <ann@RCPT.example>', 'ann@Rcpt.Example'], ['ann@rcpt.example']],
    [['ann@RCPT.example', 'ann@rcpt.example'], ['ann@RCPT.example']],
    [
      ['ann@bücher.example', 'ann@XN--BCHER-KVA.example', 'ann@BÜCHER.example'],
      ['ann@xn--bcher-kva.example'],
    ],
    [['ann@rcpt.example', '"ann"@rcpt.example', '"a\\nn"@rcpt.example'], ['ann@rcpt.example']],
    [
      ['ann@rcpt.example', 'Ann@rcpt.example'],
      ['ann@rcpt.example', 'Ann@rcpt.example'],
    ],
    [
      ['"a b"@rcpt.example', '"A b"@rcpt.example'],
      ['"a b"@rcpt.example', '"A b"@rcpt.example'],
    ],
    [
      ['ann@rcpt.example', 'ann@mail.rcpt.example'],
      ['ann@rcpt.example', 'ann@mail.rcpt.example'],
    ],
  ])('of %j, %j get one copy each', (to, once) => {
    expect(toMessage({ from: 'a@example.com', to, text: '' }).envelope.to).toEqual(once)
    expect(toMessage({ from: 'a@example.com', to: to[0], cc: to, bcc: to, text: '' }).envelope.to).toEqual(
      once,
    )
    expect(toMessage({ raw: 'A: b\r\n\r\n', envelope: { from: '', to } }).envelope.to).toEqual(once)
  })

  it('a local part beyond ASCII needs SMTPUTF8, a domain beyond ASCII does not', () => {
    expect(parse('jürgen@example.com').envelope.smtputf8).toBe(true)
    expect(parse('bob@bücher.example').envelope.smtputf8).toBe(false)
  })
})

describe('dots that RFC 5321 allows only in quotes', () => {
  it.each([
    ['b..ob@example.com', '"b..ob"@example.com'],
    ['try..this..0511@docomo.example', '"try..this..0511"@docomo.example'],
    ['abc.@docomo.example', '"abc."@docomo.example'],
    ['abc...@docomo.example', '"abc..."@docomo.example'],
    ['-.-@docomo.example, abc.-.@docomo.example', '"abc.-."@docomo.example'],
    ['Bob <b..ob@example.com>', '"b..ob"@example.com'],
    ['jür..gen@example.com', '"jür..gen"@example.com'],
  ])('%s goes out in quotes, as the same mailbox', (input, right) => {
    expect(parse(input).envelope.to.at(-1)).toBe(right)
    expect(parse(input).to.at(-1)?.address).toBe(right)
    expect(parse([input, right]).envelope.to).toEqual(parse(input).envelope.to)
    expect(parse(input).forRecipients([right]).envelope.to).toEqual([right])
  })

  it('also as one object, as the sender and in the envelope', () => {
    const [address, right] = ['abc..@docomo.example', '"abc.."@docomo.example']
    expect(parse({ name: 'Abc', address }).to).toEqual([{ name: 'Abc', address: right }])
    expect(toMessage({ from: address, to: 'a@b.c', text: '' }).envelope.from).toBe(right)
    expect(
      toMessage({ from: 'a@b.c', text: '', envelope: { from: address, to: address } }).envelope,
    ).toMatchObject({
      from: right,
      to: [right],
    })
  })
})

describe('how long an address may be', () => {
  const label = 'b'.repeat(63)
  it.each([
    `${'a'.repeat(65)}@example.com`,
    `reply+${'a1b2c3d4'.repeat(8)}@example.com`,
    `"${'a '.repeat(100)}"@example.com`,
    `${'ü'.repeat(100)}@example.com`,
    `${'a'.repeat(900)}@example.com`,
    `a@${`${label}.`.repeat(3)}example.com`,
  ])('%s goes out: the server decides', (to) => {
    expect(parse(to).envelope.to).toEqual([to])
    expect(parse(`Bob <${to}>`).envelope.to).toEqual([to])
    expect(parse({ address: to }).envelope.to).toEqual([to])
    expect(toMessage({ from: to, to, text: '', envelope: { from: to, to } }).envelope.from).toBe(to)
  })

  it.each([
    `a@b${label}.example.com`,
    `a@${`${label}.`.repeat(4)}com`,
    `${'a'.repeat(1000)}@example.com`,
    `${'ü'.repeat(500)}@example.com`,
  ])('%s fits nowhere', (to) => {
    expect(codeOf(to)).toBe('compose/invalid-address')
    expect(codeOf({ address: to })).toBe('compose/invalid-address')
  })
})

describe('what cannot be seen in an address is refused, and the error shows it', () => {
  const codes = [
    0x01, 0x07, 0x08, 0x09, 0x0b, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0xa0, 0x61c, 0x1680, 0x180e,
    0x2003, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x202f, 0x205f,
    0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0x3000, 0xfeff,
  ]
  it.each(codes.map((code) => [code.toString(16).toUpperCase().padStart(4, '0'), code]))(
    'U+%s',
    (name, code) => {
      const hidden = String.fromCharCode(code)
      for (const address of [
        `a${hidden}b@example.com`,
        `"a${hidden}b"@example.com`,
        `b@exa${hidden}mple.com`,
      ]) {
        const failure = failureOf({ address })
        expect(failure.code).toBe('compose/invalid-address')
        expect(failure.message).toContain(`U+${name}`)
        expect(failure.message).not.toContain(hidden)
        for (const to of [address, `Bob <${address}>`]) {
          expect(codeOf(to)).toBe('compose/invalid-address')
          expect(failureOf(to).message).not.toContain(hidden)
        }
        expect(() =>
          toMessage({ from: 'a@b.c', to: 'a@b.c', text: '', envelope: { from: address } }),
        ).toThrow(name)
      }
    },
  )

  it('in a name they are encoded, because names in Hebrew and Arabic use such characters', () => {
    const name = '\u05d0\u200f\u05d1'
    expect(parse({ name, address: 'bob@example.com' }).to[0]?.name).toBe(name)
    expect(parse(`${name} <bob@example.com>`).to[0]?.name).toBe(name)
  })
})

describe('forRecipients()', () => {
  const message = parse(['Ann@rcpt.example', 'bob@b\u00fccher.example', '"c d"@[IPv6:2001:DB8::1]'])
  it.each([
    [['Ann@rcpt.example'], ['Ann@rcpt.example']],
    [['Ann@RCPT.Example'], ['Ann@rcpt.example']],
    [['"Ann"@rcpt.example'], ['Ann@rcpt.example']],
    [['bob@b\u00fccher.example'], ['bob@xn--bcher-kva.example']],
    [['bob@XN--BCHER-KVA.example'], ['bob@xn--bcher-kva.example']],
    [['"c d"@[ipv6:2001:db8::1]'], ['"c d"@[IPv6:2001:DB8::1]']],
    [['Ann@RCPT.example', 'Ann@rcpt.EXAMPLE'], ['Ann@rcpt.example']],
    [[], []],
  ])('finds %j whatever the case or the form of the domain', (given, to) => {
    expect(message.forRecipients(given).envelope.to).toEqual(to)
  })

  it.each([['ann@rcpt.example'], ['eve@rcpt.example'], ['']])('does not know %j', (stranger) => {
    expect(() => message.forRecipients([stranger])).toThrow('is not in the envelope')
  })
})

describe('addresses that are refused, never dropped', () => {
  const invalid = [
    'not an address',
    'bob',
    'bob@',
    '@example.com',
    'bob@@example.com',
    'bob@example..com',
    'bob@-example.com',
    'bob@example.com-',
    'bob@example.com bob@example.org',
    'bob@exa mple.com',
    '.bob@example.com',
    '..bob@example.com',
    'Bob <.bob@example.com>',
    'bob@example.com,',
    ',bob@example.com',
    'a@example.com, nonsense',
    'Bob <bob@example.com',
    'Bob bob@example.com>',
    'Bob <bob>',
    'Bob Brown@example.com',
    '"bob@example.com',
    'bob@example.com (open',
    'friends: bob@example.com',
    'bob@[300]',
    'bob@[127.0.0.1',
    'bob@exam%70le.com',
    'bob@ex\u0001ample.com',
    `${'a'.repeat(1000)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'bcd.'.repeat(70)}com`,
    'bob\uD800@example.com',
    '',
    ' ',
    { address: '' },
    { address: 'bob@example.com>, <eve@example.com' },
    { name: 'Bob' },
    { name: 42, address: 'bob@example.com' },
    42,
    true,
    [['bob@example.com', 42]],
    ['bob@example.com', ''],
    ['bob@example.com', null],
  ]
  for (const input of invalid) {
    it(JSON.stringify(input), () => expect(codeOf(input)).toBe('compose/invalid-address'))
  }

  for (const input of [
    'bob@example.com\r\nRCPT TO:<eve@example.com>',
    'bob@example.com\n',
    'Bob\r\nBcc: eve@example.com <bob@example.com>',
    'bob\0@example.com',
    { name: 'Bob\r\nX: 1', address: 'bob@example.com' },
    { address: 'bob@example.com\r\n' },
  ]) {
    it(`${JSON.stringify(input)}, as an injection`, () =>
      expect(codeOf(input)).toBe('compose/header-injection'))
  }

  it.each([
    ['.abc@docomo.example', '".abc"@docomo.example'],
    ['-.-@docomo.example, .abc.-.@docomo.example', '".abc.-."@docomo.example'],
    ['Bob <.b..ob@example.com>', '".b..ob"@example.com'],
    ['..@example.com', '".."@example.com'],
  ])('%s is shown in quotes, which would be right', (input, right) => {
    const error = failureOf(input)
    expect(error.code).toBe('compose/invalid-address')
    expect(error.hint).toContain(right)
    expect(parse(right).envelope.to).toEqual([right])
  })

  it('the error names the field and the reason', () => {
    expect(() => parse(['bob@example.com', 'nonsense'])).toThrow('to[1] "nonsense": it has no @')
  })
})
