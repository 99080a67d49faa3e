// Enqueues the messages that it is told to, and writes down each one whose send() has settled.
import { setTimeout as time } from 'node:timers/promises'
import { Mailer, MailError, type MessageInput } from '@loudmail/core'
import { outbox } from '@loudmail/outbox'
import { smtp } from '@loudmail/smtp'
import type { Death } from '../death.ts'
import { openJournal } from '../journal.ts'
import { inputOf, messagePlan } from '../message-plan.ts'
import { storeAt } from '../store-at.ts'
import { given, hear, leave, ready, tell } from './boss.ts'
import { passing } from './point.ts'
import { watchedStore } from './watched-store.ts'

export interface EnqueuerGiven {
  readonly seed: number
  readonly scene: number
  readonly store: string
  readonly journal: string
  /** The store is away for some time. */
  readonly mayFail: boolean
  readonly death?: Death | undefined
}

const { seed, scene, store, journal, mayFail, death } = given as EnqueuerGiven
const write = openJournal(journal)
const pass = passing(death)
const box = outbox(smtp('smtp://127.0.0.1:9'), { store: watchedStore(storeAt(store), pass, () => {}) })
const mailer = new Mailer({ transport: box })

hear((told: { numbers: readonly number[] } | { end: true }) => {
  if ('end' in told) void mailer.close().then(leave)
  else void Promise.all(told.numbers.map(enqueue)).then(() => tell({ more: true }))
})
ready({ more: true })

async function enqueue(number: number): Promise<void> {
  const plan = messagePlan(seed, scene, number)
  const { delayMs, priority, through } = plan
  const input: MessageInput = inputOf(plan)
  const dueAt = Date.now() + delayMs
  const timing = { priority, ...(delayMs > 0 && { sendAt: new Date(dueAt) }) }
  write({ what: 'started', number, dueAt })
  try {
    if (through === 'enqueue') {
      const { id, messageId } = await box.enqueue(input, timing)
      write({ what: 'settled', number, id, messageId })
    } else {
      const { messageId } = await mailer.send({ ...input, transportData: { outbox: timing } })
      write({ what: 'settled', number, messageId })
    }
  } catch (error) {
    // The message with the same key is there, and was refused for good meanwhile.
    if (MailError.is(error, 'submit/rejected'))
      return write({ what: 'failed', number, isKept: true, code: error.code })
    if (!mayFail || !MailError.is(error)) throw error
    write({ what: 'failed', number, isKept: error.delivered === 'unknown', code: error.code })
    // A database that is being restarted needs some time.
    await time(100)
  }
  pass('told')
}
