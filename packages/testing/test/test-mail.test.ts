import { MailError } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { testInbox, type TestMail } from '../src/index.ts'
import { capture, KeptMails } from './capture.ts'

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

async function sent(input: Parameters<ReturnType<typeof capture>['send']>[0]): Promise<TestMail> {
  const { store, send } = capture()
  await send(input)
  return testInbox(store).last()
}

function raw(content: string): Parameters<typeof sent>[0] {
  const envelope = { from: 'ann@sender.example', to: ['bob@rcpt.example'] }
  return { to: undefined, raw: content.replaceAll('\n', '\r\n'), envelope }
}

describe('a mail in a test', () => {
  it('has what its recipient sees', async () => {
    const mail = await sent({
      from: 'Jürgen <jurgen@sender.example>',
      to: ['Ann <ann@rcpt.example>', 'bob@rcpt.example'],
      cc: 'Carol <carol@rcpt.example>',
      bcc: 'dave@rcpt.example',
      replyTo: 'help@sender.example',
      subject: 'Grüße aus dem Teeladen',
      text: 'Guten Tag\r\nIhr Tee ist da.\r\n',
      html: '<p>Ihr Tee ist <b>da</b>.</p>\r\n',
    })
    expect(mail).toMatchObject({
      state: 'captured',
      from: { name: 'Jürgen', address: 'jurgen@sender.example' },
      to: [
        { name: 'Ann', address: 'ann@rcpt.example' },
        { name: '', address: 'bob@rcpt.example' },
      ],
      cc: [{ name: 'Carol', address: 'carol@rcpt.example' }],
      replyTo: [{ name: '', address: 'help@sender.example' }],
      subject: 'Grüße aus dem Teeladen',
      text: 'Guten Tag\nIhr Tee ist da.',
      html: '<p>Ihr Tee ist <b>da</b>.</p>',
    })
    expect(mail.at).toBeInstanceOf(Date)
    expect(mail.id).toBe('000001')
  })

  it('shows all recipients in the envelope, including Bcc', async () => {
    const { envelope, headers } = await sent({ bcc: 'dave@rcpt.example' })
    expect(envelope.to).toEqual(['ann@rcpt.example', 'dave@rcpt.example'])
    expect(headers.get('bcc')).toBeUndefined()
  })

  it('returns a header by its name in any case, unfolded and decoded', async () => {
    const subject = 'Grüße '.repeat(30).trim()
    const { headers } = await sent({ subject, headers: { 'X-Campaign': 'spring' } })
    expect(headers.get('subject')).toBe(subject)
    expect(headers.get('X-CAMPAIGN')).toBe('spring')
    expect(headers.get('x-other')).toBeUndefined()
  })

  it('returns every header with a name', async () => {
    const { headers } = await sent(raw('Received: by b\nReceived: by a\nSubject: Hi\n\nHello\n'))
    expect(headers.all('received')).toEqual(['by b', 'by a'])
    expect(headers.fields.map(({ name }) => name)).toEqual(['Received', 'Received', 'Subject'])
  })

  it('has attachments with their bytes', async () => {
    const { attachments } = await sent({
      html: '<img src="cid:pixel@tea">',
      attachments: [
        { filename: 'Übersicht.pdf', content: Buffer.from([0, 255, 13, 10]), contentType: 'application/pdf' },
        { filename: 'pixel.gif', content: PIXEL, contentId: 'pixel@tea' },
      ],
    })
    const invoice = attachments.find(({ filename }) => filename === 'Übersicht.pdf')
    const pixel = attachments.find(({ filename }) => filename === 'pixel.gif')
    expect(invoice).toEqual({
      filename: 'Übersicht.pdf',
      contentType: 'application/pdf',
      content: new Uint8Array([0, 255, 13, 10]),
    })
    expect(pixel).toEqual({
      filename: 'pixel.gif',
      contentType: 'image/gif',
      content: new Uint8Array(PIXEL),
      contentId: 'pixel@tea',
    })
  })

  it('has the message as it went over the wire', async () => {
    const mail = await sent({ text: 'Hello' })
    expect(Buffer.from(mail.raw!).toString()).toMatch(/^Subject: Tea\r$/m)
  })

  it('has empty texts and lists if the message has none', async () => {
    const mail = await sent(raw('X-Only: 1\n\n'))
    expect(mail).toMatchObject({ from: { name: '', address: '' }, to: [], cc: [], replyTo: [] })
    expect(mail).toMatchObject({ subject: '', text: '', html: '', attachments: [], links: [], codes: [] })
  })

  it('has the members of a group among its recipients', async () => {
    const { to } = await sent(raw('To: Team: Ann <ann@rcpt.example>, bob@rcpt.example;\n\nHello\n'))
    expect(to.map(({ address }) => address)).toEqual(['ann@rcpt.example', 'bob@rcpt.example'])
  })

  it('says why it failed', async () => {
    const mail = await sent({ to: 'bob@full.example' })
    expect(mail).toMatchObject({
      state: 'failed',
      code: 'rcpt-to/mailbox-full',
      error: { retryable: true, reply: { code: 452 } },
      text: 'It is ready.',
    })
  })

  it('shows what is known about a failed send without a message', async () => {
    const store = new KeptMails()
    const error = new MailError({ stage: 'compose', kind: 'attachment' })
    store.add({
      state: 'failed',
      envelope: { from: 'ann@sender.example', to: ['bob@rcpt.example'], smtputf8: false },
      from: 'Ann <ann@sender.example>',
      to: ['Bob <bob@rcpt.example>', 'carol@rcpt.example'],
      subject: 'Your invoice',
      text: 'See https://tea.example/invoice, code 123456',
      error,
      code: error.code,
      transcript: { entries: [] },
    })
    expect(await testInbox(store).last()).toMatchObject({
      from: { name: 'Ann', address: 'ann@sender.example' },
      to: [
        { name: 'Bob', address: 'bob@rcpt.example' },
        { name: '', address: 'carol@rcpt.example' },
      ],
      subject: 'Your invoice',
      text: 'See https://tea.example/invoice, code 123456',
      links: ['https://tea.example/invoice'],
      codes: ['123456'],
      transcript: { entries: [] },
      raw: undefined,
    })
  })

  const nested = (depth: number): string => {
    const begin = (_: unknown, n: number): string =>
      `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`
    return `Subject: Deep\n${Array.from({ length: depth }, begin).join('')}\nThe innermost text\n`
  }

  it('whose parts are nested 300 deep is read', async () => {
    expect(await sent(raw(nested(300)))).toMatchObject({ subject: 'Deep', text: 'The innermost text' })
  })

  it('that cannot be read is an error that names it', async () => {
    await expect(sent(raw(nested(3_000)))).rejects.toThrow(/^the mail 000001, "", cannot be read: /)
  })
})
