import { Mailer } from '@loudmail/core'
import { outbox, sqlite, worker } from '@loudmail/outbox'
import { pgBoss } from '@loudmail/outbox/pg-boss'
import { smtp } from '@loudmail/smtp'
import { AT_ONCE, type Keeper, type KeptTarget } from '../kept.ts'
import { inputOf } from '../loudmail.ts'
import type { Work } from '../work.ts'

export async function keeper(target: KeptTarget, work: Work): Promise<Keeper> {
  const mailer = new Mailer({ transport: boxOf(target) })
  const input = inputOf(work)
  return { keep: () => mailer.send(input), close: () => mailer.close() }
}

export async function startSending(target: KeptTarget, sent: () => void) {
  const box = boxOf(target)
  const own = worker(box, {
    concurrency: AT_ONCE,
    observe: ({ type, error }) => {
      if (type === 'sent') sent()
      else throw error ?? new Error(type)
    },
  })
  return {
    async close() {
      await own.close()
      await box.close?.()
    },
  }
}

function boxOf({ location, port, connections }: KeptTarget) {
  // Who only keeps messages has no server.
  const store = location.startsWith('postgres:') ? pgBoss(location) : sqlite(location)
  return outbox(smtp({ host: '127.0.0.1', port: port || 9, tls: 'none', pool: { connections } }), { store })
}
