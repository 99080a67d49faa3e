import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { inboxAssets } from '../../../scripts/inbox-assets.ts'
import { inbox, memoryStore } from '../src/index.ts'
import { ASSETS } from '../src/inbox/assets.ts'

const FOLDER = new URL('../assets/', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')

it('src/inbox/assets.ts is what `node scripts/inbox-assets.ts` makes: run `pnpm format` after a change', () => {
  expect(read('../src/inbox/assets.ts')).toBe(inboxAssets())
})

it('the inbox answers every file of the folder assets, as it is', async () => {
  const server = createServer(inbox(memoryStore())).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const name of readdirSync(FOLDER)) {
    const response = await fetch(`${url}/${name}`, { headers: { connection: 'close' } })
    expect([name, response.status, response.headers.get('content-type')]).toEqual([
      name,
      200,
      ASSETS[name]!.type,
    ])
    expect(await response.text()).toBe(read(`../assets/${name}`))
  }
  for (const name of ['other.css', 'constructor.js', '__proto__', 'assets.ts'])
    expect((await fetch(`${url}/${name}`, { headers: { connection: 'close' } })).status).toBe(404)
  await new Promise((resolve) => server.close(resolve))
})
