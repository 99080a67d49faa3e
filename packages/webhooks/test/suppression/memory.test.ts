import { expect, it } from 'vitest'
import { memorySuppressions } from '../../src/index.ts'
import { bounced, BOB, CAROL, DAVE, failureOf } from './setup.ts'

it('a list that is full fails and says what to do: nothing is forgotten silently', async () => {
  const store = memorySuppressions({ most: 2 })
  await store.add([bounced, { ...bounced, address: CAROL }])
  await store.add(bounced)
  const error = await failureOf(store.add({ ...bounced, address: DAVE }))
  expect(error).toMatchObject({ code: 'submit/storage', delivered: 'none' })
  expect(error.hint).toContain('`most`')
  expect(await store.find([BOB, CAROL, DAVE])).toHaveLength(2)
  await store.remove(BOB)
  await store.add({ ...bounced, address: DAVE })
  expect(await store.find([BOB, CAROL, DAVE])).toHaveLength(2)
})

it('those whose time is over leave room', async () => {
  const store = memorySuppressions({ most: 1 })
  const until = new Date(Date.now() + 30)
  await store.add({ ...bounced, until })
  await expect.poll(() => Date.now()).toBeGreaterThan(until.getTime())
  await store.add({ ...bounced, address: CAROL })
  expect(await store.find([CAROL])).toHaveLength(1)
})

it('soft bounces of the addresses that were told first are forgotten when there are too many', async () => {
  const store = memorySuppressions({ most: 2 })
  const bounce = (address: string, id: string): Promise<number> =>
    store.addSoftBounce({ address, id, at: new Date() }, new Date(0))
  for (const address of [BOB, CAROL, DAVE]) await bounce(address, 'a')
  expect([await bounce(DAVE, 'b'), await bounce(BOB, 'b')]).toEqual([2, 1])
})

it('what is found cannot be changed, and what was given can', async () => {
  const store = memorySuppressions()
  const at = new Date('2026-11-20T10:00:00Z')
  await store.add({ ...bounced, at })
  at.setFullYear(1999)
  const [found] = await store.find([BOB])
  expect(found!.at.getFullYear()).toBe(2026)
  expect(Object.isFrozen(found)).toBe(true)
})

it.each([[{ most: 0 }], [{ most: 1.5 }], [{ limit: 5 }]])('%o is refused', (options) => {
  expect(() => memorySuppressions(options as object)).toThrow(
    expect.objectContaining({ code: 'config/invalid-config' }),
  )
})
