import type { OutboxStore } from '@loudmail/outbox/store'
import type { Line } from '../journal.ts'
import type { Pass } from './point.ts'

/** A store that comes to points: the calls themselves are those of the store. */
export function watchedStore(
  inner: OutboxStore,
  pass: Pass,
  write: (line: Line) => void,
  life = '',
): OutboxStore {
  return {
    ...inner,
    async add(entry, using) {
      pass('add')
      const { body } = entry
      const watched = body && { open: () => watchedBody(body.open(), pass) }
      const added = await inner.add({ ...entry, ...(watched && { body: watched }) }, using)
      pass('added')
      return added
    },
    async lease(most, leaseMs) {
      const until = Date.now() + leaseMs
      const leases = await inner.lease(most, leaseMs)
      const at = Date.now()
      for (const { entry } of leases)
        write({ what: 'leased', id: entry.id, life, at, until, isInDoubt: entry.begun })
      if (leases.length > 0) pass('lease')
      return leases
    },
    async extend(leases, leaseMs) {
      pass('extend')
      const until = Date.now() + leaseMs
      const lost = await inner.extend(leases, leaseMs)
      for (const lease of leases)
        if (!lost.includes(lease)) write({ what: 'extended', id: lease.entry.id, life, until })
      pass('extended')
      return lost
    },
    async begin(lease) {
      pass('begin')
      const isBegun = await inner.begin(lease)
      pass('begun')
      return isBegun
    },
    async settle(lease, change) {
      pass('replied')
      const { id } = lease.entry
      write({ what: 'ending', id, life })
      const isSettled = await inner.settle(lease, change)
      if (isSettled) write({ what: 'ended', id, life })
      pass('settled')
      return isSettled
    },
  }
}

async function* watchedBody(chunks: AsyncIterable<Uint8Array>, pass: Pass): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk
    pass('body')
  }
}
