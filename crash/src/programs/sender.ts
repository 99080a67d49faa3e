// Enqueues messages one after the other and says when each is kept, and then sends them.
import { writeSync } from 'node:fs'
import { setTimeout as time } from 'node:timers/promises'
import { outbox, sqlite, worker } from '@loudmail/outbox'
import { smtp } from '@loudmail/smtp'
import { isIdle } from '../counts-become.ts'
import { CONTENT, KEPT } from '../traced.ts'

const [file, url, ...sizes] = process.argv.slice(2) as [string, string, ...string[]]
const box = outbox(smtp(url), { store: sqlite(file) })
for (const size of sizes) {
  await box.enqueue({
    from: 'ann@sender.test',
    to: 'bob@rcpt.test',
    text: CONTENT,
    ...(size !== '0' && {
      attachments: [{ filename: 'large.bin', content: Buffer.alloc(Number(size), 'x') }],
    }),
  })
  writeSync(1, KEPT)
}
const sending = worker(box)
while (!isIdle(await box.counts())) await time(20)
await sending.close()
await box.close?.()
