import { readFile } from 'node:fs/promises'
import { STAGES } from '@loudmail/core'
import { KINDS } from '@loudmail/core/transport'
import { expect, it } from 'vitest'
import { failuresDoc } from '../../scripts/failures-doc.ts'

const committed = await readFile(new URL('../failures.md', import.meta.url), 'utf8')

it('failures.md is what `node scripts/failures-doc.ts` makes from the vocabulary of core', () => {
  expect(committed).toBe(failuresDoc())
})

it('failures.md has a row for every stage and every kind', () => {
  const [, lists] = committed.split('\n## Stages\n')
  const rows = [...lists!.matchAll(/^\|(?: \d+ \|)? `([\w-]+)` \|/gm)].map(([, name]) => name!)
  expect(rows.toSorted()).toEqual([...STAGES, ...Object.keys(KINDS)].toSorted())
})
