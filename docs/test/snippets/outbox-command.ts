// An outbox with a message in most states, and what the command line says about it.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import { outbox, sqlite, worker } from '@loudmail/outbox'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const folder = mkdtempSync(join(tmpdir(), 'outbox-'))
process.once('exit', () => rmSync(folder, { recursive: true }))
const loudmail = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url))

await using server = await startServer({
  on: { RCPT: { byRcpt: { 'gone@rcpt.example': '550 5.1.1 No such user' } } },
})
const box = outbox(smtp(server.url), { store: sqlite(join(folder, 'mail.db')) })
const message = { from: 'tea@sender.example', subject: 'Hello', text: 'Hi' }
await box.enqueue({ ...message, to: 'carl@rcpt.example' })
const [lease] = await box.store.lease(1, 1)
await box.store.begin(lease!)
await box.enqueue({ ...message, to: 'ann@rcpt.example' })
await box.enqueue({ ...message, to: 'gone@rcpt.example' })
const sender = worker(box, { observe: ({ error }) => void error })
for (let tries = 0; tries < 200; tries++) {
  const { dead, sent, 'in-doubt': inDoubt } = await box.counts()
  if (dead + sent + inDoubt === 3) break
  await pause(50)
}
await sender.close()
await box.enqueue({ ...message, to: 'bob@rcpt.example' })
await box.close?.()

for (const command of process.argv[2]?.split(',') ?? [
  'counts',
  'list --state dead',
  'list --state in-doubt',
]) {
  const args = [
    '--conditions=@loudmail/source',
    loudmail,
    'outbox',
    ...command.split(' '),
    '--store',
    'mail.db',
  ]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder })
  console.log(`$ loudmail outbox ${command} --store mail.db`)
  console.log(stdout + stderr)
}
