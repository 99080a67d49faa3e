import { Mailer } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { debug, memoryStore, record, startInbox } from '../src/index.ts'

const HEADER = 'From: Ann <ann@sender.example>\r\nTo: bob@rcpt.example\r\nSubject: Odd\r\n'
const INNERMOST = 'Content-Type: text/plain\r\n\r\nThe innermost text\r\n'

function parts(depth: number, type = 'mixed'): string {
  const begin = (_: unknown, n: number): string =>
    `Content-Type: multipart/${type}; boundary=b${n}\r\n\r\n--b${n}\r\n`
  const end = (_: unknown, n: number): string => `--b${depth - 1 - n}--\r\n`
  const times = { length: depth }
  return HEADER + Array.from(times, begin).join('') + INNERMOST + Array.from(times, end).join('')
}

function messages(depth: number): string {
  return HEADER + `Content-Type: message/rfc822\r\n\r\n${HEADER}`.repeat(depth) + INNERMOST
}

const readable: [string, string][] = [
  ['parts in parts, 300 deep', parts(300)],
  ['alternatives in alternatives, 300 deep', parts(300, 'alternative')],
  ['messages in messages, 300 deep', messages(300)],
  ['a part that never ends', `${HEADER}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n`],
  ['parts without a boundary', `${HEADER}Content-Type: multipart/mixed\r\n\r\nx\r\n`],
  ['a character set that nobody knows', `${HEADER}Content-Type: text/plain; charset=x-no\r\n\r\nx\r\n`],
  ['base64 that is none', `${HEADER}Content-Transfer-Encoding: base64\r\n\r\n!!%%\r\n`],
  ['names that objects have', `${HEADER}__proto__: x\r\nContent-Type: text/plain; __proto__=x\r\n\r\nx\r\n`],
  [
    'a parameter that cannot be decoded',
    `${HEADER}Content-Type: text/plain; name*=utf-8''%E0%A4%A\r\n\r\nx\r\n`,
  ],
  ['a content type without a subtype', `${HEADER}Content-Type: text; charset=us-ascii\r\n\r\nx\r\n`],
  ['an empty content type', `${HEADER}Content-Type:\r\n\r\nx\r\n`],
  ['a content type of a slash', `${HEADER}Content-Type: /\r\n\r\nx\r\n`],
  ['no body', HEADER],
]
const unreadable: [string, string][] = [
  ['parts in parts, 3,000 deep', parts(3_000)],
  [
    'a message whose parts are nested 3,000 deep',
    `${HEADER}Content-Type: message/rfc822\r\n\r\n${parts(3_000)}`,
  ],
  ['a header of three megabytes', `${HEADER}${`X-Odd: ${'x'.repeat(900)}\r\n`.repeat(3_300)}\r\nx\r\n`],
]

describe.each<[string, () => { store: ReturnType<typeof memoryStore>; mailer: Mailer }]>([
  [
    'debug()',
    () => {
      const transport = debug()
      return { store: transport.store, mailer: new Mailer({ transport }) }
    },
  ],
  [
    'record()',
    () => {
      const store = memoryStore()
      return { store, mailer: new Mailer({ transport: record(debug(), { store }) }) }
    },
  ],
])('%s', (_name, create) => {
  it.each([...readable, ...unreadable])('takes %s, and the inbox shows it', async (_what, raw) => {
    const { store, mailer } = create()
    await using _ = mailer
    const envelope = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
    expect((await mailer.send({ raw, envelope })).ok).toBe(true)
    const [mail] = store.mails
    expect(mail).toMatchObject({
      from: 'Ann <ann@sender.example>',
      to: ['bob@rcpt.example'],
      subject: 'Odd',
    })
    await using own = await startInbox(store)
    const text = await (await fetch(`${own.url}?mail=${mail!.id}&view=text`)).text()
    if (unreadable.some(([, each]) => each === raw))
      expect(text).toMatch(/This message cannot be read: Maximum .* exceeded/)
    else expect(text).not.toContain('cannot be read')
    for (const view of ['html', 'attachments', 'source', 'conversation']) {
      const shown = await (await fetch(`${own.url}?mail=${mail!.id}&view=${view}`)).text()
      expect(shown).not.toContain('cannot be shown')
    }
    const headers = await (await fetch(`${own.url}?mail=${mail!.id}&view=headers`)).text()
    expect(headers).toMatch(/<th scope="row">Subject<\/th>\s*<td><code>Odd/)
    expect(await (await fetch(`${own.url}mails/${mail!.id}/source`)).text()).toBe(raw)
    expect(await (await fetch(`${own.url}mails/${mail!.id}/message.eml`)).text()).toBe(raw)
  })
})

describe('the text of a message in which parts are nested 300 deep', () => {
  it.each([[parts(300)], [parts(300, 'alternative')]])('is found and read', async (raw) => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    await mailer.send({ raw, envelope: { from: 'ann@sender.example', to: 'bob@rcpt.example' } })
    expect(await transport.store.list({ search: 'innermost' })).toMatchObject({ total: 1 })
    await using own = await startInbox(transport.store)
    const { id } = transport.store.mails[0]!
    expect(await (await fetch(`${own.url}?mail=${id}&view=text`)).text()).toContain('The innermost text')
  })
})
