import { startHttpServer } from '@loudmail/server/http'
import { expect, test } from 'vitest'
test('smoke', async () => {
  await using server = await startHttpServer()
  const r = await fetch(server.url + '/x?a=b', { method: 'POST', body: '{"a":1}' })
  expect(await r.json()).toEqual({})
  expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/x', complete: true, json: { a: 1 } })
})
