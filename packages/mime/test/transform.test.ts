import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import type { MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose, type EntityTransform } from '@loudmail/mime'

const base = {
  from: 'a@example.com',
  to: 'b@example.com',
  messageId: 'id@example.com',
  date: new Date(0),
} as const
const sealed: EntityTransform = (entity) => {
  return Buffer.concat([
    Buffer.from('Content-Type: application/x-sealed\n\n'),
    Buffer.from(entity.toString('hex')),
  ])
}

async function text(input: Partial<MessageInput>, transform: EntityTransform): Promise<string> {
  const { bytes, chunks } = compose(toMessage({ ...base, ...input }), { transform, eightBitMime: true })
  if (bytes) return bytes.toString()
  let out = ''
  for await (const chunk of chunks) out += chunk.toString()
  return out
}

describe('a transform', () => {
  it('gets the content in 7bit and returns its replacement', async () => {
    const composed = await text({ text: 'ü' }, sealed)
    const [header, body] = composed.split('\r\n\r\n')
    expect(header).toMatch(/MIME-Version: 1.0\r\nContent-Type: application\/x-sealed$/)
    expect(Buffer.from(body!.trimEnd(), 'hex').toString()).toBe(
      'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC\r\n',
    )
  })

  it.each<[string, Partial<MessageInput>]>([
    ['blanks at the end of a line', { text: 'a \nb\t\n-- \nAnn' }],
    ['blanks at the end', { text: 'a ' }],
    ['a blank line of blanks', { text: 'a\n   \nb' }],
    ['html with both', { html: '<p>\nFrom here on \n</p>' }],
    ['a line with From', { text: 'From now on' }],
    ['a later line with From', { text: 'Hi,\nFrom now on\nFrom x' }],
    ['From after a soft line break', { text: `${'ü'.repeat(12)}xyzFrom now ${'a'.repeat(75)}From ` }],
    ['a calendar', { calendar: { method: 'request', content: 'DESCRIPTION:a \r\n b' } }],
    [
      'a message in it',
      { attachments: [{ contentType: 'message/rfc822', content: 'Subject: \n\nFrom x \n' }] },
    ],
    ['a header that is folded', { attachments: [{ filename: 'ü'.repeat(200), content: 'a' }] }],
  ])('gets no line that a relay or a mailbox file changes: %s', async (_, input) => {
    const seen: string[] = []
    const bytes = await text(input, (entity) => {
      seen.push(entity.toString())
      return entity
    })
    expect(seen[0]).not.toMatch(/[ \t]\r\n|[ \t]$|^From /m)
    const { text: body, html } = await PostalMime.parse(bytes)
    if (input.text) expect(body!.trimEnd()).toBe(input.text.trimEnd())
    if (input.html) expect(html!.trim()).toBe(input.html)
  })

  it('is the only reason to encode such lines', () => {
    const { bytes } = compose(toMessage({ ...base, text: 'a \nFrom b' }))
    expect(bytes!.toString()).toContain('7bit\r\n\r\na \r\nFrom b')
  })

  it('may return a promise, and may get a stream', async () => {
    const later: EntityTransform = async (entity) => sealed(entity)
    expect(await text({ text: 'x' }, later)).toBe(await text({ text: 'x' }, sealed))
    const streamed = {
      attachments: [
        {
          filename: 'a',
          content: async function* () {
            yield 'a'
          },
        },
      ],
    }
    expect((await text(streamed, sealed)).length).toBe(
      (await text({ attachments: [{ filename: 'a', content: 'a' }] }, sealed)).length,
    )
  })

  it.each<[string, EntityTransform]>([
    [
      'throws',
      () => {
        throw new Error('no key')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no key'))],
    ['gives no bytes', () => 'text' as unknown as Uint8Array],
    ['gives more than ASCII', () => Buffer.from('Content-Type: text/plain\r\n\r\nü')],
    ['gives a line that is too long', () => Buffer.from('a'.repeat(999))],
  ])('that %s fails the message while it is composed', async (_, transform) => {
    await expect(text({ text: 'x' }, transform)).rejects.toMatchObject({
      code: 'compose/unexpected',
      delivered: 'none',
    })
  })
})
