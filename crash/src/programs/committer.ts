// Takes orders: each one and the mail about it in one transaction. Some are rolled back.
import { outbox } from '@loudmail/outbox'
import { smtp } from '@loudmail/smtp'
import { businessAt } from '../business.ts'
import type { Death } from '../death.ts'
import { inputOf, isRolledBack, orderPlan } from '../message-plan.ts'
import { storeAt } from '../store-at.ts'
import { given, hear, leave, ready } from './boss.ts'
import { passing } from './point.ts'

export interface CommitterGiven {
  readonly seed: number
  readonly store: string
  readonly numbers: readonly number[]
  readonly death?: Death | undefined
}

const { seed, store, numbers, death } = given as CommitterGiven
const pass = passing(death)
const business = await businessAt(store)
const box = outbox(smtp('smtp://127.0.0.1:9'), { store: storeAt(store) })
await box.store.open()
hear(() => {})
ready()
for (const number of numbers) {
  const using = await business.order(number)
  pass('ordered')
  await box.enqueue(inputOf(orderPlan(seed, number)), { using })
  pass('inserted')
  await business.end(isRolledBack(seed, number) ? 'ROLLBACK' : 'COMMIT')
  pass('committed')
}
await box.close?.()
await business.close()
leave()
