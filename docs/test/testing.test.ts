import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Mailer, retry } from '@loudmail/core'
import { debug, folderStore, memoryStore, record, type MailStore } from '@loudmail/debug'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { testInbox, type InboxStore } from '@loudmail/testing'
import '@loudmail/testing/vitest'
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest'

const root = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const newFolder = (): string => join(root, `folder-${++folders}`)

const welcome = {
  from: 'Tea Shop <tea@example.com>',
  to: 'ann@example.com',
  subject: 'Welcome',
  text: 'Tea?',
}
const quiet = { failure: 'silent', observe: (event: { error?: unknown }) => void event.error } as const

it('every store of @loudmail/debug is one for a test inbox', () => {
  expectTypeOf<MailStore>().toExtend<InboxStore>()
  for (const source of [
    debug(),
    debug({ store: folderStore(newFolder()) }),
    memoryStore(),
    folderStore(newFolder()),
  ])
    expect(testInbox(source)).toHaveProperty('waitFor')
})

describe.each<[string, () => MailStore]>([
  ['memoryStore()', memoryStore],
  ['folderStore()', () => folderStore(newFolder())],
])('with a debug transport and %s', (_name, newStore) => {
  it('a test reads what went over the wire', async () => {
    const transport = debug({ store: newStore() })
    await using mailer = new Mailer({ transport })
    const html = '<a href="https://tea.example/?a=1&amp;b=2">Confirm</a> or type 482 913.'
    const waiting = testInbox(transport).waitFor({ to: 'ann@example.com', html: 'Confirm' })
    await mailer.send({ ...welcome, html, bcc: 'bob@example.com' })
    expect(await waiting).toMatchObject({
      state: 'captured',
      links: ['https://tea.example/?a=1&b=2'],
      codes: ['482913'],
      envelope: { to: ['ann@example.com', 'bob@example.com'] },
    })
    expect((await waiting).transcript?.entries.map(({ text }) => text)).toContain('RCPT TO:<bob@example.com>')
    await expect(transport).toHaveSent({ to: 'bob@example.com', from: /Tea Shop/ }, { times: 1 })
  })

  it('a test sees failed sends, and for a send that failed in part, only its failed recipients', async () => {
    const transport = debug({ store: newStore() })
    await using mailer = new Mailer({ transport, ...quiet })
    const full = 'fail+rcpt-to.mailbox-full@example.com'
    const receipt = await mailer.send({ ...welcome, to: [welcome.to, full] })
    for (const failed of [receipt, receipt.error, transport, testInbox(transport)]) {
      await expect(failed).toHaveFailed({ code: 'rcpt-to/mailbox-full', delivered: 'some', to: full })
      await expect(failed).not.toHaveFailed({ to: welcome.to })
    }
    await expect(transport).toHaveSent({ to: welcome.to })
    await expect(transport).not.toHaveSent({ to: full })
  })
})

it('matchers say what must be sent, and how a send must fail', async () => {
  const transport = debug({
    rehearse: ({ envelope }) =>
      envelope.to.includes('full@example.com') ? 'rcpt-to/mailbox-full' : undefined,
  })
  await using mailer = new Mailer({ transport })
  // snippet: vitest
  await mailer.send({ ...welcome, to: 'ann@example.com' })
  await expect(transport).toHaveSent({ to: 'ann@example.com', subject: /welcome/i }, { times: 1 })

  const sending = mailer.send({ ...welcome, to: 'full@example.com' })
  await expect(sending).rejects.toHaveFailed({ code: 'rcpt-to/mailbox-full', retryable: true })
  await expect(transport).not.toHaveSent({ to: 'full@example.com' })
  // end
  await expect(transport).toHaveFailed({ to: 'full@example.com' })
})

it('a send that succeeds at a later attempt has not failed', async () => {
  await using server = await startServer({ on: { RCPT: { nthGlobal: ['451 4.7.1 Later', { pass: true }] } } })
  const store = memoryStore()
  await using mailer = new Mailer({
    transport: record(retry(smtp(server.url), { delayMs: 1 }), { store }),
    ...quiet,
  })
  const receipt = await mailer.send(welcome)
  expect(receipt.failures).toHaveLength(1)
  await expect(receipt).not.toHaveFailed()
  await expect(store).not.toHaveFailed()
  await expect(store).toHaveSent({ state: 'sent' }, { times: 1 })
})

it('waitFor() finds the mail of another process that uses the same folder', async () => {
  const folder = newFolder()
  const inbox = testInbox(folderStore(folder))
  const subjects = ['1', '2', '3']
  const waiting = subjects.map((subject) => inbox.waitFor({ subject }, { timeoutMs: 15_000 }))
  const program = `
    import { Mailer } from '@loudmail/core'
    import { debug, folderStore } from '@loudmail/debug'
    await using mailer = new Mailer({ transport: debug({ store: folderStore(process.argv[1]) }) })
    for (const subject of ['1', '2', '3']) await mailer.send({ from: 'a@example.com', to: 'b@example.com', subject, text: 'x' })`
  await promisify(execFile)(
    process.execPath,
    ['--conditions=@loudmail/source', '--input-type=module', '-e', program, folder],
    { cwd: import.meta.dirname },
  )
  expect((await Promise.all(waiting)).map(({ subject }) => subject)).toEqual(subjects)
})
