import { describe, expect, it } from 'vitest'
import type { MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose, type ComposeOptions } from '@loudmail/mime'

const fixed = {
  from: 'Ann Lee <ann@example.com>',
  to: 'bob@example.org',
  messageId: 'id-1@example.com',
  date: new Date('2026-03-01T12:05:06Z'),
} as const

const HEADER = [
  'Date: Sun, 01 Mar 2026 12:05:06 +0000',
  'From: Ann Lee <ann@example.com>',
  'To: bob@example.org',
  'Message-ID: <id-1@example.com>',
  'MIME-Version: 1.0',
]

/** The message as lines, its boundaries as A, B and C in the order they come. */
function wire(input: Partial<MessageInput>, options?: ComposeOptions): string[] {
  const { bytes } = compose(toMessage({ ...fixed, ...input }), options)
  const seen: string[] = []
  const text = bytes!.toString().replace(/=_[a-z]_[0-9a-f-]{36}/g, (boundary) => {
    if (!seen.includes(boundary)) seen.push(boundary)
    return 'ABC'[seen.indexOf(boundary)]!
  })
  expect(text.endsWith('\r\n')).toBe(true)
  return text.slice(0, -2).split('\r\n')
}

const PLAIN = 'Content-Type: text/plain; charset=utf-8'
const HTML = 'Content-Type: text/html; charset=utf-8'
const encoding = (name: string) => `Content-Transfer-Encoding: ${name}`

const attach = (content: string) => ({ attachments: [{ filename: 'm.eml', content }] })

describe('what goes over the wire', () => {
  it('a short text is sent as 7bit', () => {
    expect(wire({ text: 'Hi Bob,\nsee you.\n' })).toEqual([
      ...HEADER,
      PLAIN,
      encoding('7bit'),
      '',
      'Hi Bob,',
      'see you.',
    ])
  })

  it('a text without a line end gets one', () => {
    expect(wire({ text: 'Hi' })).toEqual([...HEADER, PLAIN, encoding('7bit'), '', 'Hi'])
  })

  it.each([{ transportData: {} }, { text: '' }])('a message without text has an empty one: %o', (input) => {
    expect(wire(input)).toEqual([...HEADER, PLAIN, encoding('7bit'), ''])
  })

  it('bare CR and bare LF become CRLF', () => {
    expect(wire({ text: 'a\rb\nc\r\nd\n\re' }).slice(-6)).toEqual(['a', 'b', 'c', 'd', '', 'e'])
  })

  it('a message with only html is just that part', () => {
    expect(wire({ html: '<b>Hi</b>' })).toEqual([...HEADER, HTML, encoding('7bit'), '', '<b>Hi</b>'])
  })

  it('text and html are alternatives, the plainest first', () => {
    expect(wire({ text: 'Hi', html: '<b>Hi</b>' })).toEqual([
      ...HEADER,
      'Content-Type: multipart/alternative;',
      ' boundary="A"',
      '',
      '--A',
      PLAIN,
      encoding('7bit'),
      '',
      'Hi',
      '--A',
      HTML,
      encoding('7bit'),
      '',
      '<b>Hi</b>',
      '--A--',
    ])
  })

  it('an invitation is the last alternative, with its method', () => {
    expect(
      wire({
        text: 'Come',
        calendar: { method: 'request', content: 'BEGIN:VCALENDAR\nEND:VCALENDAR\n' },
      }).slice(5),
    ).toEqual([
      'Content-Type: multipart/alternative;',
      ' boundary="A"',
      '',
      '--A',
      PLAIN,
      encoding('7bit'),
      '',
      'Come',
      '--A',
      'Content-Type: text/calendar; charset=utf-8; method=REQUEST',
      encoding('7bit'),
      '',
      'BEGIN:VCALENDAR',
      'END:VCALENDAR',
      '',
      '--A--',
    ])
  })

  it('a message with only an invitation is just that part', () => {
    expect(wire({ calendar: { method: 'reply', content: 'BEGIN:VCALENDAR' } }).slice(5)).toEqual([
      'Content-Type: text/calendar; charset=utf-8; method=REPLY',
      encoding('7bit'),
      '',
      'BEGIN:VCALENDAR',
    ])
  })

  it('images in the html are related to it, and files are mixed with both', () => {
    const attachments = [
      { filename: 'a.csv', content: 'x;y' },
      { filename: 'logo.png', contentId: 'logo', content: Uint8Array.of(1, 2, 3) },
    ]
    expect(wire({ text: 'Hi', html: '<img src="cid:logo">', attachments }).slice(5)).toEqual([
      'Content-Type: multipart/mixed;',
      ' boundary="A"',
      '',
      '--A',
      'Content-Type: multipart/alternative;',
      ' boundary="B"',
      '',
      '--B',
      PLAIN,
      encoding('7bit'),
      '',
      'Hi',
      '--B',
      'Content-Type: multipart/related; type="text/html";',
      ' boundary="C"',
      '',
      '--C',
      HTML,
      encoding('7bit'),
      '',
      '<img src="cid:logo">',
      '--C',
      'Content-Type: image/png; name="logo.png"',
      'Content-Disposition: inline; filename="logo.png"',
      'Content-ID: <logo>',
      encoding('base64'),
      '',
      'AQID',
      '--C--',
      '--B--',
      '--A',
      'Content-Type: text/csv; charset=utf-8; name="a.csv"',
      'Content-Disposition: attachment; filename="a.csv"',
      encoding('base64'),
      '',
      'eDt5',
      '--A--',
    ])
  })

  it('an image without html is a file', () => {
    const lines = wire({ text: 'Hi', attachments: [{ filename: 'l.png', contentId: 'l', content: 'x' }] })
    expect(lines).toContain('Content-Type: multipart/mixed;')
    expect(lines).toContain('Content-Disposition: inline; filename="l.png"')
  })

  it('a file name beyond ASCII is written for old and new programs', () => {
    expect(wire({ attachments: [{ filename: 'Größe "1".pdf', content: 'x' }] }).slice(14, 18)).toEqual([
      'Content-Type: application/pdf; name="=?utf-8?B?R3LDtsOfZSAiMSIucGRm?="',
      'Content-Disposition: attachment;',
      " filename*=utf-8''Gr%C3%B6%C3%9Fe%20%221%22.pdf",
      encoding('base64'),
    ])
  })

  it('fields always have the same order, and are folded between words', () => {
    const lines = wire({
      to: [
        'Bob <bob@example.org>',
        '"Last, First" <f.last@example.org>',
        'Jürgen Müller <jm@example.org>',
        'x@example.org',
      ],
      cc: 'John Q. Public <jq@example.org>',
      bcc: 'secret@example.org',
      sender: 'robot@example.com',
      replyTo: 'help@example.com',
      subject: 'Grüße',
      inReplyTo: '<a@example.com>',
      references: ['<a@example.com>', '<b@example.com>'],
      headers: { 'X-Campaign': ['one', 'two'], 'List-Unsubscribe': '<https://example.com/u/1>' },
    })
    expect(lines.slice(0, 17)).toEqual([
      'Date: Sun, 01 Mar 2026 12:05:06 +0000',
      'From: Ann Lee <ann@example.com>',
      'Sender: robot@example.com',
      'Reply-To: help@example.com',
      'To: Bob <bob@example.org>, "Last, First" <f.last@example.org>,',
      ' =?utf-8?B?SsO8cmdlbiBNw7xsbGVy?= <jm@example.org>, x@example.org',
      'Cc: "John Q. Public" <jq@example.org>',
      'Subject: =?utf-8?B?R3LDvMOfZQ==?=',
      'Message-ID: <id-1@example.com>',
      'In-Reply-To: <a@example.com>',
      'References: <a@example.com> <b@example.com>',
      'X-Campaign: one',
      'X-Campaign: two',
      'List-Unsubscribe: <https://example.com/u/1>',
      'MIME-Version: 1.0',
      PLAIN,
      encoding('7bit'),
    ])
    expect(lines.join()).not.toMatch(/bcc|secret/i)
  })

  it('an empty subject is an empty field', () => {
    expect(wire({ subject: '' })).toContain('Subject:')
  })
})

describe('how text is encoded', () => {
  const long = 'x'.repeat(999)
  it.each([
    ['ASCII with lines up to 998 octets', 'x'.repeat(998), {}, '7bit'],
    ['ASCII with a longer line', long, {}, 'quoted-printable'],
    ['a NUL', 'a\0b', { eightBitMime: true }, 'quoted-printable'],
    ['mostly ASCII', 'Viele Grüße aus dem sonnigen Süden', {}, 'quoted-printable'],
    ['mostly not ASCII', 'こんにちは、世界', {}, 'base64'],
    ['UTF-8 where the server takes 8bit', 'Grüße', { eightBitMime: true }, '8bit'],
    ['UTF-8 with a line of more than 998 octets', 'ü'.repeat(500), { eightBitMime: true }, 'base64'],
  ] as const)('%s', (_, text, options, expected) => {
    expect(wire({ text }, options)).toContain(encoding(expected))
  })

  it('blanks at the end of lines and equals signs are encoded, lines stay within 76', () => {
    const text = `ü=1 \n\t\n${'a'.repeat(74)} \n${'b'.repeat(75)}\n${'c'.repeat(80)}`
    expect(wire({ text }).slice(8)).toEqual([
      '=C3=BC=3D1=20',
      '=09',
      `${'a'.repeat(74)}=`,
      '=20',
      'b'.repeat(75),
      `${'c'.repeat(75)}=`,
      'ccccc',
    ])
  })

  it('a multipart that contains 8bit declares it', () => {
    const composed = compose(toMessage({ ...fixed, text: 'ü', html: 'ü' }), { eightBitMime: true })
    expect(composed.eightBit).toBe(true)
    expect(composed.bytes!.toString().match(/Content-Transfer-Encoding: 8bit/g)).toHaveLength(3)
  })

  it('a message inside a message is never encoded; otherwise it is sent as a file', () => {
    expect(wire(attach('Subject: x\n\nhi\n')).slice(-9)).toEqual([
      'Content-Type: message/rfc822; name="m.eml"',
      'Content-Disposition: attachment; filename="m.eml"',
      encoding('7bit'),
      '',
      'Subject: x',
      '',
      'hi',
      '',
      '--A--',
    ])
    expect(wire(attach('Subject: ü\n\nhi'), { eightBitMime: true })).toContain(
      'Content-Type: message/rfc822; name="m.eml"',
    )
    expect(wire(attach('Subject: ü\n\nhi'))).toContain('Content-Type: application/octet-stream; name="m.eml"')
  })
})

describe('what a server must offer', () => {
  it.each([
    ['a name beyond ASCII needs nothing', { from: 'Jürgen <j@example.com>' }, false],
    ['an address beyond ASCII needs SMTPUTF8', { from: 'jürgen@example.com' }, true],
    ['also one that gets no copy', { cc: 'jürgen@example.com', envelope: { to: 'bob@example.org' } }, true],
  ] as const)('%s', (_, input, expected) => {
    const composed = compose(toMessage({ ...fixed, text: '', ...input }))
    expect(composed.smtputf8).toBe(expected)
    expect(composed.eightBit).toBe(expected)
    expect(composed.size).toBe(composed.bytes!.length)
  })

  it('an address beyond ASCII is not changed', () => {
    expect(wire({ to: 'Jürgen <jürgen@example.com>', text: '' })).toContain(
      'To: =?utf-8?Q?J=C3=BCrgen?= <jürgen@example.com>',
    )
  })
})
