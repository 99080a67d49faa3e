import { readFile } from 'node:fs/promises'
import { providerAnswers } from '@loudmail/server/http'
import { expect, test, vi } from 'vitest'

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')

test('the README shows a program that runs', async () => {
  const program = await readFile(new URL('readme-example.ts', import.meta.url), 'utf8')
  expect(readme).toContain(program)
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import('./readme-example.ts')
  expect(log.mock.calls).toMatchObject([
    [2, [{ to: ['bob@rcpt.example'], subject: 'Hello', idempotencyKey: 'order-17' }]],
  ])
  log.mockRestore()
})

test('the README names every provider', () => {
  expect(Object.keys(providerAnswers).filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
})
