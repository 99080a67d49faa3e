import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mailer } from '@loudmail/core'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { debug, folderStore, startInbox, type MailStore } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(root, { recursive: true }))
chmodSync(root, 0o777)
const newFolder = (): string => mkdtempSync(join(root, 'folder-'))

/** Permissions do not stop root: the rest of the test runs as somebody whom they stop. */
function withoutPrivileges(): void {
  if (process.getuid?.() !== 0) return
  process.seteuid!(65_534)
  onTestFinished(() => process.seteuid!(0))
}

const ID = '20260101-000000000-000001-aaaaaaa1'
const reply = { protocol: 'smtp', code: 550, text: 'No' }
const failure = {
  code: 'rcpt-to/rejected',
  stage: 'rcpt-to',
  kind: 'rejected',
  scope: 'message',
  permanence: 'permanent',
  delivered: 'none',
  retryable: false,
  message: 'm',
  summary: 's',
  hint: 'h',
  retryAfterMs: 1_000,
  reply,
  recipients: [{ address: 'b@x.test', status: 'rejected', reply, retryAfterMs: 1_000 }],
  failures: [],
}
const record = {
  id: ID,
  at: '2026-01-01T00:00:00.000Z',
  state: 'failed',
  transport: 'debug()',
  messageId: '<1@x.test>',
  envelope: { from: 'a@x.test', to: ['b@x.test'], smtputf8: false },
  from: 'a@x.test',
  to: ['b@x.test'],
  subject: 'Strange',
  text: 'text',
  attachments: [],
  size: 3,
  code: 'rcpt-to/rejected',
  transcript: { entries: [{ from: 'client', text: 'QUIT', atMs: 0, connection: 'c1', sequence: 0 }] },
  error: { ...failure, failures: [failure] },
}

/** The record with a value in place of what stands at a path: `envelope.to.0`. */
function changed(path: string, value: unknown): string {
  const copy: unknown = structuredClone(record)
  const names = path.split('.')
  const last = names.pop()!
  let place = copy as Record<string, unknown>
  for (const name of names) place = place[name] as Record<string, unknown>
  if (value === undefined) delete place[last]
  else place[last] = value
  return JSON.stringify(copy)
}

const nested = `${'{"failures":['.repeat(100_000)}${']}'.repeat(100_000)}`
/** A failure of a try of a try, and so on. */
const deep = ((): string => {
  const [before, after] = changed('error.failures', ['here']).split('"here"') as [string, string]
  const [from, to] = JSON.stringify({ ...failure, failures: ['here'] }).split('"here"') as [string, string]
  return before + from.repeat(20_000) + to.repeat(20_000) + after
})()

type Make = (file: string) => void
const withText =
  (text: string | Buffer): Make =>
  (file) =>
    writeFileSync(file, text)
const makePipe: Make = (file) => execFileSync('sh', ['-c', 'mkfifo "$0"', file])
const STRANGE_RECORDS: readonly (readonly [string, Make, RegExp])[] = [
  ['a file that is cut off', withText(JSON.stringify(record).slice(0, 50)), /not valid JSON/],
  ['an empty file', withText(''), /it is empty/],
  ['a file of spaces', withText(' \n'), /it is empty/],
  ['invalid UTF-8', withText(Buffer.from([0xff, 0xfe, 0x7b, 0x7d])), /not valid JSON/],
  ['UTF-16', withText(Buffer.from(JSON.stringify(record), 'utf16le')), /not valid JSON/],
  ['zeros', withText(Buffer.alloc(1_000)), /not valid JSON/],
  ['a conflict of a version control system', withText('<<<<<<< ours\n{}\n'), /not valid JSON/],
  ...['null', '5', '"text"', 'true', '[]'].map(
    (json) => [json, withText(json), /it is not an object/] as const,
  ),
  ['{}', withText('{}'), /id is not text/],
  ['JSON that is nested very deep', withText(nested), /id is not text/],
  ['failures that are nested very deep', withText(deep), /it is nested too deep/],
  ['a folder', (file) => mkdirSync(file), /it is a folder/],
  ['a folder that is not empty', (file) => mkdirSync(join(file, 'x'), { recursive: true }), /it is a folder/],
  ['a link to nowhere', (file) => symlinkSync('/does/not/exist', file), /it is a link/],
  ['a link to itself', (file) => symlinkSync(file, file), /it is a link/],
  ['a link to a folder', (file) => symlinkSync('/', file), /it is a link/],
  ['a link to a device', (file) => symlinkSync('/dev/zero', file), /it is a link/],
  ['a pipe', makePipe, /it is not a regular file/],
  [
    'a file of many gigabytes',
    (file) => {
      writeFileSync(file, '')
      truncateSync(file, 2 ** 33)
    },
    /it is larger than 64 MiB/,
  ],
  ...Object.keys(record)
    .filter((field) => !['messageId', 'code', 'transcript', 'error'].includes(field))
    .map(
      (field) => [`no ${field}`, withText(changed(field, undefined)), new RegExp(`${field} is n`)] as const,
    ),
  ...(
    [
      ['id', '../../etc/passwd', /id is that of another mail/],
      ['id', ID.replace('aaaaaaa1', 'bbbbbbb2'), /id is that of another mail/],
      ['at', 'yesterday', /at is not a time/],
      ['at', 5, /at is not text/],
      ['state', 'lost', /state is none of/],
      ['transport', {}, /transport is not text/],
      ['messageId', 5, /messageId is not text/],
      ['envelope', null, /envelope is not an object/],
      ['envelope', [], /envelope is not an object/],
      ['envelope.from', undefined, /envelope\.from is not text/],
      ['envelope.to', 'b@x.test', /envelope\.to is not a list/],
      ['envelope.to', { length: 1 }, /envelope\.to is not a list/],
      ['envelope.to.0', null, /envelope\.to\[0\] is not text/],
      ['envelope.smtputf8', 'no', /envelope\.smtputf8 is neither true nor false/],
      ['from', null, /from is not text/],
      ['to', 'b@x.test', /to is not a list/],
      ['to', [['b@x.test']], /to\[0\] is not text/],
      ['subject', 5, /subject is not text/],
      ['text', 5, /text is not text/],
      ['attachments', [5], /attachments\[0\] is not text/],
      ['size', '3', /size is not a number/],
      ['size', -3, /size is not a number/],
      ['code', 5, /code is not text/],
      ['transcript', 5, /transcript is not an object/],
      ['transcript.entries', {}, /transcript\.entries is not a list/],
      ['transcript.entries.0', 'QUIT', /transcript\.entries\[0\] is not an object/],
      ['transcript.entries.0.from', 'nobody', /entries\[0\]\.from is none of/],
      ['transcript.entries.0.text', 5, /entries\[0\]\.text is not text/],
      ['transcript.entries.0.atMs', 'now', /entries\[0\]\.atMs is not a number/],
      ['transcript.entries.0.connection', 1, /entries\[0\]\.connection is not text/],
      ['transcript.entries.0.sequence', null, /entries\[0\]\.sequence is not a number/],
      ['error', 'x', /error is not an object/],
      ['error.code', 5, /error\.code is not text/],
      ['error.summary', undefined, /error\.summary is not text/],
      ['error.hint', {}, /error\.hint is not text/],
      ['error.delivered', 'perhaps', /error\.delivered is none of none, some, unknown/],
      ['error.permanence', 5, /error\.permanence is none of/],
      ['error.scope', '', /error\.scope is none of/],
      ['error.retryable', 'yes', /error\.retryable is neither/],
      ['error.retryAfterMs', '1 s', /error\.retryAfterMs is not a number/],
      ['error.recipients.0.retryAfterMs', '1 s', /error\.recipients\[0\]\.retryAfterMs is not a number/],
      ['error.reply', 'No', /error\.reply is not an object/],
      ['error.reply.code', '550', /error\.reply\.code is not a number/],
      ['error.reply.text', 5, /error\.reply\.text is not text/],
      ['error.reply.command', {}, /error\.reply\.command is not text/],
      ['error.recipients', {}, /error\.recipients is not a list/],
      ['error.recipients.0.status', 'gone', /error\.recipients\[0\]\.status is none of/],
      ['error.recipients.0.address', 5, /error\.recipients\[0\]\.address is not text/],
      ['error.recipients.0.reply', 5, /error\.recipients\[0\]\.reply is not an object/],
      ['error.failures', null, /error\.failures is not a list/],
      ['error.failures.0', 5, /error\.failures\[0\] is not an object/],
      ['error.failures.0.failures', 5, /error\.failures\[0\]\.failures is not a list/],
    ] as const
  ).map(([path, value, reason]) => {
    const title = `${path} that is ${JSON.stringify(value) ?? 'missing'}`
    return [title, withText(changed(path, value)), reason] as const
  }),
]

/** Everything that the inbox can be asked about that mail. */
const PLACES = [
  '',
  '?q=strange',
  '?q=good',
  `?before=${ID}`,
  ...['', 'text', 'headers', 'source', 'attachments', 'conversation', 'failure'].map(
    (view) => `?mail=${ID}&view=${view}`,
  ),
  ...['html', 'source', 'message.eml', 'attachments/0'].map((what) => `mails/${ID}/${what}`),
]

/** Sends a mail into the folder, and asks the inbox for everything. */
async function tour(store: MailStore): Promise<Map<string, { status: number; body: string }>> {
  await using mailer = new Mailer({ transport: debug({ store }) })
  await mailer.send({ from: 'a@x.test', to: 'b@x.test', subject: 'Good', text: 'text' })
  await using own = await startInbox(store)
  const answers = new Map<string, { status: number; body: string }>()
  for (const place of PLACES) {
    const response = await fetch(own.url + place)
    answers.set(place, { status: response.status, body: await response.text() })
    expect(response.status, place).toBeLessThan(500)
  }
  expect(answers.get('')!.body).toContain('Good')
  expect(answers.get('?q=good')!.body).toMatch(/1 mail/)
  return answers
}

describe('a folder in which there is, in place of a record,', () => {
  it.each(STRANGE_RECORDS)(
    '%s takes mail, and shows the others and what is wrong',
    async (_what, make, reason) => {
      const folder = newFolder()
      make(join(folder, `${ID}.json`))
      const store = folderStore(folder)
      const answers = await tour(store)
      const { total, unreadable } = await store.list()
      expect(total).toBe(1)
      expect(unreadable).toEqual([
        { id: ID, file: `${ID}.json`, reason: expect.stringMatching(reason) as string },
      ])
      expect(answers.get('')!.body).toContain('1 file cannot be read as a mail')
      expect(answers.get('')!.body.replaceAll(/\s+/g, ' ')).toContain(
        `${ID}.json</a>: ${unreadable![0]!.reason}`,
      )
      expect(answers.get(`?mail=${ID}&view=`)).toMatchObject({
        status: 200,
        body: expect.stringMatching(/This mail cannot be read[^]*\.json<\/code>: /) as string,
      })
      expect(answers.get(`mails/${ID}/source`)!.body).toBe(
        `This mail cannot be read: ${ID}.json: ${unreadable![0]!.reason}.\n`,
      )
      expect(await store.get(ID)).toBeUndefined()
      await store.clear()
      const isFolder = reason.test('it is a folder')
      expect(readdirSync(folder)).toEqual(isFolder ? [`${ID}.json`] : [])
    },
  )

  it('a file of somebody else, it does the same', async () => {
    withoutPrivileges()
    const folder = newFolder()
    writeFileSync(join(folder, `${ID}.json`), JSON.stringify(record), { mode: 0 })
    const store = folderStore(folder)
    await tour(store)
    expect((await store.list()).unreadable).toMatchObject([{ reason: /may not read it \(EACCES\)/ }])
  })

  it('a large file that cannot be read, it reads that once', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, `${ID}.json`), Buffer.alloc(60_000_000, ' {'))
    const store = folderStore(folder)
    await store.list()
    const before = process.cpuUsage()
    for (let n = 0; n < 50; n++) expect(await store.list()).toMatchObject({ unreadable: [{ id: ID }] })
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(1)
  })

  it('thousands of strange files, it names the first', async () => {
    const folder = newFolder()
    for (let n = 0; n < 2_000; n++)
      writeFileSync(join(folder, `20260101-000000000-${String(n).padStart(6, '0')}-aaaaaaa1.json`), '{')
    const answers = await tour(folderStore(folder))
    expect(answers.get('')!.body).toMatch(/2000 files cannot be read[^]*and 1990 more/)
  })
})

describe('a folder in which there is, in place of the content of a mail,', () => {
  it.each<[string, Make, RegExp]>([
    ['nothing', () => {}, /it is not there any more/],
    ['a folder', (file) => mkdirSync(file), /it is a folder/],
    ['a link to nowhere', (file) => symlinkSync('/does/not/exist', file), /it is a link/],
    ['a link to a file of the system', (file) => symlinkSync('/etc/passwd', file), /it is a link/],
    ['a pipe', makePipe, /it is not a regular file/],
    [
      'a file of many gigabytes',
      (file) => {
        writeFileSync(file, '')
        truncateSync(file, 2 ** 33)
      },
      /it is larger than 1024 MiB/,
    ],
  ])('%s shows the mail, and why its content cannot be read', async (_what, make, reason) => {
    const folder = newFolder()
    writeFileSync(join(folder, `${ID}.json`), JSON.stringify(record))
    make(join(folder, `${ID}.eml`))
    const store = folderStore(folder)
    const answers = await tour(store)
    expect(await store.list()).toMatchObject({ total: 2 })
    expect(await store.get(ID)).toMatchObject({
      subject: 'Strange',
      problem: expect.stringMatching(reason) as string,
    })
    expect(answers.get(`?mail=${ID}&view=failure`)!.body).toContain('rcpt-to/rejected')
    expect(answers.get(`?mail=${ID}&view=text`)!.body).toMatch(
      new RegExp(`This message cannot be read: ${ID}\\.eml: ${reason.source}`),
    )
    expect(answers.get(`?mail=${ID}&view=source`)!.body).toMatch(reason)
    expect(answers.get(`mails/${ID}/source`)).toMatchObject({
      status: 404,
      body: expect.stringMatching(reason) as string,
    })
    expect(answers.get(`mails/${ID}/message.eml`)).toMatchObject({
      status: 404,
      body: expect.stringMatching(reason) as string,
    })
  })

  it.each<[string, string | Buffer]>([
    ['nothing at all', ''],
    ['zeros', Buffer.alloc(10_000)],
    ['something that is no message', Buffer.from([0xff, 0xfe, 0, 10, 13, 10, 58, 58])],
  ])('%s shows it', async (_what, content) => {
    const folder = newFolder()
    writeFileSync(join(folder, `${ID}.json`), JSON.stringify(record))
    writeFileSync(join(folder, `${ID}.eml`), content)
    const answers = await tour(folderStore(folder))
    expect(answers.get(`?mail=${ID}&view=text`)!.status).toBe(200)
  })
})

describe('a folder that somebody else changes', () => {
  it('takes in a file once it is whole, and tells of it', async () => {
    const folder = newFolder()
    const file = join(folder, `${ID}.json`)
    writeFileSync(file, JSON.stringify(record).slice(0, 100))
    const store = folderStore(folder)
    expect(await store.list()).toMatchObject({ total: 0, unreadable: [{ id: ID }] })
    const told: string[] = []
    onTestFinished(store.subscribe((event) => told.push(event.type === 'added' ? event.mail.id : event.type)))
    writeFileSync(file, JSON.stringify(record))
    await vi.waitFor(() => expect(told).toEqual([ID]))
    expect(await store.list()).not.toHaveProperty('unreadable')
    expect(await store.get(ID)).toMatchObject({ subject: 'Strange' })
  })

  it('shows that a mail was damaged after it was listed', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    writeFileSync(join(folder, `${ID}.json`), JSON.stringify(record))
    expect(await store.list()).toMatchObject({ total: 1 })
    writeFileSync(join(folder, `${ID}.json`), '{')
    const answers = await tour(store)
    expect(answers.get(`?mail=${ID}&view=`)!.body).toContain('This mail cannot be read')
    expect(await store.list()).toMatchObject({ total: 1, unreadable: [{ id: ID }] })
    rmSync(join(folder, `${ID}.json`))
    expect(await store.list()).not.toHaveProperty('unreadable')
  })

  it('answers while files come and go', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    const bad = join(folder, `${ID}.json`)
    let stopped = false
    const changing = (async () => {
      while (!stopped) {
        await folderStore(folder).add({
          ...record,
          state: 'captured',
          error: undefined,
          transcript: undefined,
        })
        writeFileSync(bad, JSON.stringify(record).slice(0, Math.random() * 2_000))
        await folderStore(folder).clear()
      }
    })()
    await using own = await startInbox(store)
    for (let n = 0; n < 100; n++) {
      const { mails } = await store.list()
      await Promise.all(mails.map(({ id }) => store.get(id)))
      expect((await fetch(`${own.url}?mail=${mails[0]?.id ?? ID}`)).status).toBeLessThan(500)
    }
    stopped = true
    await changing
  })

  it('keeps new mail where a folder has taken the place of an old one', async () => {
    const folder = newFolder()
    const store = folderStore(folder, { limit: 1 })
    await store.add({ ...record, state: 'captured', error: undefined, transcript: undefined })
    const [old] = readdirSync(folder)
    rmSync(join(folder, old!))
    mkdirSync(join(folder, old!))
    await tour(store)
    expect((await store.list()).total).toBe(1)
  })
})

describe('a folder that cannot be read', () => {
  it('keeps mail, and warns once', async () => {
    withoutPrivileges()
    const folder = newFolder()
    chmodSync(folder, 0o300)
    const warnings: string[] = []
    const note = ({ message }: Error): unknown => warnings.push(message)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    await using mailer = new Mailer({ transport: debug({ store: folderStore(folder) }) })
    for (const subject of ['1', '2'])
      await mailer.send({ from: 'a@x.test', to: 'b@x.test', subject, text: 'text' })
    chmodSync(folder, 0o700)
    expect((await folderStore(folder).list()).total).toBe(2)
    await vi.waitFor(() =>
      expect(warnings).toEqual([expect.stringMatching(/keeps new mails, but its old ones .*EACCES/)]),
    )
  })
})

describe('a folder that cannot be written', () => {
  it('shows its mails, and deletes none without saying so', async () => {
    withoutPrivileges()
    const folder = newFolder()
    const store = folderStore(folder)
    await store.add({ ...record, state: 'captured', error: undefined, transcript: undefined })
    chmodSync(folder, 0o500)
    const { id } = (await store.list()).mails[0]!
    await expect(store.delete(id)).rejects.toThrow(/EACCES/)
    await expect(store.clear()).rejects.toThrow(/EACCES/)
    expect(await store.get(id)).toMatchObject({ subject: 'Strange' })
    chmodSync(folder, 0o700)
  })
})

describe('a mail that cannot be written', () => {
  it('leaves nothing behind', async () => {
    const folder = newFolder()
    const store = folderStore(folder)
    const cyclic: unknown[] = []
    cyclic.push(cyclic)
    const mail = { ...record, state: 'captured', error: undefined, content: Buffer.from('x') } as const
    await expect(store.add({ ...mail, transcript: { entries: cyclic as never } })).rejects.toThrow(/circular/)
    expect(readdirSync(folder)).toEqual([])
  })
})
