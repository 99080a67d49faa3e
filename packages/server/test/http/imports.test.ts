import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** The modules that a module loads, itself among them. Imports of types load nothing. */
function loadedBy(url: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(url.href)) return seen
  seen.add(url.href)
  const source = readFileSync(fileURLToPath(url), 'utf8')
  for (const [, names, from] of source.matchAll(
    /^(?:import|export) (?!type\b)([^'"]*?)(?:from )?'(\.[^']+)'/gms,
  )) {
    const onlyTypes = /^\{\s*(?:type \w+,?\s*)+\}\s*$/.test(names ?? '')
    if (!onlyTypes) loadedBy(new URL(from!, url), seen)
  }
  return seen
}

test('the SMTP server does not load the HTTP server, nor what providers answer', () => {
  const loaded = [...loadedBy(new URL('../../src/index.ts', import.meta.url))]
  expect(loaded.length).toBeGreaterThan(15)
  expect(loaded.filter((module) => module.includes('/http/'))).toEqual([])
})

test('the HTTP server loads nothing of SMTP but its socket', () => {
  const loaded = [...loadedBy(new URL('../../src/http/index.ts', import.meta.url))]
  expect(loaded.filter((module) => module.includes('/http/')).length).toBeGreaterThan(15)
  const others = loaded.filter((module) => !module.includes('/http/'))
  expect(others.map((module) => module.replace(/.*\/src\//, '')).toSorted()).toEqual([
    'certificates.ts',
    'message/incoming.ts',
    'message/wait-for.ts',
    'script/waiting.ts',
    'server-events.ts',
    'session/secure.ts',
    'session/wire.ts',
  ])
})
