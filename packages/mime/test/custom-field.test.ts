import addressParser from 'nodemailer/lib/addressparser/index.js'
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { toMessage } from '@loudmail/core/transport'
import { compose, customFieldValue } from '@loudmail/mime'

const base = { from: 'a@example.com', to: 'b@example.com', text: 'x', subject: 's' } as const

/** The value of a header field on the wire, with its folds. */
function written(name: string, value: string): string {
  const { bytes } = compose(toMessage({ ...base, headers: { [name]: value } }))
  const field = new RegExp(`^${name}: (?<value>.*(?:\r\n[ \t].*)*)`, 'm').exec(bytes!.toString())
  return field?.groups?.value ?? `no field ${name} with a value on its first line`
}

const unfolded = (name: string, value: string): string => written(name, value).replaceAll('\r\n', '')
const long = `https://example.com/u?t=${'e'.repeat(930)}`

describe('a field of URLs', () => {
  it.each([
    ['List-Unsubscribe', '<https://example.com/u>', '<https://example.com/u>'],
    ['List-Unsubscribe', `<${long}>`, `<${long}>`],
    [
      'list-unsubscribe',
      '<mailto:u@example.com?subject=a,b>,<https://example.com/u>',
      '<mailto:u@example.com?subject=a,b>, <https://example.com/u>',
    ],
    ['List-Help', '<https://example.com/hilfe für alle>', '<https://example.com/hilfe%20f%C3%BCr%20alle>'],
    ['List-Archive', '<https://example.com/日本>', '<https://example.com/%E6%97%A5%E6%9C%AC>'],
    ['List-Archive', '<https://example.com/%E6>', '<https://example.com/%E6>'],
    ['List-Unsubscribe', 'https://example.com/u', '<https://example.com/u>'],
    [
      'List-Unsubscribe',
      'mailto:u@example.com, https://example.com/u',
      '<mailto:u@example.com>, <https://example.com/u>',
    ],
    ['List-Post', 'NO', 'NO'],
    ['List-Post', 'NO (posting not allowed on this list)', 'NO (posting not allowed on this list)'],
    ['List-Owner', '<mailto:o@example.com> (Büro)', '<mailto:o@example.com> ( =?utf-8?B?QsO8cm8=?= )'],
    ['Archived-At', '<https://example.com/1>', '<https://example.com/1>'],
  ])('%s: %s', (name, value, expected) => {
    expect(unfolded(name, value)).toBe(expected)
  })

  it('is folded between its items alone', () => {
    const items = Array.from({ length: 5 }, (_, index) => `<https://example.com/${index}/${'u'.repeat(40)}>`)
    expect(written('List-Unsubscribe', items.join(', '))).toBe(items.join(',\r\n '))
  })

  it.each(['List-Unsubscribe', 'List-Help', 'Archived-At'])(
    '%s that does not fit on a line is an error',
    (name) => {
      const writing = (): string => written(name, `<https://example.com/${'u'.repeat(998)}>`)
      expect(writing).toThrow(expect.objectContaining({ code: 'compose/invalid-message' }))
      expect(writing).toThrow(`the header field ${name} has a line of`)
    },
  )
})

describe('a field of mailboxes', () => {
  it.each([
    [
      'Disposition-Notification-To',
      '"Müller, Anna" <anna@example.com>',
      [['Müller, Anna', 'anna@example.com']],
    ],
    ['Disposition-Notification-To', 'anna@example.com', [['', 'anna@example.com']]],
    [
      'Return-Receipt-To',
      'Ann Lee <a@example.com>, Bob <b@example.com>',
      [
        ['Ann Lee', 'a@example.com'],
        ['Bob', 'b@example.com'],
      ],
    ],
    ['Resent-From', 'Jürgen <j@example.com>', [['Jürgen', 'j@example.com']]],
    [
      'resent-to',
      '日本 太郎 <t@example.com>, "a \\"b\\" c" <q@example.com>',
      [
        ['日本 太郎', 't@example.com'],
        ['a "b" c', 'q@example.com'],
      ],
    ],
    ['Errors-To', 'e@bücher.example', [['', 'e@xn--bcher-kva.example']]],
    ['Mail-Followup-To', '=?utf-8?Q?no?= <n@example.com>', [['=?utf-8?Q?no?=', 'n@example.com']]],
  ] as const)('%s: %s', async (name, value, mailboxes) => {
    const field = unfolded(name, value)
    expect(field).toMatch(/^[ -~]*$/)
    // Two parsers that are not ours.
    const { to } = await PostalMime.parse(`To: ${field}\r\n\r\n`)
    expect(to!.map((each) => [each.name, each.address])).toEqual(mailboxes)
    expect(addressParser(field).map(({ address }) => address)).toEqual(
      mailboxes.map(([, address]) => address),
    )
  })

  it.each(['Müller, Anna <anna@example.com', 'nobody', '', 'a@b@example.com'])(
    'with %j is an error that names it',
    (value) => {
      const input = { ...base, headers: { 'Disposition-Notification-To': value } }
      expect(() => toMessage(input)).toThrow(expect.objectContaining({ code: 'compose/invalid-address' }))
      expect(() => toMessage(input)).toThrow('Disposition-Notification-To')
    },
  )

  it('Resent-Bcc is refused, because every recipient would see it', () => {
    expect(() => toMessage({ ...base, headers: { 'Resent-Bcc': 'c@example.com' } })).toThrow(
      'it comes from bcc',
    )
  })
})

describe('a structured field', () => {
  it.each([
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click', 'List-Unsubscribe=One-Click'],
    ['List-ID', 'Grüße, Liste <list.example.com>', '=?utf-8?B?R3LDvMOfZSwgTGlzdGU=?= <list.example.com>'],
    ['List-ID', '"News, weekly" <list.example.com>', '"News, weekly" <list.example.com>'],
    ['List-ID', 'News, weekly <list.example.com>', '"News, weekly" <list.example.com>'],
    ['List-ID', '<list.example.com>', '<list.example.com>'],
    ['List-ID', 'list.example.com', 'list.example.com'],
    ['Auto-Submitted', 'auto-replied', 'auto-replied'],
    ['X-Priority', '1 (Highest)', '1 (Highest)'],
    ['Resent-Message-ID', `<${'i'.repeat(900)}@example.com>`, `<${'i'.repeat(900)}@example.com>`],
    ['Authentication-Results', 'example.com;  spf=pass', 'example.com;  spf=pass'],
    ['Original-Message-ID', '<=?a?=@example.com>', '<=?a?=@example.com>'],
  ])('%s: %s', (name, value, expected) => {
    expect(unfolded(name, value)).toBe(expected)
  })

  it.each(['Auto-Submitted', 'Precedence', 'Resent-Message-ID', 'Feedback-ID'])(
    '%s beyond ASCII is an error',
    (name) => {
      expect(() => toMessage({ ...base, headers: { [name]: 'größe' } })).toThrow(
        expect.objectContaining({ code: 'compose/invalid-message', message: expect.stringContaining(name) }),
      )
    },
  )

  it('too long for a line is an error', () => {
    expect(() => written('Feedback-ID', 'f'.repeat(1000))).toThrow(
      'the header field Feedback-ID has a line of',
    )
  })
})

describe('any other field', () => {
  it('is free text', () => {
    expect(unfolded('X-Comment', 'Müller, Anna <anna@example.com>')).toBe(
      '=?utf-8?B?TcO8bGxlciw=?= Anna <anna@example.com>',
    )
  })
})

it.each(['a.docx', 'a.pptx', 'a.xlsx', 'a.odt', `${'n'.repeat(60)}.docx`])(
  'the type of %s is on the first line of Content-Type',
  (filename) => {
    const { bytes } = compose(toMessage({ ...base, attachments: [{ filename, content: 'x' }] }))
    expect(bytes!.toString()).toMatch(/^Content-Type: application\/vnd\.[\w.-]+;/m)
    expect(bytes!.toString()).not.toMatch(/:\r\n/)
  },
)

describe('the value of a field in one line', () => {
  it.each([
    ['X-Note', 'plain text', 'plain text'],
    ['X-Note', 'Büro 7', '=?utf-8?B?QsO8cm8=?= 7'],
    ['X-Note', `${'a'.repeat(60)} ${'b'.repeat(60)}`, `${'a'.repeat(60)} ${'b'.repeat(60)}`],
    ['Sender', 'Büro <b@example.com>', '=?utf-8?B?QsO8cm8=?= <b@example.com>'],
    ['List-Unsubscribe', `<${long}>`, `<${long}>`],
  ])('%s: %s is %s', (name, value, expected) => {
    expect(customFieldValue(name, value)).toBe(expected)
  })
})
