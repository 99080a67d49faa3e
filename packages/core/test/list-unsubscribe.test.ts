import { describe, expect, it } from 'vitest'
import { memory, Mailer, type ListUnsubscribeInput, type MessageInput } from '@loudmail/core'
import { toMessage, type ComposedMessage } from '@loudmail/core/transport'

const base = { from: 'tea@example.com', to: 'ann@rcpt.example', subject: 'Tea' } as const

function headersOf(listUnsubscribe: ListUnsubscribeInput, more: Partial<MessageInput> = {}) {
  return (toMessage({ ...base, ...more, listUnsubscribe }) as ComposedMessage).headers
}

const POST = ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click']

describe('listUnsubscribe becomes header fields', () => {
  it.each<[ListUnsubscribeInput, string]>([
    [{ url: 'https://example.com/u?t=1' }, '<https://example.com/u?t=1>'],
    [{ url: new URL('https://example.com/u?t=1') }, '<https://example.com/u?t=1>'],
    [{ url: 'http://localhost:3000/u' }, '<http://localhost:3000/u>'],
    [{ url: 'http://127.0.0.1/u' }, '<http://127.0.0.1/u>'],
    [{ url: 'http://[::1]:8/u' }, '<http://[::1]:8/u>'],
    [
      { url: 'https://example.com/u', mailto: 'leave@example.com' },
      '<https://example.com/u>, <mailto:leave@example.com>',
    ],
    [{ url: 'https://example.com/a,b' }, '<https://example.com/a,b>'],
  ])('with one click: %j', (input, value) => {
    expect(headersOf(input)).toEqual([['List-Unsubscribe', value], POST])
  })

  it.each([
    ['leave@example.com', 'mailto:leave@example.com'],
    ['a+b%c@example.com', 'mailto:a%2Bb%25c@example.com'],
    ['"a >b"@example.com', 'mailto:%22a%20%3Eb%22@example.com'],
    ['grün@bücher.example', 'mailto:gr%C3%BCn@xn--bcher-kva.example'],
    ['leave@[192.0.2.1]', 'mailto:leave@%5B192.0.2.1%5D'],
    ['mailto:leave@example.com?subject=news', 'mailto:leave@example.com?subject=news'],
    ['MAILTO:a%2Bb@example.com', 'MAILTO:a%2Bb@example.com'],
  ])('without one click if it is an address: %s', (mailto, link) => {
    expect(headersOf({ mailto })).toEqual([['List-Unsubscribe', `<${link}>`]])
  })

  it('behind those of the message', () => {
    const headers = headersOf(
      { url: 'https://example.com/u' },
      { headers: { 'List-Id': '<tea.example.com>' } },
    )
    expect(headers.map(([name]) => name)).toEqual(['List-Id', 'List-Unsubscribe', 'List-Unsubscribe-Post'])
  })

  it('with a default of the mailer, which a message can replace', async () => {
    const transport = memory()
    await using mailer = new Mailer({
      transport,
      defaults: { ...base, listUnsubscribe: { mailto: 'leave@example.com' } },
    })
    await mailer.send({})
    await mailer.send({ listUnsubscribe: { url: 'https://example.com/u' } })
    const sent = transport.messages as unknown as { headers: unknown }[]
    expect(sent.map(({ headers }) => headers)).toEqual([
      [['List-Unsubscribe', '<mailto:leave@example.com>']],
      [['List-Unsubscribe', '<https://example.com/u>'], POST],
    ])
  })
})

describe('a link for one address', () => {
  const url = 'https://example.com/u'
  it.each([
    [{ to: 'Ann <ann@RCPT.example>' }],
    [{ to: ['ann@rcpt.example', 'ann@RCPT.example'] }],
    [{ to: 'undisclosed-recipients:;', bcc: 'ann@rcpt.example' }],
    [{ to: 'list@example.com', envelope: { to: 'ann@rcpt.example' } }],
  ])('goes to it: %j', (more) => {
    expect(headersOf({ url, address: 'ann@Rcpt.example' }, more)).toHaveLength(2)
  })

  it.each<[Partial<MessageInput>, RegExp]>([
    [{ to: ['ann@rcpt.example', 'bob@rcpt.example'] }, /for one address, and the message has 2 recipients/],
    [{ cc: 'bob@rcpt.example' }, /2 recipients/],
    [{ bcc: 'bob@rcpt.example' }, /2 recipients/],
    [{ envelope: { to: ['ann@rcpt.example', 'bob@rcpt.example'] } }, /2 recipients/],
    [{ to: 'bob@rcpt.example' }, /for another address/],
    [{ envelope: { to: 'bob@rcpt.example' } }, /for another address/],
  ])('goes to nobody else: %j', (more, summary) => {
    expect(() => headersOf({ url, address: 'ann@rcpt.example' }, more)).toThrow(
      expect.objectContaining({
        code: 'compose/invalid-message',
        summary: expect.stringMatching(summary),
        hint: expect.stringContaining('whoever has the link can unsubscribe its address'),
      }),
    )
  })

  it('says to send one message for each', () => {
    const input = { url, address: 'ann@rcpt.example' }
    expect(() => headersOf(input, { cc: 'bob@rcpt.example' })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('Send one message for each recipient') }),
    )
  })
})

describe('listUnsubscribe is refused', () => {
  const invalid = 'compose/invalid-message'
  it.each<[unknown, string, RegExp]>([
    [{}, invalid, /needs url, mailto, or both/],
    [null, invalid, /must be an object/],
    ['https://example.com/u', invalid, /must be an object/],
    [{ url: 'http://example.com/u' }, invalid, /must be an https URL/],
    [{ url: 'http://localhost.example.com/u' }, invalid, /must be an https URL/],
    [{ url: 'http://127.0.0.1.example.com/u' }, invalid, /must be an https URL/],
    [{ url: 'javascript:alert(1)' }, invalid, /must be an https URL/],
    [{ url: '/u' }, invalid, /must be an https URL/],
    [{ url: '' }, invalid, /must be an https URL/],
    [{ url: 'https:example.com/u' }, invalid, /needs https:\/\/ and a host/],
    [{ url: 'https:/example.com/u' }, invalid, /needs https:\/\/ and a host/],
    [{ url: 'https:///example.com/u' }, invalid, /needs https:\/\/ and a host/],
    [{ url: 'https://ann:pw@example.com/u' }, invalid, /must have no user and no password$/],
    [{ url: 'https://example.com/#/u?token=a' }, invalid, /must have no fragment/],
    [{ url: 'https://example.com/u#' }, invalid, /must have no fragment/],
    [{ url: 1 }, invalid, /must be a string/],
    [{ url: 'https://example.com/u>,<https://evil.example/' }, invalid, /no URL can have, at position 21/],
    [{ url: 'https://example.com/a b' }, invalid, /no URL can have/],
    [{ url: 'https://example.com/\t' }, invalid, /no URL can have/],
    [{ url: 'https://example.com/\u2028' }, invalid, /no URL can have/],
    [{ url: 'https://example.com/u\r\nBcc: eve@example.com' }, 'compose/header-injection', /a line break/],
    [{ url: `https://example.com/${'a'.repeat(900)}` }, invalid, /920 characters/],
    [{ url: `https://example.com/${'ü'.repeat(200)}` }, invalid, /1220 characters/],
    [{ mailto: `${'a'.repeat(900)}@example.com` }, invalid, /room for 900/],
    [{ mailto: 'leave' }, 'compose/invalid-address', /no @/],
    [{ mailto: '' }, 'compose/invalid-address', /no @/],
    [{ mailto: 'a@example.com,b@example.com' }, 'compose/invalid-address', /mailto/],
    [{ mailto: 'mailto:?to=a@example.com' }, 'compose/invalid-address', /mailto/],
    [{ mailto: 'mailto:a%@example.com' }, invalid, /percent sign/],
    [{ mailto: 'mailto:a@example.com?subject=a>b' }, invalid, /no URL can have/],
    [{ mailto: 'a@example.com\nX: 1' }, 'compose/header-injection', /a line break/],
    [{ url: 'https://example.com/u', address: 'ann' }, 'compose/invalid-address', /listUnsubscribe.address/],
    [{ href: 'https://example.com/u' }, invalid, /Instead of href: write `url`/],
    [{ url: 'https://example.com/u', lists: 1 }, invalid, /has no field "lists"/],
  ])('%j', (input, code, summary) => {
    expect(() => headersOf(input as ListUnsubscribeInput)).toThrow(
      expect.objectContaining({ code, summary: expect.stringMatching(summary) }),
    )
  })

  it.each(['List-Unsubscribe', 'list-unsubscribe-post'])('beside a header %s', (name) => {
    const headers = { [name]: '<https://example.com/u>' }
    expect(() => headersOf({ mailto: 'a@example.com' }, { headers })).toThrow(
      /headers must not contain List-Unsub/,
    )
  })

  it('with raw', () => {
    const envelope = { from: 'a@example.com', to: 'b@example.com' }
    const listUnsubscribe = { url: 'https://example.com/u' }
    expect(() => toMessage({ raw: 'Subject: a\r\n\r\n', envelope, listUnsubscribe })).toThrow(
      /leave out listUnsubscribe, or make it part of raw/,
    )
  })
})

it('is what a message with the list of nodemailer is told to use', () => {
  const input = { ...base, list: { unsubscribe: 'https://example.com' } } as MessageInput
  expect(() => toMessage(input)).toThrow(/Instead of list: write `listUnsubscribe: { url, mailto }`/)
})
