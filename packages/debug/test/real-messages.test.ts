import { Mailer } from '@loudmail/core'
import { testInbox } from '@loudmail/testing'
import { createMimeMessage } from 'mimetext'
import { createTransport } from 'nodemailer'
import { describe, expect, it } from 'vitest'
import { debug } from '../src/index.ts'
import { readMail } from '../src/inbox/read-mail.ts'

interface Written {
  readonly raw: Buffer
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly files: readonly (readonly [string, Buffer])[]
}

/** A generator of Lehmer: the same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed * 7919 + 1
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

const WORDS =
  'tea Grüße 日本語のメール Привет עברית العربية naïve 😀 한국어 =?x?= a;b "q" ľščťž -- . .. ñandú ไทย'.split(
    ' ',
  )
const NAMES = [
  'plan.pdf',
  'Überweisung März.pdf',
  '見積書 2026.txt',
  `${'long name '.repeat(12)}.bin`,
  `${'とても長い名前'.repeat(8)}.csv`,
  'a;b=c.txt',
  "it's 100%.json",
  'semi "quoted".html',
  'invite.ics',
  'no-extension',
  '😀.png',
]

function content(next: (below: number) => number): Pick<Written, 'subject' | 'text' | 'html' | 'files'> {
  const words = (count: number): string =>
    Array.from({ length: count }, () => WORDS[next(WORDS.length)]!).join(' ')
  const lines = Array.from({ length: 1 + next(8) }, () => words(1 + next(30)))
  const files = Array.from({ length: next(4) }, (_, index) => {
    const octets = Buffer.from(Array.from({ length: [0, 1, 57, 300, 5_000][next(5)]! }, () => next(256)))
    const texts = ['a\nb\n', 'a\r\nb', '', ' \n\n', 'x'.repeat(2_000), 'ä\r\n\r\n']
    const name = NAMES[next(NAMES.length)]!
    return [`${index}${name}`, next(2) === 0 ? octets : Buffer.from(texts[next(texts.length)]!)] as const
  })
  return { subject: words(1 + next(20)), text: lines.join('\n'), html: `<p>${words(20)}</p>`, files }
}

async function byNodemailer(seed: number): Promise<Written> {
  const next = numbers(seed)
  const parts = content(next)
  const encodings = ['base64', 'quoted-printable', undefined] as const
  const html = next(3) > 0 ? parts.html : ''
  const { message } = await createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
  }).sendMail({
    from: { name: WORDS[next(WORDS.length)]!, address: 'ann@sender.example' },
    to: ['Bob "B" <bob@rcpt.example>', 'Team: cy@rcpt.example, dan@rcpt.example;'],
    subject: parts.subject,
    text: parts.text,
    ...(html !== '' && { html }),
    ...(next(2) === 0 && { textEncoding: 'base64' as const }),
    ...(next(4) === 0 && { headers: { 'X-Long': 'x '.repeat(4_000) } }),
    attachments: parts.files.map(([filename, octets]) => {
      // In quoted-printable it writes every line end as CRLF.
      const isSame = !/(?<!\r)\n/.test(octets.toString('latin1'))
      const contentTransferEncoding = isSame ? encodings[next(3)] : 'base64'
      return { filename, content: octets, ...(contentTransferEncoding && { contentTransferEncoding }) }
    }),
  })
  return { ...parts, html, raw: message as Buffer }
}

async function byMimetext(seed: number): Promise<Written> {
  const next = numbers(seed)
  const parts = content(next)
  const message = createMimeMessage()
  message.setSender({ name: WORDS[next(WORDS.length)]!, addr: 'ann@sender.example' })
  message.setRecipient('bob@rcpt.example')
  message.setSubject(parts.subject)
  const encoding = 'base64'
  for (const [contentType, data] of [
    ['text/plain', parts.text],
    ['text/html', parts.html],
  ] as const)
    message.addMessage({ contentType, data: Buffer.from(data).toString('base64'), encoding })
  // It writes names as they are, so only plain ones come back.
  const files = parts.files.map(([, octets], index) => [`file-${index}.bin`, octets] as const)
  for (const [filename, octets] of files)
    message.addAttachment({
      filename,
      contentType: 'application/octet-stream',
      data: octets.toString('base64'),
    })
  return { ...parts, files, raw: Buffer.from(message.asRaw().replaceAll(/\r?\n/g, '\r\n')) }
}

describe.each([
  ['nodemailer', byNodemailer, 160],
  ['mimetext', byMimetext, 60],
] as const)('messages that %s composed', (_name, compose, count) => {
  it(`go out raw, arrive octet for octet and are shown whole: ${count} of them`, async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    const envelope = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
    for (let seed = 1; seed <= count; seed++) {
      const written = await compose(seed)
      await mailer.send({ raw: written.raw, envelope })
      const kept = transport.store.mails.at(-1)!
      // A message on the wire ends with a line end.
      const wire = Buffer.from(kept.content!)
        .toString('latin1')
        .replace(/(?:\r\n)+$/, '')
      expect([seed, wire]).toEqual([seed, written.raw.toString('latin1').replace(/(?:\r\n)+$/, '')])
      const read = await readMail(kept)
      expect([seed, read.problem, kept.subject]).toEqual([seed, undefined, written.subject])
      expect([seed, read.text?.trim()]).toEqual([seed, written.text.trim()])
      expect([seed, read.html?.trim() ?? '']).toEqual([seed, written.html])
      const shown = read.attachments.map(({ filename, content: octets }) => [filename, Buffer.from(octets)])
      expect([seed, shown]).toEqual([seed, written.files.map(([name, octets]) => [name, octets])])
      expect([seed, kept.attachments]).toEqual([seed, written.files.map(([name]) => name)])
      const tested = await testInbox(transport).last()
      expect(tested.attachments.map((each) => Buffer.from(each.content))).toEqual(
        shown.map(([, octets]) => octets),
      )
    }
  }, 120_000)
})
