import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer, type MessageInput } from '@loudmail/core'
import { afterAll, describe, expect, it } from 'vitest'
import { debug, folderStore, startInbox } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(root, { recursive: true }))

const envelope = { from: 'ann@sender.example', to: ['bob@rcpt.example', 'dan@rcpt.example'] }
const hello: MessageInput = { from: 'Ann <ann@sender.example>', to: 'Bob <bob@rcpt.example>', text: 'Hi' }

async function kept(message: MessageInput) {
  const transport = debug()
  await using mailer = new Mailer({ transport })
  await mailer.send(message)
  const [mail] = transport.store.mails
  await using own = await startInbox(transport.store)
  const page = async (view: string) => (await fetch(`${own.url}?mail=${mail!.id}&view=${view}`)).text()
  const frame = await (await fetch(`${own.url}mails/${mail!.id}/html`)).text()
  return { mail: mail!, text: await page('text'), headers: await page('headers'), frame }
}

const raw = (...lines: string[]) => ({
  raw: ['From: ann@sender.example', ...lines, '', 'Hi', ''].join('\r\n'),
  envelope,
})

describe('the addresses of a mail, each under its name', () => {
  it.each<[string, MessageInput, object]>([
    [
      'composed',
      { ...hello, cc: ['Cy <cy@rcpt.example>'], bcc: 'dan@rcpt.example', replyTo: 'Help <help@x.example>' },
      {
        from: 'Ann <ann@sender.example>',
        to: ['Bob <bob@rcpt.example>'],
        cc: ['Cy <cy@rcpt.example>'],
        bcc: ['dan@rcpt.example'],
        replyTo: ['Help <help@x.example>'],
      },
    ],
    ['composed for nobody else', hello, { cc: [], bcc: [], replyTo: [] }],
    [
      'composed for a domain in another form',
      { ...hello, to: 'bob@Bücher.example', envelope: { to: ['bob@xn--bcher-kva.EXAMPLE'] } },
      { bcc: [] },
    ],
    [
      'composed with an envelope of its own',
      { ...hello, envelope: { to: 'list@rcpt.example' } },
      { to: ['Bob <bob@rcpt.example>'], bcc: ['list@rcpt.example'] },
    ],
    [
      'raw',
      raw('To: Bob <BOB@rcpt.example>', 'Cc: cy@x.example, "D, E" <de@x.example>', 'Reply-To: a@x.example'),
      {
        to: ['Bob <BOB@rcpt.example>'],
        cc: ['cy@x.example', 'D, E <de@x.example>'],
        bcc: ['dan@rcpt.example'],
        replyTo: ['a@x.example'],
      },
    ],
    [
      'raw with groups',
      raw('To: Team: bob@rcpt.example, Dan <dan@rcpt.example>;', 'Cc: undisclosed-recipients:;'),
      { to: ['bob@rcpt.example', 'Dan <dan@rcpt.example>'], cc: [], bcc: [] },
    ],
    [
      'raw with To twice',
      raw('To: bob@rcpt.example', 'To: dan@rcpt.example'),
      { to: ['bob@rcpt.example', 'dan@rcpt.example'], bcc: [] },
    ],
  ])('%s', async (_what, message, facts) => {
    const { mail, text } = await kept(message)
    expect(mail).toMatchObject(facts)
    for (const [name, list] of [
      ['To', mail.to],
      ['Cc', mail.cc],
      ['Bcc', mail.bcc],
      ['Reply-To', mail.replyTo],
    ] as const) {
      if (list!.length === 0) expect(text).not.toContain(`<dt>${name}</dt>`)
      else expect(text).toContain(`<dt>${name}</dt>`)
    }
  })

  it('names every author', async () => {
    const { mail, text } = await kept({
      raw: 'From: Ann <ann@sender.example>, =?utf-8?q?B=C3=B6b?= <bob@sender.example>\r\nTo: cy@x.example\r\n\r\nHi\r\n',
      envelope,
    })
    expect(mail.from).toBe('Ann <ann@sender.example>, Böb <bob@sender.example>')
    expect(text).toContain('Böb &lt;bob@sender.example&gt;')
  })

  it.each([
    ['', 'envelope: &lt;&gt;'],
    ['bounces@sender.example', 'envelope: bounces@sender.example'],
    ['ann@sender.example', undefined],
  ])('shows the envelope sender %j', async (from, shown) => {
    const { text } = await kept({ ...hello, envelope: { from } })
    if (shown === undefined) expect(text).not.toContain('envelope:')
    else expect(text).toContain(shown)
  })

  it('are found by a search', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    await mailer.send({ ...hello, cc: 'Cy Carter <cy@x.example>', replyTo: 'Desk <desk@x.example>' })
    for (const search of ['carter', 'desk', 'cy@x.example'])
      expect(await transport.store.list({ search })).toMatchObject({ total: 1 })
  })

  it('are read from a folder, also from the record of an older version', async () => {
    const path = join(root, 'old')
    const transport = debug({ store: folderStore(path) })
    await using mailer = new Mailer({ transport })
    await mailer.send({ ...hello, cc: 'cy@rcpt.example' })
    expect((await folderStore(path).list()).mails).toMatchObject([{ cc: ['cy@rcpt.example'], bcc: [] }])
    const file = join(
      path,
      readdirSync(path).find((each) => each.endsWith('.json'))!,
    )
    const { cc: _cc, bcc: _bcc, replyTo: _replyTo, ...old } = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify(old))
    const { mails } = await folderStore(path).list({ search: 'bob' })
    expect(mails).toMatchObject([{ to: ['Bob <bob@rcpt.example>'] }])
    expect(mails[0]!.cc).toBeUndefined()
  })
})

describe('the header of a mail', () => {
  it('is shown as it went, and decoded', async () => {
    const { headers } = await kept(raw('Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=', 'X-Plain: plain'))
    expect(headers).toContain('<code>=?utf-8?q?Gr=C3=BC=C3=9Fe?=</code> <span class="decoded">Grüße</span>')
    expect(headers).toContain('<code>plain</code></td>')
  })
})

describe('an image in the text', () => {
  it.each([
    ['logo', '<img src="cid:logo">'],
    ['logo@x.example', '<img src="cid:logo%40x.example">'],
    ['a b', '<img src="cid:a b">'],
    ['a b', '<img src="cid:a%20b">'],
    ['a(1)@x', '<img src="cid:a(1)@x">'],
    ['Größe', '<img src="cid:Gr%C3%B6%C3%9Fe">'],
    ['100%', '<img src="cid:100%">'],
    ['a&b', '<img src="cid:a&amp;b">'],
    ['Logo@X', '<img src="CID:logo@x">'],
    ['a/b+c$d', '<img src="cid:a/b+c$d">'],
    ['logo', '<p style="background: url(cid:logo) no-repeat">'],
    ['a b', `<p style="background: url('cid:a b')">`],
    ['logo', '<style>p { background: url("cid:logo") }</style>'],
    ['logo', '<img srcset="cid:logo 2x, https://x.example/3x.png 3x">'],
  ])('with the content id %j is shown in %s', async (id, html) => {
    const { frame } = await kept({
      raw: Buffer.from(
        [
          'From: ann@sender.example',
          'Content-Type: multipart/related; boundary=x',
          '',
          '--x',
          'Content-Type: text/html; charset=utf-8',
          '',
          html,
          '--x',
          'Content-Type: image/png',
          `Content-Id: <${id}>`,
          '',
          'PNG!',
          '--x--',
          '',
        ].join('\r\n'),
      ),
      envelope,
    })
    expect(frame).toContain('data:image/png;base64,UE5H')
    expect(frame).not.toMatch(/cid:/i)
  })
})
