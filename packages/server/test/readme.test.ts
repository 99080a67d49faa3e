import { readFile } from 'node:fs/promises'
import { eventNames } from '@loudmail/server'
import { expect, test, vi } from 'vitest'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('the README shows a program that runs', async () => {
  const program = await readFile(new URL('readme-example.ts', import.meta.url), 'utf8')
  expect(readme).toContain(program)
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('./readme-example.ts')
  expect(log.mock.calls).toContainEqual(['S:', '452 4.2.2 Mailbox full'])
  log.mockRestore()
})

test('the README names every event', () => {
  expect(eventNames.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
})
