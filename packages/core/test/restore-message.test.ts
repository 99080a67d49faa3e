import { describe, expect, it } from 'vitest'
import { Mailer, memory, type MessageInput } from '../src/index.ts'
import { restoreMessage, toMessage, type ComposedMessage, type RawMessage } from '../src/transport.ts'
import { BOB, CAROL, three } from './scripted.ts'

const input: MessageInput = {
  ...three,
  subject: 'Hello',
  html: '<p>Hi</p>',
  headers: { 'X-Id': '7' },
  attachments: [{ filename: 'a.txt', content: 'A' }],
  date: new Date(0),
  messageId: 'one@example.com',
  idempotencyKey: 'one',
  envelope: { from: 'bounces@example.com', to: [BOB, CAROL] },
}

/** The fields as somebody would keep them, without the methods. */
function fieldsOf(message: ComposedMessage | RawMessage) {
  const { envelope: _, ...fields } = message
  return fields
}

describe('a message that is restored', () => {
  it.each([
    ['composed', input],
    ['raw', { raw: 'From: ann@example.com\r\n\r\nHi\r\n', envelope: { from: '', to: [BOB, CAROL] } }],
  ] as const)('is the one that its fields were taken from, if it was %s', (_what, each) => {
    const message = toMessage(each)
    const restored = restoreMessage(fieldsOf(message), message.envelope)
    expect({ ...restored }).toEqual({ ...message })
    expect(restored.replayable).toBe(true)
    expect(Object.isFrozen(restored)).toBe(true)
  })

  it('can be narrowed, also with another key', () => {
    const message = toMessage(input)
    const restored = restoreMessage(fieldsOf(message), message.envelope)
    const narrowed = restored.forRecipients([CAROL], 'two')
    expect(narrowed.envelope).toEqual({ ...message.envelope, to: [CAROL] })
    expect(narrowed).toMatchObject({
      messageId: '<one@example.com>',
      idempotencyKey: 'two',
      subject: 'Hello',
    })
    expect(() => restored.forRecipients(['eve@example.com'])).toThrow('is not in the envelope')
  })
})

describe('a message that was built already', () => {
  it('stays as it is when it is built again, whatever the defaults', () => {
    const message = toMessage(input)
    expect(toMessage(message as never, { replyTo: 'support@example.com' })).toBe(message)
  })

  it('is sent by a mailer to those that it was narrowed to, with its own Message-ID', async () => {
    const transport = memory()
    const mailer = new Mailer({ transport, defaults: { from: 'shop@example.com', subject: 'None' } })
    const message = toMessage(input).forRecipients([CAROL])
    const receipt = await mailer.send(message as never)
    expect(receipt.messageId).toBe('<one@example.com>')
    const [sent] = transport.messages as readonly ComposedMessage[]
    expect(sent).toBe(message)
    expect(sent!.envelope.to).toEqual([CAROL])
  })

  it('cannot be imitated: a copy of its fields is an input like any other', () => {
    expect(() => toMessage({ ...toMessage(input) } as never)).toThrow('compose/invalid-message')
  })
})
