import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Mailer, memory, type TemplateInput } from '@loudmail/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { outbox, sqlite, type Outbox } from '../src/index.ts'

let folder: string
let box: Outbox
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbox-'))
  box = outbox(memory(), { store: sqlite(join(folder, 'mail.db')), defaults: { subject: 'Default' } })
})
afterEach(async () => {
  await box.close?.()
  rmSync(folder, { recursive: true })
})

const to = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
const template: TemplateInput = async () => ({
  text: 'Hi',
  attachments: [{ filename: 'logo', content: 'x' }],
})
const broken: TemplateInput = () => {
  throw new Error('no name')
}

it('keeps what the template made, over its defaults', async () => {
  const { id } = await box.enqueue({ ...to, template })
  expect(await box.read(id)).toMatchObject({
    subject: 'Default',
    text: 'Hi',
    attachments: [{ filename: 'logo' }],
  })
  await expect(box.enqueue({ ...to, template: broken })).rejects.toMatchObject({
    code: 'compose/template',
    summary: 'the template failed: no name',
  })
  expect((await box.counts()).waiting).toBe(1)
})

it('keeps what the template made through a mailer, whose defaults come first', async () => {
  const mailer = new Mailer({ transport: box, defaults: { subject: 'Own' } })
  expect((await mailer.send({ ...to, template })).state).toBe('queued')
  await expect(mailer.send({ ...to, template: broken })).rejects.toThrow('compose/template')
  for await (const { id } of box.list())
    expect(await box.read(id)).toMatchObject({ subject: 'Own', text: 'Hi' })
  expect((await box.counts()).waiting).toBe(1)
})

it('keeps what the template made if the transaction of the caller is committed', async () => {
  const db = new DatabaseSync(join(folder, 'mail.db'))
  try {
    await box.verify?.()
    for (const end of ['ROLLBACK', 'COMMIT'] as const) {
      db.exec('BEGIN IMMEDIATE')
      await box.enqueue({ ...to, template }, { using: db })
      // The transaction of the caller goes on after a template that fails.
      await expect(box.enqueue({ ...to, template: broken }, { using: db })).rejects.toThrow(
        'compose/template',
      )
      db.exec(end)
      expect((await box.counts()).waiting).toBe(end === 'COMMIT' ? 1 : 0)
    }
  } finally {
    db.close()
  }
})

it('fails once if both the options and a promise of content are wrong', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    const late = Promise.reject(new Error('no name'))
    await expect(box.enqueue({ ...to, template: late }, { at: 1 } as object)).rejects.toThrow(/no name/)
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('unhandledRejection', note)
  }
  expect(unhandled).toEqual([])
  await expect(box.enqueue({ ...to, template }, { at: 1 } as object)).rejects.toThrow(/enqueue\(\)/)
})

it('gives up a template that has no end, and leaves the transaction of the caller as it is', async () => {
  const store = sqlite(join(folder, 'mail.db'))
  const hasty = outbox(memory(), { store, defaults: { subject: 'Default' }, deadlineMs: 20 })
  const db = new DatabaseSync(join(folder, 'mail.db'))
  let seen: AbortSignal | undefined
  const endless: TemplateInput = ({ signal }) => {
    seen = signal
    return new Promise(() => {})
  }
  try {
    await hasty.verify?.()
    db.exec('BEGIN IMMEDIATE')
    await expect(hasty.enqueue({ ...to, template: endless }, { using: db })).rejects.toMatchObject({
      code: 'compose/timeout',
      summary: 'the template was not ready before the deadline',
      delivered: 'none',
    })
    expect(seen?.reason).toMatchObject({ name: 'TimeoutError' })
    await hasty.enqueue({ ...to, template }, { using: db })
    db.exec('COMMIT')
    expect((await hasty.counts()).waiting).toBe(1)
  } finally {
    db.close()
    await hasty.close?.()
  }
  expect(() => outbox(memory(), { store, deadlineMs: 0 })).toThrow('outbox() deadlineMs')
})
