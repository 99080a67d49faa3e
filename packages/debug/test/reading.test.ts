import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer, type MessageInput } from '@loudmail/core'
import { testInbox } from '@loudmail/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { debug, folderStore, memoryStore, startInbox, type MailStore } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(root, { recursive: true }))

const envelope = { from: 'ann@sender.example', to: ['bob@rcpt.example'] }
const HEADER = 'From: ann@sender.example\r\nTo: bob@rcpt.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n'

const mixed = (...parts: string[]): string =>
  `${HEADER}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nSee below.\r\n${parts
    .map((part) => `--x\r\n${part}\r\n`)
    .join('')}--x--\r\n`

async function sent(message: MessageInput, store: MailStore = memoryStore()) {
  const transport = debug({ store })
  await using mailer = new Mailer({ transport })
  await mailer.send(message)
  return { store, mail: await testInbox(transport).last() }
}

/** What the inbox offers for download, by name. */
async function downloads(store: MailStore): Promise<[string, Buffer][]> {
  await using own = await startInbox(store)
  const [mail] = (await store.list()).mails
  const page = await (await fetch(`${own.url}?mail=${mail!.id}&view=attachments`)).text()
  const links = Array.from(page.matchAll(/href="(mails\/[\w-]+\/attachments\/\d+)"[^>]*>([^<]*)</g))
  return await Promise.all(
    links.map(async ([, link, name]) => {
      const response = await fetch(own.url + link!)
      return [name!, Buffer.from(await response.arrayBuffer())] as [string, Buffer]
    }),
  )
}

const INNER = 'From: cy@x.example\r\nSubject: inner\r\n\r\nInner text\r\n'
const all = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet))

describe('an attachment that was composed comes back octet for octet', () => {
  it.each<[string, string, string | Buffer]>([
    ['a calendar with CRLF', 'invite.ics', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n'],
    ['a calendar with LF and no last line end', 'invite.ics', 'BEGIN:VCALENDAR\nEND:VCALENDAR'],
    ['a text with LF', 'a.txt', 'a\nb\n'],
    ['a text with CR', 'a.txt', 'a\rb\r'],
    ['a text with blank lines at its end', 'a.txt', 'a\r\n\r\n\r\n'],
    ['a text with blanks at the ends of lines', 'a.csv', 'a; \nb;\t\n'],
    ['HTML', 'a.html', '<p>ä</p>\n'],
    ['nothing', 'empty.txt', ''],
    ['every octet', 'all.bin', all],
    ['a message', 'fwd.eml', INNER],
    ['a text with dots and dashes', 'a.txt', '.\r\n..\r\n--x\r\n--x--\r\n'],
    ['UTF-16 with a byte order mark', 'a.txt', Buffer.from('\uFEFFä\n', 'utf16le')],
    ['JSON', 'a.json', '{"a":1}\n'],
  ])('%s', async (_what, filename, content) => {
    const message = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 's', text: 't' }
    const { store, mail } = await sent({ ...message, attachments: [{ filename, content }] })
    const octets = Buffer.from(content)
    expect(mail.attachments.map((each) => [each.filename, Buffer.from(each.content)])).toEqual([
      [filename, octets],
    ])
    expect(await downloads(store)).toEqual([[filename, octets]])
  })
})

describe('a part of a raw message comes back octet for octet', () => {
  const file = (fields: string, body: string): string =>
    `Content-Disposition: attachment; filename=a\r\n${fields}\r\n${body}`
  it.each<[string, string, string, string | Buffer]>([
    ['7bit without a last line end', file('Content-Type: text/csv\r\n', 'a;b\r\nc;d'), 'a', 'a;b\r\nc;d'],
    ['7bit with a last line end', file('Content-Type: text/csv\r\n', 'a;b\r\n'), 'a', 'a;b\r\n'],
    ['7bit with blank lines', file('', '\r\n\r\na\r\n\r\n'), 'a', '\r\n\r\na\r\n\r\n'],
    ['nothing at all', file('', ''), 'a', ''],
    ['base64 of LF', file('Content-Transfer-Encoding: base64\r\n', 'YQpiCg==\r\n'), 'a', 'a\nb\n'],
    [
      'base64 padded in each line',
      file('Content-Transfer-Encoding: BASE64\r\n', 'YQ==\r\nYg==\r\nYw'),
      'a',
      'abc',
    ],
    [
      'base64 with strange characters',
      file('Content-Transfer-Encoding: base64\r\n', 'Y*W\r\n J-j'),
      'a',
      'abc',
    ],
    [
      'quoted-printable',
      file(
        'Content-Transfer-Encoding: quoted-printable\r\n',
        'a=0Ab=0D=0A=C3=A4 =20\r\nc=\r\nd \t\r\n=zz=\r\n',
      ),
      'a',
      'a\nb\r\nä  \r\ncd\r\n=zz',
    ],
    ['a comment in the encoding', file('Content-Transfer-Encoding: (x) base64\r\n', 'YQ=='), 'a', 'a'],
    [
      'a calendar',
      file('Content-Type: text/calendar; method=REQUEST\r\n', 'BEGIN:VCALENDAR'),
      'a',
      'BEGIN:VCALENDAR',
    ],
    ['dashes', file('', '--\r\n--y\r\n--xx\r\n -x\r\n-'), 'a', '--\r\n--y\r\n--xx\r\n -x\r\n-'],
    [
      'a forwarded message with a name',
      `Content-Type: message/rfc822; name="Forwarded.eml"\r\n\r\n${INNER}`,
      'Forwarded.eml',
      INNER,
    ],
    [
      'a forwarded message without a name',
      `Content-Type: message/rfc822\r\n\r\n${INNER}`,
      'part-1.eml',
      INNER,
    ],
    [
      'an attached message',
      `Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=m.eml\r\n\r\n${INNER}`,
      'm.eml',
      INNER,
    ],
    [
      'an attached message in base64',
      `Content-Type: message/rfc822; name=m.eml\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(INNER).toString('base64')}`,
      'm.eml',
      INNER,
    ],
    [
      'a text in line with a name',
      'Content-Disposition: inline; filename="n o.txt"\r\n\r\nnote',
      'n o.txt',
      'note',
    ],
    [
      'a name in pieces',
      `Content-Type: application/x\r\nContent-Disposition: attachment;\r\n filename*0*=utf-8''%e2%82;\r\n filename*1*=%ac%20;\r\n filename*2="a b.txt"\r\n\r\nx`,
      '€ a b.txt',
      'x',
    ],
    [
      'a name in Shift_JIS',
      `Content-Type: application/x\r\nContent-Disposition: attachment; filename*=cp932''%93%fa%96%7b.txt\r\n\r\nx`,
      '日本.txt',
      'x',
    ],
    [
      'a name in encoded words',
      'Content-Type: application/x; name="=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=.txt"\r\n\r\nx',
      '日本.txt',
      'x',
    ],
    [
      'a name with a semicolon',
      'Content-Type: application/x; name="a;b\\"c.txt" (comment)\r\n\r\nx',
      'a;b&quot;c.txt',
      'x',
    ],
    ['a name without quotes', 'Content-Type: application/x; name=a (1.txt\r\n\r\nx', 'a (1.txt', 'x'],
    [
      'a plain name beside a long one',
      `Content-Disposition: attachment; filename=x.txt; filename*=utf-8''%c3%a4.txt\r\n\r\nx`,
      'ä.txt',
      'x',
    ],
  ])('%s', async (_what, part, name, content) => {
    const { store, mail } = await sent({ raw: mixed(part), envelope })
    const octets = Buffer.from(content)
    expect(mail.attachments.map((each) => Buffer.from(each.content))).toEqual([octets])
    expect(await downloads(store)).toEqual([[name, octets]])
    expect(mail.text).toContain('See below.')
  })

  it('in 8bit, with every octet that may be there', async () => {
    const octets = all.subarray(1).filter((octet) => octet !== 0x0d && octet !== 0x0a)
    const [before, after] = mixed('Content-Disposition: attachment; filename=a\r\n\r\n@').split('@\r\n')
    const raw = Buffer.concat([Buffer.from(before!), octets, Buffer.from(`\r\n${after}`)])
    const { store } = await sent({ raw, envelope })
    expect(await downloads(store)).toEqual([['a', octets]])
  })

  it('where a message in the message has attachments of its own', async () => {
    const inner = mixed('Content-Type: text/csv; name=a.csv\r\n\r\n1;2')
      .replaceAll('=x', '=y')
      .replaceAll('--x', '--y')
    const { store, mail } = await sent({
      raw: mixed(`Content-Type: message/rfc822\r\n\r\n${inner}`),
      envelope,
    })
    expect(await downloads(store)).toEqual([
      ['part-1.eml', Buffer.from(inner)],
      ['a.csv', Buffer.from('1;2')],
    ])
    expect(mail.text).toContain('See below.')
  })

  it('in a report, whose evidence is no text', async () => {
    const raw = mixed(
      'Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x',
      `Content-Type: message/rfc822\r\n\r\n${INNER}`,
    )
    const { store, mail } = await sent({ raw, envelope })
    expect(mail.text).not.toContain('Inner text')
    expect(await downloads(store)).toEqual([
      ['part-1', Buffer.from('Reporting-MTA: dns; x')],
      ['part-2.eml', Buffer.from(INNER)],
    ])
  })

  it.each([
    [
      'in a digest',
      'Content-Type: multipart/digest; boundary=y\r\n\r\n--y\r\n\r\n' + INNER + '\r\n--y--',
      [INNER],
    ],
    ['with parts but no boundary', 'Content-Type: multipart/mixed\r\n\r\nlost', ['lost']],
    [
      'with parts without any boundary',
      'Content-Type: multipart/mixed; boundary=y\r\n\r\nlost\r\n',
      ['lost\r\n'],
    ],
    [
      'with parts that never end',
      'Content-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\nContent-Type: a/b\r\n\r\n1',
      ['1'],
    ],
    [
      'with a boundary in pieces',
      `Content-Type: multipart/mixed; boundary*0=y; boundary*1="z z"\r\n\r\n--yz z \t\r\nContent-Type: a/b\r\n\r\n1\r\n--yz z-- `,
      ['1'],
    ],
    [
      'with a boundary that begins another',
      'Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: a/b\r\n\r\n--x1\r\n--xx--',
      ['--x1'],
    ],
  ])('%s', async (_what, part, contents) => {
    const { store } = await sent({ raw: mixed(part), envelope })
    expect((await downloads(store)).map(([, octets]) => octets.toString())).toEqual(contents)
  })
})

describe.each([
  ['memory', () => memoryStore()],
  ['a folder', () => folderStore(mkdtempSync(join(root, 'folder-')))],
])('a search in %s leaves nothing out that stands late', (_where, create) => {
  const pdf = (name: string, lines: number): string =>
    `Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=${name}\r\nContent-Transfer-Encoding: base64\r\n\r\n${`${'A'.repeat(76)}\r\n`.repeat(lines)}`
  const composed = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 's' }
  const long = 'tea and more tea '.repeat(20_000)
  it.each<[string, MessageInput, string]>([
    [
      'the second attachment of a raw message',
      { raw: mixed(pdf('first.pdf', 1_000), pdf('second.pdf', 1)), envelope },
      'second.pdf',
    ],
    [
      'a text after a large attachment',
      { raw: mixed(pdf('a.pdf', 30_000), '\r\nPineapple'), envelope },
      'pineapple',
    ],
    ['the end of a long text', { ...composed, text: `${long} Pineapple` }, 'pineapple'],
    [
      'the end of a long page',
      { ...composed, html: `<p>${long}</p><b>Pine</b>apple`, text: undefined },
      'apple',
    ],
    ['the page beside a short text', { ...composed, text: 'x', html: '<p>Pineapple</p>' }, 'pineapple'],
    [
      'the end of a long raw text',
      { raw: `${HEADER}\r\n${`${'x'.repeat(70)} \r\n`.repeat(20_000)}Pineapple\r\n`, envelope },
      'pineapple',
    ],
    [
      'the last of many attachments',
      {
        ...composed,
        text: 'x',
        attachments: Array.from({ length: 300 }, (_, n) => ({ filename: `file-${n}.txt`, content: 'x' })),
      },
      'file-299.txt',
    ],
    [
      'a word of each',
      { ...composed, text: `${long} Pineapple`, attachments: [{ filename: 'plan.txt', content: 'x' }] },
      'pineapple plan.txt',
    ],
  ])('%s', async (_what, message, search) => {
    const { store } = await sent(message, create())
    expect(await store.list({ search })).toMatchObject({ total: 1 })
    expect(await store.list({ search: 'banana' })).toMatchObject({ total: 0 })
    const [mail] = (await store.list()).mails
    expect(JSON.stringify(mail).length).toBeLessThan(20_000)
    expect(mail!.text).not.toBe('')
  })

  it('and the text of a page that begins with an attachment is in the list', async () => {
    const raw = mixed(pdf('a.pdf', 3_000)).replace(
      '\r\nSee below.\r\n',
      `${pdf('b.pdf', 2_000)}--x\r\n\r\nSee below.\r\n`,
    )
    const { store } = await sent({ raw, envelope }, create())
    expect((await store.list()).mails).toMatchObject([
      { text: 'See below.', attachments: ['b.pdf', 'a.pdf'] },
    ])
  })
})

describe('the source of a message in 8bit', () => {
  const of = (type: string, body: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${HEADER}${type}Content-Transfer-Encoding: 8bit\r\n\r\n`), body])
  const eight = (charset: string, octets: string): Buffer =>
    of(`Content-Type: text/plain; charset=${charset}\r\n`, Buffer.from(octets, 'latin1'))
  const part = (charset: string, octets: string): string =>
    `--y\r\nContent-Type: text/plain; charset=${charset}\r\n\r\n${octets}\r\n`
  it.each([
    ['iso-8859-1', eight('iso-8859-1', 'M\xFCnchen'), ['München']],
    ['windows-1251', eight('windows-1251', '\xCF\xF0\xE8\xE2\xE5\xF2'), ['Привет']],
    ['Shift_JIS', eight('"Shift_JIS"', '\x93\xFA\x96\x7B'), ['日本']],
    ['koi8-r', eight('koi8-r', '\xF0\xD2\xC9\xD7\xC5\xD4'), ['Привет']],
    ['gb18030', eight('gb18030', '\xC4\xE3\xBA\xC3'), ['你好']],
    ['utf-8', of('Content-Type: text/plain; charset=utf-8\r\n', Buffer.from('日本')), ['日本']],
    [
      'a wrong character set',
      of('Content-Type: text/plain; charset=utf-8\r\n', Buffer.from('M\xFCnchen', 'latin1')),
      ['München'],
    ],
    ['an unknown character set', eight('x-none', 'M\xFCnchen'), ['München']],
    ['no character set', of('', Buffer.from('M\xFCnchen', 'latin1')), ['München']],
    ['letters in the header', of('X-Ä: ö\r\n', Buffer.from('x')), ['X-Ä: ö']],
    [
      'several',
      Buffer.from(
        `${HEADER}Content-Type: multipart/mixed; boundary=y\r\n\r\n${part('iso-8859-1', 'M\xFCnchen')}${part('iso-8859-7', '\xC3\xE5\xE9\xDC')}--y--\r\n`,
        'latin1',
      ),
      ['München', 'Γειά'],
    ],
  ])('in %s shows its letters, and downloads as it went', async (_what, raw, letters) => {
    const { store } = await sent({ raw, envelope })
    const [mail] = (await store.list()).mails
    await using own = await startInbox(store)
    for (const place of [`?mail=${mail!.id}&view=source`, `mails/${mail!.id}/source`]) {
      const page = await (await fetch(own.url + place)).text()
      const source = page.slice(page.lastIndexOf('<pre>') + 1)
      for (const each of letters) expect(source).toContain(each)
      expect(source).not.toContain('\uFFFD')
    }
    const file = await (await fetch(`${own.url}mails/${mail!.id}/message.eml`)).arrayBuffer()
    expect(Buffer.from(file).toString('latin1').trimEnd()).toBe(raw.toString('latin1').trimEnd())
  })
})

describe('a hostile message', () => {
  it('of more than 10,000 parts is not read, and the inbox says why', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    await mailer.send({ raw: mixed('--x\r\n'.repeat(100_000)), envelope })
    await using own = await startInbox(transport.store)
    const page = await (await fetch(`${own.url}?mail=${transport.store.mails[0]!.id}&view=text`)).text()
    expect(page).toContain('This message cannot be read: Maximum number of parts (10000) exceeded')
  })

  it.each([
    ['with many boundaries', '--x\r\n'.repeat(9_000)],
    ['with lines that look like boundaries', '--y\r\n'.repeat(400_000)],
    ['with brackets that never close', `Content-Type: a/b; ${'('.repeat(1_000_000)}\r\n\r\nx`],
    [
      'with a parameter in many pieces',
      `Content-Type: a/b${Array.from({ length: 50_000 }, (_, n) => `; name*${n % 9999}*=%41`).join('')}\r\n\r\nx`,
    ],
    ['with quotes that never close', `Content-Type: a/b; name="${'\\"'.repeat(500_000)}\r\n\r\nx`],
    [
      'with parts in parts',
      Array.from(
        { length: 900 },
        (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
      ).join('') + 'x\r\n'.repeat(300_000),
    ],
    [
      'with base64 that is only padding',
      `Content-Type: a/b; name=x\r\nContent-Transfer-Encoding: base64\r\n\r\n${'='.repeat(2_000_000)}`,
    ],
    [
      'with quoted-printable that is only equals signs',
      `Content-Type: a/b; name=x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${'= '.repeat(1_000_000)}`,
    ],
  ])('%s is listed and downloaded in time', async (_what, part) => {
    const before = process.cpuUsage()
    const { store } = await sent({ raw: mixed(part).replaceAll(/\r?\n/g, '\r\n'), envelope })
    await store.list({ search: 'x' })
    await using own = await startInbox(store)
    const [mail] = (await store.list()).mails
    await (await fetch(`${own.url}mails/${mail!.id}/attachments/0`)).arrayBuffer()
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(8)
  })
})
