import { describe, expect, it } from 'vitest'
import { scan } from '../../src/finish/scan.ts'
import { titleOf } from '../../src/finish/title-of.ts'

describe('the title alone', () => {
  it.each([
    ['<title>a</title><p>', 'a'],
    ['<TITLE>a</TITLE ><p>', 'a'],
    ['<title>a</titles>b</title>c', 'a</titles>b'],
    ['<!-- <title>a</title> --><title>b</title>', 'b'],
    ['<svg><title>a</title></svg><title>b</title>', 'b'],
    ['<title>a', 'a'],
    ['<p title="<title>a</title>">', undefined],
    ['<script>"<title>a</title>"</script>', undefined],
    ['<p>', undefined],
  ])('of %s', (whole, title) => {
    expect(titleOf(whole)).toBe(title)
    expect(scan(whole).title).toBe(title)
  })
})
