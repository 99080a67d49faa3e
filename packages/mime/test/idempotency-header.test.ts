import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import { describe, expect, it } from 'vitest'

const NAME = 'X-Idempotency-Key'
const envelope = { from: 'ann@example.com', to: ['bob@example.com'] }
const composed = { from: 'ann@example.com', to: 'bob@example.com', subject: 'Tea', text: 'It is ready.' }
const key = 'order/7'

async function textOf(input: object, idempotencyHeader: string | undefined = NAME): Promise<string> {
  const { bytes, chunks } = compose(toMessage(input), { idempotencyHeader })
  if (bytes) return bytes.toString()
  const parts: Buffer[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

const fieldsOf = (text: string): string[] => [...text.matchAll(/^x-idempotency-key: .*$/gim)].map(String)

describe('the field for the idempotency key', () => {
  it.each<[title: string, input: object]>([
    ['composed', { ...composed, idempotencyKey: key }],
    ['with a stream', { ...composed, idempotencyKey: key, attachments: [{ content: () => stream() }] }],
    ['raw', { raw: 'Subject: Tea\r\n\r\nIt is ready.\r\n', envelope, idempotencyKey: key }],
    ['raw, a stream', { raw: () => stream(), envelope, idempotencyKey: key }],
    [
      'with a field of its own of that name',
      { ...composed, idempotencyKey: key, headers: { 'x-idempotency-KEY': 'old' } },
    ],
  ])('is at the top, once: %s', async (_title, input) => {
    const text = await textOf(input)
    expect(text).toMatch(/^X-Idempotency-Key: order\/7\r\n\S/)
    expect(fieldsOf(text)).toEqual(['X-Idempotency-Key: order/7'])
  })

  it('is the only difference', async () => {
    const date = new Date(0)
    const messageId = 'tea@example.com'
    const [plain, keyed] = [
      { ...composed, date, messageId },
      { ...composed, date, messageId, idempotencyKey: key },
    ]
    expect(await textOf(keyed)).toBe(`X-Idempotency-Key: order/7\r\n${await textOf(plain)}`)
    expect(compose(toMessage(keyed), { idempotencyHeader: NAME })).toMatchObject({
      smtputf8: false,
      eightBit: false,
    })
  })

  it('counts in the size', () => {
    const { bytes, size } = compose(toMessage({ ...composed, idempotencyKey: key }), {
      idempotencyHeader: NAME,
    })
    expect(size).toBe(bytes!.length)
  })

  it('is one line, however long the key', async () => {
    const long = 'k'.repeat(256)
    expect(fieldsOf(await textOf({ ...composed, idempotencyKey: long }))).toEqual([
      `X-Idempotency-Key: ${long}`,
    ])
  })

  it.each([
    ['a message has no key', composed, NAME],
    ['nobody asks for it', { ...composed, idempotencyKey: key }, undefined],
  ])('is not there if %s', async (_title, input, name) => {
    const { bytes } = compose(toMessage(input), { idempotencyHeader: name })
    expect(bytes!.toString()).not.toMatch(/idempotency|order/i)
  })

  it('leaves a field of that name alone if a message has no key', async () => {
    expect(fieldsOf(await textOf({ ...composed, headers: { 'X-Idempotency-Key': 'own' } }))).toHaveLength(1)
  })
})

async function* stream(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('Subject: Tea\r\n\r\nIt is ready.\r\n')
}
