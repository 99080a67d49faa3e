// Adds entries as fast as it can, from several callers, and prints the id of each that is kept.
import { writeSync } from 'node:fs'
import { entryId } from '../../../src/entry/entry-id.ts'
import { sqlite } from '../../../src/sqlite/sqlite.ts'

const [file, count, callers, bodySize] = process.argv.slice(2) as [string, string, string, string]
const store = sqlite(file)
let left = Number(count)
let longestMs = 0
await Promise.all(
  Array.from({ length: Number(callers) }, async (_, caller) => {
    while (left-- > 0) {
      const now = Date.now()
      const id = entryId()
      const begin = performance.now()
      const size = caller === 0 ? Number(bodySize) : 0
      await store.add({
        id,
        priority: 0,
        dueAt: now,
        createdAt: now,
        progress: '{}',
        head: () => Buffer.alloc(1_000, 'h'),
        ...(size > 0 && {
          body: {
            async *open() {
              yield Buffer.alloc(size, 'b')
            },
          },
        }),
      })
      longestMs = Math.max(longestMs, performance.now() - begin)
      writeSync(1, `${id}\n`)
    }
  }),
)
await store.close()
writeSync(2, `${Math.round(longestMs)}\n`)
