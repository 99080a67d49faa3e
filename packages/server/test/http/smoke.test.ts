import { startHttpServer, playProvider, providerAnswers } from '@loudmail/server/http'
import { expect, test } from 'vitest'
test('smoke', async () => {
  const provider = playProvider('resend')
  await using server = await startHttpServer(provider)
  const send = (subject: string) =>
    fetch(server.url + '/emails', {
      method: 'POST',
      headers: { authorization: 'Bearer re_x', 'idempotency-key': 'k' },
      body: JSON.stringify({ from: 'a@b.c', to: 'Bob <bob@rcpt.example>', subject, text: 'x' }),
    })
  const r = await send('a')
  const first = await r.json()
  expect(await (await send('a')).json()).toEqual(first)
  expect((await send('b')).status).toBe(409)
  expect(provider.taken).toEqual([
    { to: ['bob@rcpt.example'], subject: 'a', idempotencyKey: 'k', id: first.id },
  ])
  for (const a of Object.values(providerAnswers))
    for (const f of [...a.failures, ...a.successes]) {
      server.play(f)
      const r = await fetch(server.url, { method: 'POST', body: 'x' })
      expect(r.status).toBe(f.status)
      await r.text()
    }
})
