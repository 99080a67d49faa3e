import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeEnding } from '../../express/test/ending.ts'
import { describeProviders } from '../../express/test/providers.ts'
import { describeTeaShop } from '../../express/test/tea-shop.ts'

const folder = new URL('../', import.meta.url)
describeTeaShop('Nest', folder)
// Nest sends itself the signal again once everything is closed.
describeEnding('Nest', folder, 'SIGTERM')
// The other providers differ in nothing that is of Nest: Express tests them all, with the same webhooks.
describeProviders('Nest', folder, ['resend', 'ses'])

it('has the same webhooks as the Express program', () => {
  const read = (app: string): string => readFileSync(new URL(`../${app}/src/mail-news.ts`, folder), 'utf8')
  expect(read('nestjs')).toBe(read('express'))
})
