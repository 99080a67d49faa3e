import { once } from 'node:events'
import { Readable } from 'node:stream'
import { redirect } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { describe, expect, it } from 'vitest'
import { failureOf, message, scene } from './scene.ts'

const QA = 'qa@test.example'
const REAL = 'dev@corp.example'
const to = { to: QA, allow: ['corp.example'] }
const mixed = { to: [REAL, 'Bob <bob@rcpt.example>'], bcc: 'hidden@rcpt.example' }
const originals = (content: Buffer): string[] =>
  content
    .toString()
    .split('\r\n\r\n')[0]!
    .split('\r\n')
    .filter((line) => line.startsWith('X-Original-To'))

it('what the option to gets says who it was for, and the allowed recipients get it as it was written', async () => {
  await using own = await scene()
  await redirect(own.transport, to).send(message(mixed))
  const [real, copy] = own.server.messages
  expect([real!.envelope.to, copy!.envelope.to]).toEqual([[REAL], [QA]])
  expect([originals(real!.content), originals(copy!.content)]).toEqual([
    [],
    ['X-Original-To: bob@rcpt.example', 'X-Original-To: hidden@rcpt.example'],
  ])
  const withoutNames = copy!.content.toString().replaceAll(/X-Original-To: .*\r\n/g, '')
  expect(withoutNames).toBe(real!.content.toString())
  expect(withoutNames).toContain(`To: ${REAL}, Bob <bob@rcpt.example>\r\n`)
  expect(real!.content.toString()).not.toContain('hidden')
})

it('notifications and verified TLS are asked for as before', async () => {
  await using own = await scene({
    tls: 'implicit',
    caps: ['SIZE 10485760', 'DSN', 'REQUIRETLS', 'ENHANCEDSTATUSCODES'],
  })
  const dsn = { notify: ['failure'], ret: 'headers', envelopeId: 'order-1' } as const
  await redirect(own.transport, { to: QA }).send(message({ dsn, requireTlsOnward: true }))
  const [{ mailParameters, rcptParameters }] = [own.server.messages[0]!.envelope]
  expect(mailParameters).toMatchObject({ ENVID: 'order-1', RET: 'HDRS' })
  expect(Object.keys(mailParameters)).toContain('REQUIRETLS')
  expect(rcptParameters).toMatchObject([{ NOTIFY: 'FAILURE' }])
})

it.each([
  ['an address beyond ASCII in the option to', 'jörg@test.example', 'bob@rcpt.example', true],
  ['a hidden recipient beyond ASCII', QA, 'jörg@rcpt.example', false],
])('SMTPUTF8 is asked for where %s needs it', async (_who, target, bcc, asked) => {
  await using own = await scene()
  await redirect(own.transport, { to: target }).send(message({ bcc }))
  const [sent] = own.server.messages
  expect('SMTPUTF8' in sent!.envelope.mailParameters).toBe(asked)
  expect(sent!.eightBit).toBe(false)
})

it('a raw message that is a stream is sent with the names in front', async () => {
  await using own = await scene()
  const raw = (): Readable => Readable.from(['Subject: Hi\r\n', '\r\nHi\r\n'])
  const envelope = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
  await redirect(own.transport, { to: QA }).send(toMessage({ raw, envelope }))
  expect(own.server.messages[0]!.content.toString()).toBe(
    'X-Original-To: bob@rcpt.example\r\nSubject: Hi\r\n\r\nHi\r\n',
  )
})

describe('nobody who gets it instead can unsubscribe the recipient with the button of a mail program', () => {
  const link = `https://sender.example/unsubscribe?token=${'aB3-_'.repeat(150)}`
  const fields = (content: Buffer): string[] =>
    content
      .toString()
      .split('\r\n\r\n', 1)[0]!
      .split(/\r\n(?![\t ])/)
      .filter((field) => /^[\w-]*list-unsub/i.test(field))
  const renamed = [
    `X-Original-List-Unsubscribe: <${link}>,\r\n <mailto:leave@sender.example>`,
    'X-Original-List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  ]

  it('of a composed message, and the allowed recipient can', async () => {
    await using own = await scene()
    const transport = redirect(own.transport, to)
    for (const address of ['bob@rcpt.example', REAL]) {
      const listUnsubscribe = { url: link, mailto: 'leave@sender.example', address }
      await transport.send(message({ to: address, listUnsubscribe }))
    }
    const [copy, real] = own.server.messages
    expect(fields(copy!.content)).toEqual(renamed)
    expect(fields(real!.content)).toEqual(renamed.map((field) => field.slice('X-Original-'.length)))
  })

  const header = `LIST-Unsubscribe\t: <${link}>,\r\n <mailto:leave@sender.example>\r\nX: List-Unsubscribe: y\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click`
  const content = `${header}\r\n\r\nList-Unsubscribe: in the text\r\n`
  const whole = (): Readable => Readable.from([content])
  const octets = (): Readable => Readable.from(content.split(/(?=[^])/))
  it.each([
    ['in memory', content],
    ['that is a stream', whole],
    ['that is a stream of single octets', octets],
    ['that is a header alone', header],
  ])('of a raw message %s', async (_form, raw) => {
    await using own = await scene()
    const envelope = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
    await redirect(own.transport, { to: QA }).send(toMessage({ raw, envelope }))
    const sent = own.server.messages[0]!.content
    expect(fields(sent)).toEqual([renamed[0]!.replace(/List-Unsub\w+/, 'LIST-Unsubscribe\t'), renamed[1]])
    expect(sent.toString()).toContain('\r\nX: List-Unsubscribe: y\r\n')
    if (raw !== header) expect(sent.toString()).toMatch(/\r\n\r\nList-Unsubscribe: in the text\r\n$/)
  })
})

it('content that can be read only once goes to the allowed recipients, and the failure says so', async () => {
  await using own = await scene()
  const content = Readable.from(['content'])
  const sending = redirect(own.transport, to).send(message({ ...mixed, attachments: [{ content }] }))
  const error = await failureOf(sending)
  expect(error).toMatchObject({ code: 'compose/attachment', delivered: 'some', retryable: false })
  expect(error.recipients.map(({ status }) => status)).toEqual(['accepted', 'not-attempted', 'not-attempted'])
  expect(own.server.messages.map(({ envelope }) => envelope.to)).toEqual([[REAL]])
  if (!content.destroyed) await once(content, 'close')
})

it('a refusal of the option to is a failure of the recipients whose mail goes there', async () => {
  await using own = await scene({ on: { RCPT: { byRcpt: { [QA]: '550 5.1.1 no such user' } } } })
  const error = await failureOf(redirect(own.transport, to).send(message(mixed)))
  expect(error).toMatchObject({ code: 'rcpt-to/mailbox-unknown', delivered: 'some', reply: { code: 550 } })
  expect(error.recipients).toMatchObject([
    { address: REAL, status: 'accepted' },
    { address: 'bob@rcpt.example', status: 'rejected', permanence: 'permanent', reply: { code: 550 } },
    { address: 'hidden@rcpt.example', status: 'rejected' },
  ])
})
