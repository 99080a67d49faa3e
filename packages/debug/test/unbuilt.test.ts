import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failover, Mailer, MailError, memory, retry, type MailEvent, type MessageInput } from '@loudmail/core'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { debug, folderStore, memoryStore, record, startInbox, type MailStore } from '../src/index.ts'

const defaults = { from: 'Tea Shop <tea@shop.example>' }
const hello = { to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi  there' }

const root = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(root, { recursive: true }))

function trap(get: () => never): MessageInput {
  return Object.defineProperty({ ...hello }, 'html', { get, enumerable: true })
}

describe('a message that could not be built is in the inbox', () => {
  it.each<[string, unknown, string, object]>([
    [
      'without @',
      { ...hello, to: 'bob at rcpt.example' },
      'compose/invalid-address',
      { to: ['bob at rcpt.example'], subject: 'Hello', text: 'Hi there' },
    ],
    [
      'with one bad address of three',
      {
        ...hello,
        to: ['Ann <ann@rcpt.example>', { name: 'Bob', address: 'bob@' }],
        cc: 'carol@rcpt.example',
      },
      'compose/invalid-address',
      { to: ['Ann <ann@rcpt.example>', 'Bob <bob@>'], cc: ['carol@rcpt.example'], bcc: [] },
    ],
    ['with an empty address', { ...hello, to: '' }, 'compose/invalid-address', { to: [] }],
    ['to nobody', { ...hello, to: [] }, 'compose/no-recipients', { to: [], subject: 'Hello' }],
    [
      'with a line break in its subject',
      { ...hello, subject: 'Hi\r\nBcc: all@rcpt.example' },
      'compose/header-injection',
      { subject: 'Hi\r\nBcc: all@rcpt.example' },
    ],
    [
      'with a sender that is none',
      { ...hello, from: 'nobody' },
      'compose/invalid-address',
      { from: 'nobody', to: ['bob@rcpt.example'] },
    ],
    [
      'with an attachment that is neither content nor path',
      { ...hello, attachments: [{ filename: 'Menu.pdf' }, { path: '/tea/list.txt', content: 'x' }, null] },
      'compose/invalid-message',
      { attachments: ['Menu.pdf', '/tea/list.txt'] },
    ],
    [
      'with a field that does not exist',
      { ...hello, body: 'x' },
      'compose/invalid-message',
      { text: 'Hi there' },
    ],
    [
      'with HTML alone',
      { to: 'x', html: '<p>Hi <b>you</b></p>' },
      'compose/invalid-address',
      { text: 'Hi you' },
    ],
    [
      'that was built elsewhere, without an envelope',
      { raw: 'Subject: Raw\r\n\r\nHi' },
      'compose/invalid-message',
      { from: '', text: 'Subject: Raw Hi' },
    ],
    [
      'with numbers for words',
      { to: 7, subject: 42, text: 1 },
      'compose/invalid',
      { to: ['7'], subject: '42' },
    ],
    ['with a Symbol', { ...hello, to: Symbol('x') }, 'compose/invalid', { to: [], subject: 'Hello' }],
    ['with addresses in a Set', { ...hello, to: new Set(['a@b.example']) }, 'compose/invalid', { to: [] }],
    ['that is nothing', undefined, 'compose/invalid-message', { to: [], subject: '' }],
    ['that is text', 'Hello', 'compose/invalid-message', { to: [], subject: '' }],
    [
      'with a field that cannot be read',
      trap(() => {
        throw new Error('no')
      }),
      'compose/invalid-message',
      { to: ['bob@rcpt.example'], subject: 'Hello' },
    ],
  ])('%s', async (_what, input, code, facts) => {
    for (const store of [memoryStore(), folderStore(mkdtempSync(join(root, 'store-')))]) {
      await using mailer = new Mailer({ transport: debug({ store }), defaults })
      const error = await mailer.send(input as MessageInput).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: expect.stringContaining(code) as string, delivered: 'none' })
      const { mails } = await store.list()
      expect(mails).toMatchObject(
        [{ from: 'Tea Shop <tea@shop.example>', state: 'failed', ...facts }].map((mail) =>
          typeof input === 'object' && input !== null && 'raw' in input ? { ...mail, from: '' } : mail,
        ),
      )
      const mail = (await store.get(mails[0]!.id))!
      expect(mail).toMatchObject({ transport: 'debug()', problem: 'the message could not be built' })
      expect(mail.error?.hint).toBe((error as MailError).hint)
      await using own = await startInbox(store)
      const page = await (await fetch(`${own.url}?mail=${mail.id}`)).text()
      expect(page).toContain(mail.code)
      expect(page).toContain('What to do')
    }
  })

  it('with the place at which its template failed, and the lines around it, but not the template', async () => {
    const location = {
      file: join(process.cwd(), 'templates/welcome.hbs'),
      line: 3,
      column: 7,
      excerpt: '> 3 | Hello {{<nam>}}\n    |       ^',
    }
    const template = (): never => {
      throw new MailError({ stage: 'compose', kind: 'template', summary: 'nam is missing', location })
    }
    for (const store of [memoryStore(), folderStore(mkdtempSync(join(root, 'store-')))]) {
      await using mailer = new Mailer({ transport: debug({ store }), defaults })
      await expect(mailer.send({ to: 'bob@rcpt.example', template })).rejects.toThrow('compose/template')
      const { id } = (await store.list()).mails[0]!
      expect((await store.get(id))!.error?.location).toEqual(location)
      await using own = await startInbox(store)
      const page = await (await fetch(`${own.url}?mail=${id}`)).text()
      expect(page).toContain('<code>templates/welcome.hbs:3:7</code>')
      expect(page).toContain('&gt; 3 | Hello {{&lt;nam&gt;}}\n    |       ^</pre>')
      expect(page).not.toContain('throw new')
    }
  })

  it('under every policy, and from sendMany()', async () => {
    const transport = debug()
    await using mailer = new Mailer({
      transport,
      defaults,
      failure: 'silent',
      observe: (event) => void event.error,
    })
    const receipt = await mailer.send({ ...hello, to: 'bob' })
    expect(receipt).toMatchObject({ ok: false, silenced: true })
    for await (const one of mailer.sendMany([{ ...hello, to: 'carol' }, hello])) void one.receipt.error
    expect(transport.store.mails.flatMap(({ to }) => to).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'bob',
      'bob@rcpt.example',
      'carol',
    ])
    expect(mailer.stats).toMatchObject({ sent: 1, failed: 2, attemptsFailed: 0 })
  })

  it.each<[string, (store: MailStore) => ConstructorParameters<typeof Mailer>[0]['transport'], string]>([
    ['record()', (store) => record(memory(), { store }), 'record(memory())'],
    ['retry()', (store) => retry(debug({ store })), 'debug()'],
    ['failover()', (store) => failover(memory(), debug({ store }), debug({ store })), 'debug()'],
    ['record() inside others', (store) => failover(retry(record(memory(), { store }))), 'record(memory())'],
  ])('once, through %s', async (_what, create, name) => {
    const store = memoryStore()
    await using mailer = new Mailer({ transport: create(store), defaults })
    await expect(mailer.send({ ...hello, to: 'bob' })).rejects.toMatchObject({
      code: 'compose/invalid-address',
    })
    expect(store.mails.map(({ transport }) => transport)).toEqual([name])
  })

  it('of each transport that keeps mails, if record() watches one', async () => {
    const outer = memoryStore()
    const inner = debug()
    await using mailer = new Mailer({ transport: record(inner, { store: outer }), defaults })
    await expect(mailer.send({ ...hello, to: 'bob' })).rejects.toThrow(MailError)
    expect([outer.mails.length, inner.store.mails.length]).toEqual([1, 1])
  })

  it('but not what was refused because the mailer was closed, or for an option of send()', async () => {
    const transport = debug()
    const mailer = new Mailer({ transport, defaults })
    await expect(mailer.send(hello, { signal: 7 as never })).rejects.toMatchObject({ stage: 'config' })
    await mailer.close()
    await expect(mailer.send({ ...hello, to: 'bob' })).rejects.toMatchObject({ code: 'queue/pool-closed' })
    expect(transport.store.mails).toEqual([])
  })
})

describe('a store that cannot keep a message that could not be built', () => {
  it.each<[string, () => Promise<never>, RegExp]>([
    ['because it rejects', () => Promise.reject(new Error('the disk is full')), /the disk is full/],
    [
      'because it throws',
      () => {
        throw new Error('the disk is full')
      },
      /the disk is full/,
    ],
    ['because it never answers', () => new Promise(() => {}), /the store did not answer in time/],
  ])('%s is reported, and the send fails as before', async (_why, add, reason) => {
    const heard: string[] = []
    const note = ({ message }: Error): unknown => heard.push(message)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    const events: MailEvent[] = []
    const observe = (event: MailEvent): void => void events.push((void event.error, event))
    const store = { ...memoryStore(), add }
    const mailer = new Mailer({ transport: debug({ store }), defaults, observe, deadlineMs: 50 })
    await expect(mailer.send({ ...hello, to: 'bob' })).rejects.toMatchObject({
      code: 'compose/invalid-address',
    })
    expect(events.map(({ type, error }) => [type, error?.code])).toEqual([
      ['attempt-failed', 'submit/storage'],
      ['failed', 'compose/invalid-address'],
    ])
    await vi.waitFor(() => expect(heard).toHaveLength(1))
    expect(heard[0]).toMatch(/a message that could not be built could not be kept[^]*Nothing was sent/)
    expect(heard[0]).toMatch(reason)
    await mailer.close()
  })
})
