import { Mailer, type MessageInput } from '@loudmail/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { debug, memoryStore, startInbox, type MemoryStore, type StoredMail } from '../src/index.ts'

const defaults = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }

async function running(inputs: readonly Partial<MessageInput>[] = [{}]) {
  const store = memoryStore()
  await using mailer = new Mailer({
    transport: debug({ store }),
    defaults,
    failure: 'silent',
    observe: (event) => void event.error,
  })
  for (const input of inputs) await mailer.send(input)
  const own = await startInbox(store)
  onTestFinished(() => own.close())
  const ask = (path: string): Promise<Response> => fetch(new URL(path, own.url))
  const page = async (path = ''): Promise<string> => (await ask(path)).text()
  return { store, ask, page }
}

const addresses = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `r${n + 1}@rcpt.example`)
const last = ({ mails }: MemoryStore): StoredMail => mails.at(-1)!
const subjects = (page: string): string[] =>
  [...page.matchAll(/<span class="subject">([^<]*)</g)].map(([, subject]) => subject!)

describe('the list', () => {
  it('shows only failed sends if asked, also in a search and on older pages', async () => {
    const { page } = await running([
      { subject: 'One', to: 'fail+rcpt-to.policy@example.test' },
      { subject: 'Two' },
      { subject: 'Three', to: 'nobody' },
    ])
    expect(subjects(await page('?failed=1'))).toEqual(['Three', 'One'])
    expect(subjects(await page('?failed=1&q=one'))).toEqual(['One'])
    expect(subjects(await page())).toEqual(['Three', 'Two', 'One'])
    const failed = await page('?failed=1&q=one')
    expect(failed).toContain('1 failed mail for “one”')
    expect(failed).toMatch(/<input type="hidden" name="failed" value="1" \/>/)
    expect(failed).toMatch(/href="\.\/\?q=one&amp;failed=1"\s+aria-current="true"\s*>Failed only</)
    expect(failed).toMatch(/href="\.\/\?q=one&amp;failed=1&amp;mail=000000001"/)
    expect(await page('?failed=1&q=nothing')).toContain('No mail matches.')
    expect(await (await running()).page('?failed=1')).toContain('No mail has failed.')
  })

  it('marks what nobody has opened', async () => {
    const { page } = await running([{}, {}])
    expect((await page()).match(/class="captured unread"/g)).toHaveLength(2)
    const opened = await page('?mail=000000001')
    expect(opened.match(/class="captured unread"/g)).toHaveLength(1)
    expect(opened).toContain('<span class="hidden">Unread.</span>')
    expect((await page()).match(/class="captured unread"/g)).toHaveLength(1)
  })

  it('has the time of today, and the date of other days', async () => {
    const { store, page } = await running()
    const at = new Date('2026-02-03T04:05:06Z')
    const [mail] = store.mails
    Object.assign(mail!, { at })
    expect(await page()).toContain('<time datetime="2026-02-03T04:05:06.000Z">2026-02-03 04:05 UTC</time>')
    expect(await page('?mail=000000001')).toContain(
      '<time class="full" datetime="2026-02-03T04:05:06.000Z">2026-02-03 04:05:06 UTC</time>',
    )
    Object.assign(mail!, { at: new Date() })
    expect(await page()).toMatch(/<time datetime="[^"]+">\d\d:\d\d:\d\d UTC<\/time>/)
  })

  it('keeps the open mail on its page, however many come after it', async () => {
    const { store, page } = await running([{ subject: 'Open' }])
    const { id } = last(store)
    for (let n = 0; n < 300; n++) await store.add({ ...last(store), subject: `New ${n}` })
    const list = await page(`?mail=${id}`)
    expect(subjects(list)).toHaveLength(301)
    expect(subjects(list).at(-1)).toBe('Open')
    expect(subjects(await page())).toHaveLength(100)
    expect(await page()).toContain('rel="next"')
  })

  it('says how to send and how to see a failure where there is no mail', async () => {
    const { page } = await running([])
    const empty = await page()
    for (const words of [
      'No mail yet',
      'await mailer.send({',
      'fail+rcpt-to.mailbox-full@example.test',
      'debug({ rehearse: &#39;rcpt-to/mailbox-full&#39; })',
    ])
      expect(empty).toContain(words)
    for (const path of ['?q=x', '?failed=1', '?mail=7']) expect(await page(path)).not.toContain('No mail yet')
  })
})

describe('a mail', () => {
  it.each([
    [6, 0],
    [7, 2],
    [500, 495],
  ])('to %d recipients folds %d of them', async (count, folded) => {
    const { page } = await running([{ to: addresses(count) }])
    const shown = await page('?mail=000000001')
    if (folded === 0) expect(shown).not.toContain('<details class="more">')
    else
      expect(shown).toMatch(
        new RegExp(`r5@rcpt\\.example\\s*<details class="more">\\s*<summary>and ${folded} more</summary>`),
      )
    expect(shown).toContain(`r${count}@rcpt.example`)
  })

  it('names the recipients that did not get it first, and folds the rest', async () => {
    const { page } = await running([{ to: [...addresses(30), 'fail+rcpt-to.mailbox-full@example.test'] }])
    const shown = await page('?mail=000000001')
    expect(/<tr class="(\w+)">\s*<td>([^<]*)/.exec(shown)!.slice(1)).toEqual([
      'rejected',
      'fail+rcpt-to.mailbox-full@example.test',
    ])
    expect(shown).toContain('<summary>and 21 more</summary>')
  })

  it.each([
    ['nobody', 'Nobody.', 'Whoever entered the address, or the code that takes it from them.'],
    ['fail+auth.bad-credentials@example.test', 'Nobody.', 'Whoever looks after the mail server'],
    [
      'fail+rcpt-to.mailbox-full@example.test',
      'Nobody.',
      'Whoever entered the address, or the person behind it.',
    ],
    ['fail+body.spam@example.test', 'Nobody.', 'Whoever writes the message'],
    ['fail+body.connection-lost@example.test', 'Nobody knows.', 'Whoever looks after the mail server'],
  ])('to %s says who got it and who has to act', async (to, got, actor) => {
    const { page } = await running([{ to }])
    const shown = await page('?mail=000000001')
    expect(/<dt>Who got the mail\?<\/dt>\s*<dd>([^<]*)/.exec(shown)![1]).toContain(got)
    expect(/<dt>Who has to act\?<\/dt>\s*<dd>([^<]*)/.exec(shown)![1]).toContain(actor)
    for (const jargon of ['transport scope', 'permanence', 'retryable']) expect(shown).not.toContain(jargon)
  })

  it('leads to the line that failed', async () => {
    const { page } = await running([{ to: 'fail+rcpt-to.mailbox-full@example.test' }])
    expect(await page('?mail=000000001')).toContain('view=conversation#failed-line"')
    expect(await page('?mail=000000001&view=conversation')).toMatch(
      /class="server failed"\s+id="failed-line"[^]*?452 4/,
    )
  })
})

describe('attachments', () => {
  const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
  const files = {
    html: '<img src="cid:logo">',
    attachments: [
      { filename: 'logo.svg', contentId: 'logo', content: '<svg xmlns="http://www.w3.org/2000/svg"/>' },
      { filename: 'pixel.gif', content: PIXEL },
      { filename: 'Menu.pdf', content: 'PDF' },
      { filename: 'page.png', contentType: 'text/html', content: '<script>x()</script>' },
    ],
  }

  it('have type, size and a small picture; those in the HTML stand apart', async () => {
    const { page } = await running([files])
    const shown = await page('?mail=000000001&view=attachments')
    expect(shown).toMatch(
      /pixel\.gif[^]*image\/gif, \d+ B[^]*Menu\.pdf[^]*application\/pdf, 3 B[^]*Inline: shown in the text[^]*logo\.svg[^]*cid:logo/,
    )
    expect([...shown.matchAll(/<img src="(mails[^"]*)"/g)].map(([, src]) => src)).toEqual([
      'mails/000000001/images/1',
      'mails/000000001/images/0',
    ])
  })

  it('are served as images only if browsers show them as such, and can do nothing', async () => {
    const { ask } = await running([files])
    for (const [n, type] of [
      [0, 'image/svg+xml'],
      [1, 'image/gif'],
    ] as const) {
      const { status, headers } = await ask(`mails/000000001/images/${n}`)
      expect([status, headers.get('content-type')]).toEqual([200, type])
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      )
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
    for (const n of [2, 3, 4]) expect((await ask(`mails/000000001/images/${n}`)).status).toBe(404)
  })
})
