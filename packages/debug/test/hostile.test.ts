import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Mailer, MailError, memory, type MessageInput, type Transport } from '@loudmail/core'
import { afterAll, describe, expect, it } from 'vitest'
import {
  debug,
  folderStore,
  inbox,
  memoryStore,
  record,
  startInbox,
  type MailStore,
  type NewMail,
} from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(root, { recursive: true }))

const MAIL: NewMail = {
  state: 'captured',
  transport: 'debug()',
  envelope: { from: 'ann@sender.example', to: ['bob@rcpt.example'], smtputf8: false },
  from: 'ann@sender.example',
  to: ['bob@rcpt.example'],
  subject: 'Good',
  text: 'text',
  attachments: [],
  content: Buffer.from('Subject: Good\r\n\r\ntext\r\n'),
}

describe('a mail with 20,000 refused recipients', () => {
  const to = Array.from({ length: 20_000 }, (_, n) => `user${n}@rcpt.example`)
  const reply = (address: string) =>
    ({ protocol: 'smtp', code: 550, text: `<${address}> unknown`, command: `RCPT TO:<${address}>` }) as const
  const entries = to.flatMap((address) => [
    { from: 'client', text: `RCPT TO:<${address}>`, atMs: 0, connection: 'c', sequence: 0 } as const,
    { from: 'server', text: `550 <${address}> unknown`, atMs: 0, connection: 'c', sequence: 1 } as const,
  ])
  const error = new MailError({
    stage: 'rcpt-to',
    kind: 'mailbox-unknown',
    reply: reply(to[0]!),
    recipients: to.map((address) => ({ address, status: 'rejected', reply: reply(address) })),
  })

  it.each(['text', 'failure', 'conversation'])('shows its %s at once', async (view) => {
    const store = memoryStore()
    const envelope = { ...MAIL.envelope, to }
    const names = to.map((address) => `Name <${address}>`)
    const transcript = { entries: entries.toReversed() }
    const { id } = await store.add({ ...MAIL, envelope, to: names, state: 'failed', error, transcript })
    await using own = await startInbox(store)
    const before = process.cpuUsage()
    const body = await (await fetch(`${own.url}?mail=${id}&view=${view}`)).text()
    // It took 16 to 45 seconds.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5)
    expect(body).not.toContain('envelope:')
    if (view === 'conversation') expect(body).toContain('failed here')
  })
})

describe('a store with a bad mail', () => {
  it.each<[string, object]>([
    ['no recipients', { to: undefined }],
    ['a subject that is a number', { subject: 5 }],
    ['a text that is a number', { text: 5 }],
    ['no attachments', { attachments: null }],
    ['no envelope', { envelope: undefined, to: [] }],
    ['a time that is none', { at: 'yesterday' }],
    ['a failure that is none', { error: 'x' }],
    ['a conversation that is none', { transcript: 5 }],
    ['content that is text', { content: 5 }],
  ])('with %s shows the others', async (_what, changes) => {
    const inner = memoryStore()
    await inner.add(MAIL)
    const bad = await inner.add(MAIL)
    const damaged = { ...bad, ...changes } as typeof bad
    const store: MailStore = {
      ...inner,
      list: async () => ({ mails: [damaged, inner.mails[0]!], total: 2 }),
      get: async (id) => (id === bad.id ? damaged : inner.get(id)),
    }
    await using own = await startInbox(store)
    for (const place of ['', `?mail=${bad.id}`]) {
      const response = await fetch(own.url + place)
      expect([place, response.status]).toEqual([place, 200])
      expect(await response.text()).toContain('Good')
    }
  })

  it('in memory finds the others', async () => {
    const store = memoryStore()
    await store.add(MAIL)
    await store.add({ ...MAIL, to: undefined as never })
    expect(await store.list({ search: 'good' })).toMatchObject({ total: 1 })
  })
})

describe('a request', () => {
  it('for the stream of events of a store that cannot be watched is answered', async () => {
    const store: MailStore = {
      ...memoryStore(),
      subscribe() {
        throw new Error('nobody may watch')
      },
    }
    await using own = await startInbox(store)
    const response = await fetch(`${own.url}events`)
    expect([response.status, await response.text()]).toEqual([
      500,
      expect.stringContaining('nobody may watch'),
    ])
  })

  it.each([
    ['localhost', 200],
    ['evil.example', 403],
  ])('over HTTP/2 under the name %s is answered with %i', async (authority, status) => {
    const server = createServer(inbox(memoryStore()) as never)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const asking = session.request({ ':path': '/', ':authority': authority })
    const [headers] = (await once(asking, 'response')) as [{ ':status': number }]
    expect(headers[':status']).toBe(status)
    await text(asking)
    session.close()
    server.close()
  })

  it.each([
    ['?q=%00%ff', 200],
    ['?q=%', 200],
    [`?q=${'a+'.repeat(5_000)}`, 200],
    ['?before=%00', 200],
    ['?mail=__proto__', 404],
    ['?mail=000000001&view=__proto__', 200],
    ['?mail=000000001&mail=x', 200],
    ['mails/__proto__/html', 404],
    ['mails/%2e%2e%2f%2e%2e/source', 404],
    ['mails/000000001/attachments', 404],
    ['mails/000000001/attachments/99999999999999999999', 404],
    ['mails/000000001/constructor', 404],
    ['%', 404],
    ['%c0%ae/', 404],
  ])('for %s is answered with %i', async (place, status) => {
    const store = memoryStore()
    await store.add(MAIL)
    await using own = await startInbox(store)
    expect((await fetch(own.url + place)).status).toBe(status)
  })

  it.each([{ range: 'bytes=0-5' }, { range: 'bytes=9-1' }, { 'if-none-match': '*' }])(
    'with %j is answered with the whole source',
    async (headers) => {
      const store = memoryStore()
      await store.add(MAIL)
      await using own = await startInbox(store)
      const response = await fetch(`${own.url}mails/000000001/source`, { headers })
      expect([response.status, await response.text()]).toEqual([200, 'Subject: Good\r\n\r\ntext\r\n'])
    },
  )
})

describe('debug()', () => {
  it('keeps a message of more than 64 MiB that can be read only once', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    const content = Readable.from([Buffer.alloc(65_000_000)])
    const { ok } = await mailer.send({
      from: 'ann@sender.example',
      to: 'bob@rcpt.example',
      attachments: [{ filename: 'large', content }],
    })
    expect(ok).toBe(true)
    expect(transport.store.mails[0]!.size).toBeGreaterThan(85_000_000)
  })
})

describe.each<[string, () => MailStore]>([
  ['memory', () => memoryStore()],
  ['a folder', () => folderStore(mkdtempSync(join(root, 'folder-')))],
])('record() with a store in %s', (_where, create) => {
  const gigabytes = () =>
    Readable.from(
      (function* () {
        for (let n = 0; n < 5_000; n++) yield Buffer.alloc(2 ** 20)
      })(),
    )
  it.each<[string, () => Transport, () => Partial<MessageInput>, string]>([
    [
      'can be read only once',
      debug,
      () => ({ attachments: [{ filename: 'x', content: Readable.from(['x']) }] }),
      'the message can be read only once',
    ],
    [
      'does not fit into memory',
      memory,
      () => ({ attachments: [{ filename: 'x', content: gigabytes }] }),
      'the message is larger than 256 MiB',
    ],
    [
      'cannot be composed',
      memory,
      () => ({ attachments: [{ filename: 'x', path: '/does/not/exist' }] }),
      'the message could not be composed',
    ],
  ])('says why it has no content of a message that %s', async (_what, transport, changes, reason) => {
    const store = create()
    await using mailer = new Mailer({ transport: record(transport(), { store }) })
    const { ok } = await mailer.send({
      from: 'ann@sender.example',
      to: 'bob@rcpt.example',
      subject: 'Odd',
      ...changes(),
    })
    expect(ok).toBe(true)
    const { mails } = await store.list()
    const { id } = mails[0]!
    expect(await store.get(id)).toMatchObject({ subject: 'Odd', problem: reason })
    await using own = await startInbox(store)
    expect(await (await fetch(`${own.url}mails/${id}/source`)).text()).toBe(
      `This mail has no source: ${reason}.\n`,
    )
    expect(await (await fetch(`${own.url}?mail=${id}&view=source`)).text()).toContain(
      `There is no source: ${reason}.`,
    )
  })
})
