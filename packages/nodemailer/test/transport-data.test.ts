import { toMessage } from '@loudmail/core/transport'
import { startServer } from '@loudmail/server'
import { createTransport } from 'nodemailer'
import { expect, it } from 'vitest'
import { nodemailer } from '../src/index.ts'
import { message, scene } from './setup.ts'

interface Data {
  template?: string
  context?: Record<string, unknown>
  html?: unknown
}

it('a compile plugin finds its template and context, and the message needs no other content', async () => {
  await using server = await startServer()
  const transporter = createTransport({ host: 'localhost', port: server.port, tls: { ca: server.ca } })
  const shout = (name: unknown) => String(name).toUpperCase()
  transporter.use('compile', (mail, done) => {
    const { template, context } = mail.data as Data
    const name = (context!.shout as typeof shout)(context!.name)
    mail.data.html = `<p>${template}: ${name}</p>`
    done()
  })
  const transport = nodemailer(transporter)
  await transport.send(
    toMessage({
      from: 'ann@sender.example',
      to: 'bob@rcpt.example',
      transportData: { template: 'welcome', context: { name: 'Bob', shout } },
    }),
  )
  expect(String(server.messages[0]?.content)).toContain('<p>welcome: BOB</p>')
  await transport.close?.()
})

it('no key of transportData changes a field of the message or a recipient', async () => {
  await using s = await scene({})
  const evil = 'evil@rcpt.example'
  const transportData = {
    from: evil,
    sender: evil,
    replyTo: evil,
    to: evil,
    cc: evil,
    bcc: evil,
    subject: 'evil',
    text: 'evil',
    html: 'evil',
    raw: 'evil: evil',
    attachments: [{ content: 'evil' }],
    alternatives: [{ content: 'evil' }],
    icalEvent: { content: 'evil' },
    envelope: { from: evil, to: [evil] },
    messageId: '<evil@rcpt.example>',
    inReplyTo: '<evil@rcpt.example>',
    references: '<evil@rcpt.example>',
    headers: { 'X-Evil': 'evil' },
    date: new Date(0),
    dsn: { id: 'evil' },
    disableFileAccess: false,
  }
  await s.transport.send(message({ transportData }))
  const envelope = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
  await s.transport.send(toMessage({ raw: 'Subject: raw\r\n\r\nraw', envelope, transportData }))
  for (const { envelope: taken, content } of s.server.messages) {
    expect(taken).toMatchObject({ from: 'ann@sender.example', to: ['bob@rcpt.example'] })
    expect(String(content)).not.toContain('evil')
  }
  expect(s.server.messages).toHaveLength(2)
})

it('several authors, and recipients that are only in the envelope', async () => {
  await using s = await scene({})
  const from = ['Ann <ann@sender.example>', 'Di <di@sender.example>']
  await s.transport.send(message({ from, sender: 'cy@sender.example', to: [], bcc: 'bob@rcpt.example' }))
  const [{ envelope, content }] = s.server.messages as [(typeof s.server.messages)[0]]
  expect(envelope).toMatchObject({ from: 'cy@sender.example', to: ['bob@rcpt.example'] })
  const text = String(content).replaceAll(/\r\n[ \t]+/g, ' ')
  expect(text).toMatch(/^From: Ann <ann@sender\.example>, Di <di@sender\.example>\r$/m)
  expect(text).toMatch(/^Sender: cy@sender\.example\r$/m)
  expect(text).toMatch(/^To: "?undisclosed-recipients"?:;\r$/m)
})

it('what others wrote goes out as it is', async () => {
  await using s = await scene({})
  const local = `reply+${'a1b2c3d4'.repeat(8)}`
  const transport = message({
    to: [`${local}@rcpt.example`, '"abc."@rcpt.example'],
    from: 'ann@[IPv6:2001:db8::1]',
    inReplyTo: '<without-an-at>',
    references: '<a@b>,<without-an-at><c@d>',
  })
  await s.transport.send(transport)
  const [{ envelope, content }] = s.server.messages as [(typeof s.server.messages)[0]]
  expect(envelope.to).toEqual([`${local}@rcpt.example`, '"abc."@rcpt.example'])
  const text = String(content).replaceAll(/\r\n[ \t]+/g, ' ')
  expect(text).toMatch(/^Message-ID: <[\w-]+@\[IPv6:2001:db8::1\]>\r$/m)
  expect(text).toMatch(/^In-Reply-To: <without-an-at>\r$/m)
  expect(text).toMatch(/^References: <a@b> <without-an-at> <c@d>\r$/m)
})
