import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { supportTable, withSupportTable } from '../../scripts/support-doc.ts'

it('the table of docs/providers.md is what the code says', () => {
  const text = readFileSync(new URL('../providers.md', import.meta.url), 'utf8')
  expect(text).toContain(supportTable())
  expect(withSupportTable(text)).toBe(text)
})
