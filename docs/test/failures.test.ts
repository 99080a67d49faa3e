import { readFile } from 'node:fs/promises'
import { STAGES } from '@loudmail/core'
import { KIND_SCOPES } from '@loudmail/core/transport'
import { expect, it } from 'vitest'
import { failuresDoc } from '../../scripts/failures-doc.ts'

const committed = await readFile(new URL('../failures.md', import.meta.url), 'utf8')

it('failures.md says what the vocabulary of core says; `node scripts/failures-doc.ts` writes it', () => {
  expect(committed).toBe(failuresDoc())
})

it('failures.md has a row for every stage and every kind', () => {
  const [, lists] = committed.split('\n## Stages\n')
  const rows = [...lists!.matchAll(/^\|(?: \d+ \|)? `([\w-]+)` \|/gm)].map(([, name]) => name!)
  expect(rows.toSorted()).toEqual([...STAGES, ...Object.keys(KIND_SCOPES)].toSorted())
})
