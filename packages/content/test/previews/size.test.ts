import { expect, it } from 'vitest'
import { problemsOf, shown } from './shown.ts'

const LIMIT = 102 * 1_024

it.each([
  [LIMIT * 0.8, undefined],
  [LIMIT * 0.8 + 1, 'warning size: The HTML has 81.6 kB, and Gmail shows only the first 102.'],
  [LIMIT, 'warning size: The HTML has 102.0 kB'],
  [LIMIT + 1, 'error size: The HTML has 102.0 kB, and Gmail shows only the first 102.'],
  [300_000, 'error size: The HTML has 293.0 kB'],
])('HTML of %d octets', async (octets, problem) => {
  const html = 'x'.repeat(octets)
  const found = (await problemsOf({ html, text: html })).filter((each) => each.includes('size'))
  expect(found.map((each) => each.slice(0, problem?.length))).toEqual(problem === undefined ? [] : [problem])
  const { htmlOctets, clippedAt } = await shown({ html, text: 'x' })
  expect({ htmlOctets, clippedAt }).toEqual({
    htmlOctets: Math.floor(octets),
    clippedAt: octets > LIMIT ? LIMIT : undefined,
  })
})

it.each(['é', '茶', '🍵'])('Gmail cuts no %s in two', async (letter) => {
  const html = `x${letter.repeat(60_000)}`
  const { clippedAt, htmlOctets } = await shown({ html, text: 'x' })
  expect(htmlOctets).toBe(Buffer.byteLength(html))
  const kept = html.slice(0, clippedAt)
  expect(kept.isWellFormed()).toBe(true)
  expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(LIMIT)
  expect(Buffer.byteLength(kept + letter)).toBeGreaterThan(LIMIT)
})
