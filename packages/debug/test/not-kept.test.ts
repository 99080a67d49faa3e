import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { failover, Mailer, MailError, memory, retry, type MailEvent, type Transport } from '@loudmail/core'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { debug, folderStore, memoryStore, record, type MailStore } from '../src/index.ts'

const hello = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }

const root = mkdtempSync(join(tmpdir(), 'loudmail-'))
afterAll(() => rmSync(root, { recursive: true }))
writeFileSync(join(root, 'file'), '')
symlinkSync('/dev/full', join(root, 'full'))

const STORES: [string, () => MailStore, RegExp][] = [
  [
    'whose add() rejects',
    () => ({ ...memoryStore(), add: () => Promise.reject(new Error('the disk is full')) }),
    /the disk is full/,
  ],
  [
    'whose add() throws',
    () => ({
      ...memoryStore(),
      add() {
        throw new Error('the disk is full')
      },
    }),
    /the disk is full/,
  ],
  // oxlint-disable-next-line prefer-promise-reject-errors
  ['whose add() rejects with nothing', () => ({ ...memoryStore(), add: () => Promise.reject() }), /store \[/],
  ['in a folder that cannot be made', () => folderStore(join(root, 'file', 'folder')), /ENOTDIR/],
  ['in a folder that is a device', () => folderStore(join(root, 'full')), /EEXIST|ENOTDIR/],
  [
    'that does not answer before the deadline',
    () => ({ ...memoryStore(), add: () => new Promise(() => {}) }),
    /the store did not answer in time/,
  ],
]

function warnings(): string[] {
  const heard: string[] = []
  const note = ({ message }: Error): unknown => heard.push(message)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  return heard
}

function observing(transport: Transport): { mailer: Mailer; events: MailEvent[] } {
  const events: MailEvent[] = []
  const observe = (event: MailEvent): void => {
    void event.error
    events.push(event)
  }
  return { mailer: new Mailer({ transport, observe, deadlineMs: 1_000 }), events }
}

describe.each(STORES)('a store %s', (_what, create, reason) => {
  it('does not change a send that record() watches: observers hear of it, and the process warns', async () => {
    const heard = warnings()
    const inner = memory()
    const { mailer, events } = observing(record(inner, { store: create() }))
    const receipt = await mailer.send(hello)
    expect(receipt).toMatchObject({ ok: true, state: 'captured', failures: [] })
    expect(inner.messages).toHaveLength(1)
    expect(mailer.stats).toMatchObject({ sent: 1, failed: 0, attemptsFailed: 1 })
    expect(events.map(({ type }) => type)).toEqual(['attempt-failed', 'sent'])
    expect(events[0]!.error).toMatchObject({
      code: 'submit/storage',
      transport: 'record(memory())',
      messageId: receipt.messageId,
      retryable: false,
      recipients: [{ address: 'bob@rcpt.example', status: 'accepted' }],
      hint: expect.stringContaining('do not send the message again') as string,
    })
    await vi.waitFor(() => expect(heard).toHaveLength(1))
    expect(heard[0]).toMatch(/a send that succeeded could not be kept[^]*do not send the message again/)
    expect(heard[0]).toMatch(reason)
  })

  it('does not hide why a send failed', async () => {
    const heard = warnings()
    const { mailer, events } = observing(
      record(debug({ rehearse: 'rcpt-to/mailbox-unknown' }), { store: create() }),
    )
    await expect(mailer.send(hello)).rejects.toMatchObject({ code: 'rcpt-to/mailbox-unknown' })
    expect(events.map(({ error }) => error?.code)).toEqual(['submit/storage', 'rcpt-to/mailbox-unknown'])
    await vi.waitFor(() => expect(heard[0]).toMatch(/a failed send could not be kept/))
    await mailer.close()
  })

  it('sends nothing twice, inside retry() and failover()', async () => {
    const inner = memory()
    const other = memory()
    const watched = record(inner, { store: create() })
    const { mailer } = observing(failover(retry(watched, { delayMs: 0 }), other))
    expect((await mailer.send(hello)).ok).toBe(true)
    expect([inner.messages.length, other.messages.length]).toEqual([1, 0])
  })

  it('fails a send of debug(), which would be lost', async () => {
    const { mailer, events } = observing(debug({ store: create() }))
    await expect(mailer.send(hello)).rejects.toMatchObject({
      code: 'submit/storage',
      delivered: 'none',
      transcript: { entries: expect.arrayContaining([]) as unknown[] },
    })
    expect(events).toHaveLength(1)
    await mailer.close()
  })

  it('does not hide a failure that debug() rehearses', async () => {
    const heard = warnings()
    const { mailer, events } = observing(debug({ store: create(), rehearse: 'rcpt-to/mailbox-full' }))
    await expect(mailer.send(hello)).rejects.toMatchObject({ code: 'rcpt-to/mailbox-full' })
    expect(events.map(({ error }) => error?.code)).toEqual(['submit/storage', 'rcpt-to/mailbox-full'])
    await vi.waitFor(() => expect(heard[0]).toMatch(/a failed send could not be kept/))
    await mailer.close()
  })
})

it('a store that does not answer does not hide that the caller ended the send', async () => {
  const waiting: Transport = {
    name: 'waiting()',
    send: (_message, context) =>
      new Promise((_resolve, reject) => {
        context!.signal!.addEventListener('abort', () =>
          reject(new MailError({ stage: 'connect', kind: 'aborted' })),
        )
      }),
  }
  const store: MailStore = { ...memoryStore(), add: () => new Promise(() => {}) }
  const { mailer } = observing(record(waiting, { store }))
  await expect(mailer.send(hello, { signal: AbortSignal.timeout(10) })).rejects.toMatchObject({
    code: 'connect/aborted',
  })
})

it('a full disk fails a send of debug(), and nothing is left behind', async () => {
  const folder = mkdtempSync(join(root, 'folder-'))
  const program = `
    import { Mailer } from '@loudmail/core'
    import { debug, folderStore } from '@loudmail/debug'
    const mailer = new Mailer({ transport: debug({ store: folderStore(${JSON.stringify(folder)}) }) })
    const { error } = await mailer.send(${JSON.stringify(hello)}, { failure: 'silent' })
    console.log(error.code, error.cause.code)
    await mailer.close()
  `
  // A file may have as many octets as the content of the message needs, but its record needs more.
  const limited = 'trap "" XFSZ; ulimit -f 1; exec "$0" "$@"'
  const values = ['--conditions=@loudmail/source', '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)('sh', ['-c', limited, process.execPath, ...values], {
    cwd: import.meta.dirname,
  })
  expect(stdout).toBe('submit/storage EFBIG\n')
  expect(readdirSync(folder)).toEqual([])
})

it('a store that answers late, but in time, keeps the send', async () => {
  const store = memoryStore()
  const slow: MailStore = {
    ...store,
    add: (mail) => new Promise((resolve) => setTimeout(resolve, 1_100)).then(() => store.add(mail)),
  }
  const { mailer, events } = observing(record(memory(), { store: slow }))
  expect((await mailer.send(hello)).ok).toBe(true)
  expect(store.mails).toHaveLength(1)
  expect(events.map(({ type }) => type)).toEqual(['sent'])
})

it('record() refuses what is no store', () => {
  expect(() => record(memory(), { store: {} as MailStore })).toThrow(/must be a store/)
})
