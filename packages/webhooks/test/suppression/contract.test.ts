import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { memorySuppressions } from '../../src/index.ts'
import { sqliteSuppressions } from '../../src/sqlite.ts'
import { suppressionStoreContract, type SuppressionStoreSubject } from '../../src/store.ts'

function inFile(): SuppressionStoreSubject {
  const folder = mkdtempSync(join(tmpdir(), 'suppressions-'))
  const file = join(folder, 'list.db')
  const garbage = join(folder, 'garbage.db')
  writeFileSync(garbage, 'This is no database. '.repeat(100))
  return {
    store: sqliteSuppressions(file),
    another: () => sqliteSuppressions(file),
    unusable: () => sqliteSuppressions(garbage),
    release: () => rmSync(folder, { recursive: true }),
  }
}

describe.each([
  { name: 'memorySuppressions()', create: (): SuppressionStoreSubject => ({ store: memorySuppressions() }) },
  { name: 'sqliteSuppressions()', create: inFile },
])('$name', ({ create }) => {
  for (const { title, run } of suppressionStoreContract({ create })) it(title, run)
})
