import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MailError, Mailer } from '@loudmail/core'
import PostalMime from 'postal-mime'
import { afterAll, describe, expect, it, vi } from 'vitest'
import {
  debug,
  folderStore,
  memoryStore,
  type MailStore,
  type NewMail,
  type StoreEvent,
} from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const newFolder = (): string => join(root, `folder-${++folders}`)

function mail(changes: Partial<NewMail> = {}): NewMail {
  return {
    state: 'captured',
    transport: 'debug()',
    messageId: '<id@sender.example>',
    envelope: { from: 'ann@sender.example', to: ['bob@rcpt.example'], smtputf8: false },
    from: 'Ann <ann@sender.example>',
    to: ['bob@rcpt.example'],
    subject: 'Hello',
    text: 'How are you?',
    attachments: [],
    content: Buffer.from('Subject: Hello\r\n\r\nHow are you?\r\n'),
    ...changes,
  }
}

const recipients = Array.from(
  { length: 40 },
  (_, n) => ({ address: `user${n}@rcpt.example`, status: 'rejected' }) as const,
)
const error = new MailError({
  stage: 'rcpt-to',
  kind: 'mailbox-full',
  reply: {
    protocol: 'smtp',
    code: 452,
    enhanced: '4.2.2',
    text: 'Mailbox full',
    command: 'RCPT TO:<bob@rcpt.example>',
  },
  recipients,
  failures: [new MailError({ stage: 'connect', kind: 'timeout', transport: 'smtp(a.example:587)' })],
})

describe.each<[string, (options?: { limit?: number; maxBytes?: number }) => MailStore]>([
  ['memoryStore()', memoryStore],
  ['folderStore()', (options) => folderStore(newFolder(), options)],
])('%s', (_name, create) => {
  it('gives back what it was given', async () => {
    const store = create()
    const transcript = {
      entries: [{ from: 'client', text: 'QUIT', atMs: 1.5, connection: 'c1', sequence: 0 }],
    } as const
    const given = mail({ state: 'failed', error, transcript, attachments: ['report.pdf'] })
    const { id } = await store.add(given)
    const got = await store.get(id)
    expect(got).toMatchObject({
      id,
      subject: 'Hello',
      state: 'failed',
      code: 'rcpt-to/mailbox-full',
      transcript,
    })
    expect(got!.at).toBeInstanceOf(Date)
    expect(Buffer.from(got!.content!).equals(given.content!)).toBe(true)
    expect(got!.size).toBe(given.content!.byteLength)
    // Nothing of a failure is shortened.
    expect(got!.error).toMatchObject({
      hint: error.hint,
      message: error.message,
      reply: error.reply,
      scope: 'recipient',
    })
    expect(got!.error!.recipients).toEqual(recipients)
    expect(got!.error!.failures).toMatchObject([
      { code: 'connect/timeout', transport: 'smtp(a.example:587)' },
    ])
  })

  it('lists the newest first, a page at a time', async () => {
    const store = create()
    for (const subject of ['1', '2', '3', '4', '5']) await store.add(mail({ subject }))
    const first = await store.list({ limit: 2 })
    expect(first.mails.map(({ subject }) => subject)).toEqual(['5', '4'])
    expect(first.total).toBe(5)
    const next = await store.list({ limit: 2, before: first.mails[1]!.id })
    expect(next.mails.map(({ subject }) => subject)).toEqual(['3', '2'])
    expect(next.total).toBe(5)
    expect(first.mails[0]).not.toHaveProperty('content')
    expect(first.mails[0]).not.toHaveProperty('transcript')
  })

  it.each([
    ['HELLO', 3],
    ['ann@sender', 3],
    ['bob@rcpt', 2],
    ['hidden@rcpt', 1],
    ['how are', 3],
    ['invoice.pdf', 1],
    ['mailbox-full', 1],
    ['other@id', 1],
    ['hello invoice', 1],
    ['hello nothing', 0],
    ['', 3],
  ])('finds “%s”', async (search, count) => {
    const store = create()
    await store.add(mail({ text: 'You are well, how?', attachments: ['Invoice.pdf'] }))
    await store.add(mail({ error, state: 'failed' }))
    const envelope = { from: '', to: ['hidden@rcpt.example'], smtputf8: false }
    await store.add(mail({ envelope, to: [], messageId: '<other@id>', text: 'how   are' }))
    const found = await store.list({ search })
    expect([found.mails.length, found.total]).toEqual([count, count])
  })

  it('forgets one, or all', async () => {
    const store = create()
    const { id } = await store.add(mail({ subject: 'gone' }))
    await store.add(mail({ subject: 'here' }))
    await store.delete(id)
    await store.delete(id)
    expect(await store.get(id)).toBeUndefined()
    expect((await store.list()).mails.map(({ subject }) => subject)).toEqual(['here'])
    await store.clear()
    expect(await store.list()).toEqual({ mails: [], total: 0 })
  })

  it('is bounded by count and by octets; the newest stays in any case', async () => {
    const few = create({ limit: 2 })
    for (const subject of ['1', '2', '3']) await few.add(mail({ subject }))
    expect((await few.list()).mails.map(({ subject }) => subject)).toEqual(['3', '2'])
    const small = create({ maxBytes: 100 })
    for (const size of [60, 30, 20, 200]) await small.add(mail({ content: new Uint8Array(size) }))
    expect((await small.list()).mails.map(({ size }) => size)).toEqual([200])
    await small.add(mail({ content: new Uint8Array(50) }))
    expect((await small.list()).mails.map(({ size }) => size)).toEqual([50])
  })

  it('tells what happens, until nobody listens', async () => {
    const store = create()
    const events: StoreEvent[] = []
    const stop = store.subscribe((event) => events.push(event))
    const { id } = await store.add(mail())
    await store.delete(id)
    await store.add(mail({ subject: 'second' }))
    await store.clear()
    stop()
    await store.add(mail())
    expect(events).toMatchObject([
      { type: 'added', mail: { id, subject: 'Hello' } },
      { type: 'deleted', id },
      { type: 'added', mail: { subject: 'second' } },
      { type: 'cleared' },
    ])
  })

  it('keeps a mail although a listener throws', async () => {
    const store = create()
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    store.subscribe(() => {
      throw new Error('postgres://ann:hunter22@db.example is away')
    })
    await store.add(mail())
    expect((await warned).message).toBe(
      'a listener of a store threw: Error: postgres://<redacted>@db.example is away',
    )
    expect((await store.list()).total).toBe(1)
  })

  it.each([[{ limit: 0 }], [{ maxBytes: '5' as never }], [{ most: 1 } as never]])('refuses %o', (options) => {
    expect(() => create(options)).toThrow(expect.objectContaining({ code: 'config/invalid-config' }))
  })
})

describe('folderStore()', () => {
  it('writes files that mail programs open, for their owner alone', async () => {
    const folder = newFolder()
    await using mailer = new Mailer({ transport: debug({ store: folderStore(folder) }) })
    await mailer.send({
      from: 'ann@sender.example',
      to: 'bob@rcpt.example',
      subject: 'Grüße',
      html: '<b>Hi</b>',
    })
    const [eml, json] = readdirSync(folder).toSorted()
    expect([eml, json]).toEqual([
      expect.stringMatching(/^[\d-]+[0-9a-f]{8}\.eml$/),
      eml!.replace('.eml', '.json'),
    ])
    expect(await PostalMime.parse(readFileSync(join(folder, eml!)))).toMatchObject({
      subject: 'Grüße',
      html: '<b>Hi</b>\n',
    })
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, eml!)).mode & 0o777).toBe(0o600)
    const { transcript } = JSON.parse(readFileSync(join(folder, json!), 'utf8')) as {
      transcript: { entries: object[] }
    }
    expect(transcript.entries).toContainEqual(
      expect.objectContaining({ from: 'client', text: 'RCPT TO:<bob@rcpt.example>' }),
    )
  })

  it('is read by another that is made later', async () => {
    const folder = newFolder()
    const { id } = await folderStore(folder).add(mail())
    expect(await folderStore(folder).get(id)).toMatchObject({ subject: 'Hello' })
  })

  it('looks at no file that is not its own', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    const { id } = await store.add(mail())
    const names = ['package.json', 'x.eml', `.${id}.json.tmp`, id.replace(/\d{8}/, '99999999') + '.json']
    for (const name of names) writeFileSync(join(folder, name), 'not a mail')
    writeFileSync(join(folder, id.replace(/\d{8}/, '99999998') + '.json'), '{}')
    expect((await folderStore(folder).list()).total).toBe(1)
    for (const name of ['../../etc/passwd', '..', '', 'package', `../${folder.split('/').at(-1)}/${id}`]) {
      expect(await store.get(name)).toBeUndefined()
      await store.delete(name)
    }
    await store.clear()
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['package.json', 'x.eml']))
  })

  it('loses nothing that several processes write at once, and tells of each', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    const seen = new Set<string>()
    const stop = store.subscribe((event) => event.type === 'added' && seen.add(event.mail.subject))
    await store.list()
    const writer = `
      import { folderStore } from '@loudmail/debug'
      const store = folderStore(process.argv[1])
      const mail = ${JSON.stringify({ ...mail(), content: undefined })}
      const content = Buffer.from('Subject: x\\r\\n\\r\\n' + 'x'.repeat(100_000))
      for (let n = 0; n < 25; n++) await store.add({ ...mail, subject: process.argv[2] + n, content })
    `
    const write = (name: string): Promise<unknown> =>
      promisify(execFile)(
        process.execPath,
        ['--conditions=@loudmail/source', '--input-type=module', '-e', writer, folder, name],
        { cwd: import.meta.dirname },
      )
    await Promise.all(['a', 'b', 'c'].map(write))
    const expected = ['a', 'b', 'c'].flatMap((name) => Array.from({ length: 25 }, (_, n) => name + n))
    await vi.waitFor(() => expect([...seen].toSorted()).toEqual(expected.toSorted()))
    stop()
    const { mails, total } = await store.list({ limit: 100 })
    expect(total).toBe(75)
    for (const { id } of mails) expect((await store.get(id))!.content!.byteLength).toBe(100_014)
    expect(readdirSync(folder)).toHaveLength(150)
  })

  it('tells of what another process deletes', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    const { id } = await store.add(mail())
    const deleted = new Promise<StoreEvent>((resolve) => store.subscribe(resolve))
    await folderStore(folder).delete(id)
    expect(await deleted).toEqual({ type: 'deleted', id })
  })

  it('goes on telling where somebody removed the folder', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    const seen: string[] = []
    store.subscribe((event) => seen.push(event.type === 'added' ? event.mail.subject : event.type))
    await store.list()
    await folderStore(folder).add(mail({ subject: 'Before' }))
    await vi.waitFor(() => expect(seen).toEqual(['Before']))
    rmSync(folder, { recursive: true })
    await vi.waitFor(() => expect(seen).toEqual(['Before', 'deleted']))
    await folderStore(folder).add(mail({ subject: 'After' }))
    await vi.waitFor(() => expect(seen).toEqual(['Before', 'deleted', 'After']))
  })

  it('tells once of a mail that comes while others are cleared', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    const seen: string[] = []
    store.subscribe((event) => event.type === 'added' && seen.push(event.mail.subject))
    for (let n = 0; n < 50; n++) await store.add(mail({ subject: 'Before' }))
    await Promise.all([store.clear(), store.add(mail({ subject: 'Meanwhile' }))])
    await store.list()
    expect(seen.filter((subject) => subject === 'Meanwhile')).toHaveLength(1)
  })

  it('puts mails in order of time, also where a clock is set back', async () => {
    const store = folderStore(newFolder())
    vi.useFakeTimers({ toFake: ['Date'] })
    for (const [time, subject] of [
      [5_000_000, '1'],
      [9_000_000, '2'],
      [1_000_000, '3'],
    ] as const) {
      vi.setSystemTime(time)
      await store.add(mail({ subject }))
    }
    vi.useRealTimers()
    expect((await store.list()).mails.map(({ subject }) => subject)).toEqual(['3', '2', '1'])
  })

  it('rejects where the folder cannot be made', async () => {
    const file = newFolder()
    writeFileSync(file, '')
    await expect(folderStore(join(file, 'inside')).add(mail())).rejects.toThrow(/ENOTDIR/)
    expect(() => folderStore('')).toThrow(/path of a folder/)
  })
})
