import { expect, it, onTestFinished } from 'vitest'
import { resend } from '@loudmail/providers/resend'
import { playProvider, startHttpServer } from '@loudmail/server/http'
import { suppress } from '../../src/index.ts'
import { bounced, BOB, CAROL, DAVE, failureOf, listOf, statuses, toThree } from './setup.ts'

it('a provider hears nothing of who is on the list', async () => {
  const provider = playProvider('resend')
  const server = await startHttpServer(provider)
  onTestFinished(() => server.close())
  const transport = suppress(resend({ key: 're_test_1234567890', url: server.url }), await listOf(bounced))
  expect(transport.name).toMatch(/^suppress\(resend\(/)
  const error = await failureOf(transport.send(toThree({ idempotencyKey: 'order-1' })))
  await transport.close!()
  expect(error).toMatchObject({ code: 'rcpt-to/suppressed', delivered: 'some' })
  expect(statuses(error)).toEqual({ [BOB]: 'rejected suppressed', [CAROL]: 'accepted', [DAVE]: 'accepted' })
  expect(provider.taken).toMatchObject([{ to: [CAROL, DAVE], idempotencyKey: 'order-1' }])
  for (const { body } of server.requests) expect(Buffer.from(body).toString()).not.toContain(BOB)
})
