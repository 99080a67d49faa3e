import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Mailer } from '@loudmail/core'
import { debug, outboxPage, startInbox } from '@loudmail/debug'
import { outbox, sqlite, worker } from '@loudmail/outbox'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { describe, expect, it, onTestFinished } from 'vitest'

const page = readFileSync(new URL('../inbox-api.md', import.meta.url), 'utf8')
/** The first block in this language, or a later one. */
const block = (language: string, index = 0): string =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))][index]![1]!
const run = promisify(execFile)
const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0

const signUp = {
  from: 'tea@shop.example',
  to: 'ann@example.com',
  subject: 'Welcome',
  text: 'Your code is 482913.',
}

describe('docs/inbox-api.md', () => {
  it.skipIf(!isThere('python3'))('its Python finds the code of the mail that it caused', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    await using own = await startInbox(transport.store)
    await mailer.send({ ...signUp, text: 'Your old code is 111111.' })
    // The mail comes a moment after the sign-up, while the program already waits.
    const program = `import sys\n\n\ndef sign_up(address):\n    print(address, file=sys.stderr, flush=True)\n\n\n${block('python')}`
    const running = run('python3', ['-c', program], { env: { ...process.env, INBOX: own.url.slice(0, -1) } })
    running.child.stderr!.once('data', () => setTimeout(() => void mailer.send(signUp), 200))
    expect((await running).stdout).toBe('Welcome 482913\n')
  })

  it.skipIf(!isThere('curl'))('its curl commands do what they say', async () => {
    const transport = debug()
    await using mailer = new Mailer({ transport })
    await using own = await startInbox(transport.store)
    await mailer.send(signUp)
    const env = { ...process.env, INBOX: own.url.slice(0, -1) }
    const answers = []
    for (const line of block('sh').trim().split('\n'))
      answers.push((await run('sh', ['-c', `${line} --silent --show-error --fail`], { env })).stdout)
    const [list, latest, failed, deleted] = answers
    expect(JSON.parse(list!)).toMatchObject({ total: 1, mails: [{ subject: 'Welcome' }] })
    expect(JSON.parse(latest!)).toMatchObject({ text: 'Your code is 482913.\n' })
    expect(JSON.parse(failed!)).toEqual({ total: 0, mails: [] })
    expect([deleted, transport.store.mails.length]).toEqual(['', 0])
  })

  it.skipIf(!isThere('curl'))('its curl commands for an outbox do what they say', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    await using server = await startServer({ on: { RCPT: '550 5.1.1 No such user' } })
    const box = outbox(smtp(server.url), { store: sqlite(join(folder, 'mail.db')) })
    onTestFinished(async () => box.close?.())
    const { id } = await box.enqueue(signUp)
    const sender = worker(box, { pollMs: 20, observe: (event) => void event.error })
    await expect.poll(async () => (await box.get(id))?.state).toBe('dead')
    await sender.close()
    const http = createServer(outboxPage(box, { authorize: () => true })).listen(0, '127.0.0.1')
    onTestFinished(() => void http.close())
    await once(http, 'listening')
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    const env = { ...process.env, OUTBOX: url, ENTRY: id }
    const answers = []
    for (const line of block('sh', 1).trim().split('\n'))
      answers.push((await run('sh', ['-c', `${line} --silent --show-error --fail`], { env })).stdout)
    const [counts, entries, retried] = answers.map((answer) => JSON.parse(answer) as object)
    expect(counts).toMatchObject({ dead: 1, waiting: 0 })
    expect(entries).toMatchObject({ entries: [{ id, state: 'dead', code: 'rcpt-to/mailbox-unknown' }] })
    expect(retried).toMatchObject({ id, state: 'waiting' })
    expect((await box.get(id))?.state).toBe('waiting')
  })
})
