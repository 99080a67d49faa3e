import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Mailer, memory, type MailEvent, type MessageInput } from '@loudmail/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { outbox, sqlite } from '../src/index.ts'
import { temporaryFolder } from './temporary.ts'

const message = { from: 'ann@sender.example', to: 'bob@rcpt.example', subject: 'Hello', text: 'Hi' }

function open() {
  const box = outbox(memory(), { store: sqlite(join(temporaryFolder(), 'mail.db')) })
  onTestFinished(async () => box.close?.())
  // Reading a failure takes it, so that it is not printed.
  const options = {
    transport: box,
    failure: 'silent',
    observe: ({ error }: MailEvent) => void error,
  } as const
  return { box, options }
}

function broken(octets: number): Readable {
  const content = async function* () {
    yield Buffer.alloc(octets)
    throw new Error('the source broke')
  }
  return Readable.from(content())
}

describe('a message that cannot be kept fails when it is sent, and nothing is kept', () => {
  it.each<[string, Partial<MessageInput>, string]>([
    ['a file that is missing', { attachments: [{ path: '/nowhere/a.pdf' }] }, 'compose/attachment'],
    ['a stream that breaks', { attachments: [{ content: broken(10) }] }, 'compose/attachment'],
    ['a large stream that breaks', { attachments: [{ content: broken(500_000) }] }, 'compose/attachment'],
    ['a function that returns nothing', { attachments: [{ content: () => null }] }, 'compose/attachment'],
    ['transportData with a function', { transportData: { format: () => '' } }, 'compose/invalid-message'],
    ['a wrong priority', { transportData: { outbox: { priority: 1.5 } } }, 'compose/invalid-message'],
  ])('%s', async (_, fields, code) => {
    const { box, options } = open()
    const receipt = await new Mailer(options).send({ ...message, ...fields })
    expect(receipt.error).toMatchObject({
      code,
      delivered: 'none',
      recipients: [{ address: 'bob@rcpt.example', status: 'not-attempted' }],
    })
    expect(await box.counts()).toMatchObject({ waiting: 0, scheduled: 0 })
    await expect(box.enqueue({ ...message, ...fields })).rejects.toMatchObject({ delivered: 'none' })
  })

  it('a stream that never ends, when the caller gives up', async () => {
    const { box, options } = open()
    const endless = new Readable({ read() {} })
    const receipt = await new Mailer({ ...options, deadlineMs: 50 }).send({
      ...message,
      attachments: [{ content: endless }],
    })
    expect(receipt.error).toMatchObject({ kind: 'timeout', delivered: 'none' })
    await expect.poll(() => endless.destroyed).toBe(true)
    expect((await box.counts()).waiting).toBe(0)
  })
})

it('a file is read when the message is sent, and may be gone after that', async () => {
  const { box } = open()
  const content = Readable.from([Buffer.alloc(300_000, 'x')])
  const { id } = await box.enqueue({ ...message, attachments: [{ content }] })
  expect(content.destroyed).toBe(true)
  const kept = await box.read(id)
  expect(kept?.replayable).toBe(true)
})
