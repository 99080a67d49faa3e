import { join } from 'node:path'
import { expect, it } from 'vitest'
import { message, scene } from './setup.ts'

it('nothing of a message is lost', async () => {
  await using s = await scene({ caps: ['SIZE', 'DSN', '8BITMIME'] })
  const sent = message({
    from: 'Änn <ann@sender.example>',
    sender: 'secretary@sender.example',
    replyTo: ['Desk <desk@sender.example>', 'ann@sender.example'],
    cc: 'carol@rcpt.example',
    bcc: 'hidden@rcpt.example',
    subject: 'Grüße',
    text: 'plain words',
    html: '<p>words <img src="cid:logo"></p>',
    attachments: [
      { content: 'first', filename: 'first.txt' },
      { content: () => Buffer.from('second'), filename: 'logo.png', contentId: 'logo' },
      { content: 'third', contentType: 'application/x-third' },
    ],
    calendar: { method: 'request', content: 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR' },
    headers: { 'X-One': 'a', 'X-Many': ['b', 'c'] },
    messageId: 'id@sender.example',
    date: new Date('2026-01-02T03:04:05Z'),
    inReplyTo: 'before@rcpt.example',
    references: ['first@rcpt.example', 'before@rcpt.example'],
    dsn: { notify: ['success', 'delay'], ret: 'headers', envelopeId: 'env-1' },
  })
  await s.transport.send(sent)
  const [{ envelope, content }] = s.server.messages as [(typeof s.server.messages)[0]]
  expect(envelope).toMatchObject({
    from: 'secretary@sender.example',
    to: ['bob@rcpt.example', 'carol@rcpt.example', 'hidden@rcpt.example'],
    mailParameters: { RET: 'HDRS', ENVID: 'env-1' },
  })
  expect(envelope.rcptParameters[0]).toMatchObject({ NOTIFY: 'SUCCESS,DELAY' })
  const text = String(content).replaceAll(/\r\n[ \t]+/g, ' ')
  for (const line of [
    /^From: =\?UTF-8\?.*ann@sender\.example/m,
    /^Sender: secretary@sender\.example/m,
    /^Reply-To: .*desk@sender\.example.*, ann@sender\.example/m,
    /^To: bob@rcpt\.example/m,
    /^Cc: carol@rcpt\.example/m,
    /^Subject: =\?UTF-8\?/m,
    /^Date: Fri, 02 Jan 2026 03:04:05 \+0000/m,
    /^Message-ID: <id@sender\.example>/m,
    /^In-Reply-To: <before@rcpt\.example>/m,
    /^References: <first@rcpt\.example> <before@rcpt\.example>/m,
    /^X-One: a/m,
    /^X-Many: b/m,
    /^X-Many: c/m,
    /filename=first\.txt/,
    /^Content-Id: <logo>/im,
    /^Content-Type: application\/x-third$/im,
    /^Content-Type: text\/calendar; .*method=REQUEST/im,
    /METHOD:REQUEST|TUVUSE9EOlJFUVVFU1Q/,
    /plain words/,
  ])
    expect(text).toMatch(line)
  expect(text).toContain(Buffer.from('second').toString('base64'))
  expect(text).not.toContain('hidden')
})

it('a raw message goes as it is', async () => {
  await using s = await scene({})
  const raw = 'Subject: by hand\r\nMessage-ID: <raw@sender.example>\r\n\r\n.a line with a dot\r\nfrom\n'
  const fields = { from: undefined, to: undefined, subject: undefined, text: undefined }
  const envelope = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
  await s.transport.send(message({ ...fields, raw, envelope }))
  await s.transport.send(message({ ...fields, raw: () => Buffer.from(raw), envelope }))
  for (const { content } of s.server.messages) expect(String(content)).toBe(raw.replaceAll(/\r?\n/g, '\r\n'))
})

it('an attachment has its charset, its type and its own headers', async () => {
  await using s = await scene({ caps: ['SIZE', '8BITMIME'] })
  const png = Buffer.from('89504e470d0a1a0a', 'hex')
  const file = join(import.meta.dirname, '../README.md')
  const attachments = [
    { filename: 'a.csv', contentType: 'text/csv', content: 'Zürich' },
    { filename: 'b.csv', content: Buffer.from('Zürich', 'latin1') },
    { filename: 'logo', content: png, headers: { 'Content-Description': 'Größe', 'X-Own': ['1', '2'] } },
    { path: file },
    { filename: 'c.csv', content: new Blob(['Zürich'], { type: 'text/csv' }) },
  ]
  await s.transport.send(message({ attachments }))
  const text = String(s.server.messages[0]!.content).replaceAll(/\r\n[ \t]+/g, ' ')
  for (const line of [
    /^Content-Type: text\/csv; charset=utf-8; name=a\.csv/m,
    /^Content-Type: text\/csv; name=b\.csv/m,
    /^Content-Type: image\/png; name=logo/m,
    /^Content-Type: text\/markdown; charset=utf-8; name=README\.md/m,
    /^Content-Description: =\?UTF-8\?\w\?Gr=C3=B6=C3=9Fe\?=/m,
    /^X-Own: 1/m,
    /^X-Own: 2/m,
    /^Content-Type: text\/csv; name=c\.csv/m,
  ])
    expect(text).toMatch(line)
})

it.each([
  [
    'that does not exist fails for good',
    { path: '/does/not/exist.csv' },
    'permanent',
    /"exist\.csv".*ENOENT/,
  ],
  [
    'that fails for now may be sent again',
    {
      filename: 'a.csv',
      content: () => Promise.reject(Object.assign(new Error('busy'), { code: 'EMFILE' })),
    },
    'transient',
    /"a\.csv".*busy/,
  ],
])('an attachment %s', async (_what, attachment, permanence, words) => {
  await using s = await scene({})
  await expect(s.transport.send(message({ attachments: [attachment] }))).rejects.toMatchObject({
    code: 'compose/attachment',
    permanence,
    message: expect.stringMatching(words),
  })
})
