// Adds users one by one, and prints each address once it is on the list: node adder.ts <file> <name> <count>
import { writeSync } from 'node:fs'
import { sqliteSuppressions } from '../../../src/sqlite.ts'

const [file, name, count] = process.argv.slice(2) as [string, string, string]
const store = sqliteSuppressions(file, { busyMs: 30_000 })
for (let n = 0; n < Number(count); n++) {
  const address = `${name}${n}@rcpt.example`
  await store.add({ address, reason: 'complained', at: new Date() })
  await store.addSoftBounce(
    { address: 'shared@rcpt.example', id: `${name}${n}`, at: new Date() },
    new Date(0),
  )
  writeSync(1, `${address}\n`)
}
await store.close()
