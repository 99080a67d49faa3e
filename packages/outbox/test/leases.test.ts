import { join } from 'node:path'
import type { Transport } from '@loudmail/core'
import { expect, it, onTestFinished } from 'vitest'
import { outbox, sqlite, worker } from '../src/index.ts'
import { temporaryFolder } from './temporary.ts'

it('a worker keeps a message for as long as it sends it, also longer than a lease', async () => {
  let sends = 0
  let release: (() => void) | undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const transport: Transport = {
    name: 'slow()',
    async send() {
      sends++
      await held
      return { transport: 'slow()', state: 'sent', failures: [] }
    },
  }
  const store = sqlite(join(temporaryFolder(), 'mail.db'), { pollMs: 20 })
  let extended = 0
  const counted: typeof store = {
    ...store,
    extend: (...given) => store.extend(...given).finally(() => extended++),
  }
  const box = outbox(transport, { store: counted })
  onTestFinished(async () => box.close?.())
  const { id } = await box.enqueue({ from: 'a@sender.example', to: 'b@rcpt.example', text: 'Hi' })
  const workers = [1, 2].map(() => worker(box, { leaseMs: 2_400, pollMs: 50 }))
  onTestFinished(async () => void (await Promise.all(workers.map((each) => each.close()))))
  // Each time is a third of a lease.
  await expect.poll(() => extended, { timeout: 20_000 }).toBeGreaterThanOrEqual(4)
  expect(await box.get(id)).toMatchObject({ state: 'in-flight', attempts: 0 })
  release!()
  await expect.poll(async () => (await box.get(id))?.state, { timeout: 5_000 }).toBe('sent')
  expect(sends).toBe(1)
}, 30_000)
