import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { undocumented } from '../../scripts/undocumented.ts'

const packages = globSync('packages/*', { cwd: fileURLToPath(new URL('../../', import.meta.url)) })

it.each(packages)('editors can show a text for everything that %s exports', (folder) => {
  expect(undocumented(folder)).toEqual([])
})

it('options and fields without a text are found', () => {
  const found = undocumented('docs/test/undocumented')
  expect(found).toContain('docs/test/undocumented/src/index.ts:4 Bare.option')
  expect(found.map((each) => each.replace(/.* /, '')).toSorted()).toEqual([
    'Bare',
    'Bare.method',
    'Bare.option',
    'Base',
    'Base.inherited',
    'Either.second',
    'Mentioned.deep',
    'Whole.field',
    'Whole.getter',
    'bare',
    'bareFunction',
  ])
})
