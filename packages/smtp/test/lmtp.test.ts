import { startServer } from '@loudmail/server'
import { transportContract } from '@loudmail/testing'
import { describe, expect, it } from 'vitest'
import { smtp } from '../src/index.ts'
import { failure, gist, large, message, scene, WAYS } from './scene.ts'

const to = ['a', 'b', 'c'].map((name) => `${name}@rcpt.example`)

for (const { way, caps, pool } of WAYS) {
  describe.concurrent(`LMTP, ${way}`, () => {
    const options = { lmtp: true, pool }

    it('says LHLO, and delivers to everybody', async () => {
      await using here = await scene({ caps, lmtp: true }, options)
      const delivery = await here.transport.send(message({ to }))
      expect(delivery).toMatchObject({ state: 'sent', transport: `lmtp(127.0.0.1:${here.server.port})` })
      expect(here.server.connections[0]!.commands[0]).toBe('LHLO')
      expect(here.server.messages[0]!.envelope.to).toEqual(to)
    })

    for (const [content, make] of [
      ['small', message],
      ['large', large],
    ] as const) {
      it(`each recipient has its own final reply, with ${content} content`, async () => {
        const byRcpt = { [to[1]!]: '552 5.2.2 Over quota', [to[2]!]: '451 4.3.0 Disk trouble' }
        await using here = await scene({ caps, lmtp: true, on: { DOT: { byRcpt } } }, options)
        const error = await failure(here.transport, make({ to }))
        expect(error).toMatchObject({
          stage: 'body',
          delivered: 'some',
          permanence: 'transient',
          retryable: true,
        })
        expect(error.recipients).toMatchObject([
          { address: to[0], status: 'accepted', reply: { code: 250, protocol: 'lmtp' } },
          {
            address: to[1],
            status: 'rejected',
            permanence: 'permanent',
            reply: { code: 552, enhanced: '5.2.2' },
          },
          { address: to[2], status: 'rejected', permanence: 'transient', reply: { code: 451 } },
        ])
        expect(here.server.messages[0]!.envelope.to).toEqual([to[0]])
      })
    }

    it('a recipient that was refused before has no final reply, and nobody gets its neighbour’s', async () => {
      await using here = await scene(
        {
          caps,
          lmtp: true,
          on: {
            RCPT: { byRcpt: { [to[0]!]: '550 5.1.1 Nobody' } },
            DOT: { byRcpt: { [to[2]!]: '452 4.2.2 Full' } },
          },
        },
        options,
      )
      const error = await failure(here.transport, message({ to }))
      expect(error.delivered).toBe('some')
      expect(error.recipients.map(({ status, reply }) => [status, reply?.code])).toEqual([
        ['rejected', 550],
        ['accepted', 250],
        ['rejected', 452],
      ])
    })

    it('everybody refused after the content is none delivered', async () => {
      await using here = await scene({ caps, lmtp: true, on: { DOT: '550 5.7.1 No' } }, options)
      expect(gist(await failure(here.transport, message({ to })))).toMatchObject({
        delivered: 'none',
        permanence: 'permanent',
        statuses: ['rejected', 'rejected', 'rejected'],
      })
    })

    it('a connection that ends between the final replies leaves the rest unknown', async () => {
      await using here = await scene(
        { caps, lmtp: true, on: { DOT: { byRcpt: { [to[1]!]: { close: 'fin' } } } } },
        options,
      )
      expect(gist(await failure(here.transport, message({ to })))).toEqual({
        code: 'body/connection-lost',
        delivered: 'unknown',
        permanence: 'unknown',
        statuses: ['accepted', 'unknown', 'unknown'],
      })
    })

    it('the next message has its own replies', async () => {
      await using here = await scene(
        { caps, lmtp: true, on: { DOT: { byRcpt: { [to[1]!]: '552 5.2.2 Over quota' } } } },
        { ...options, pool: { ...pool, connections: 1 } },
      )
      const [first, second] = await Promise.allSettled([
        here.transport.send(message({ to })),
        here.transport.send(message({ to: [to[0]!, to[2]!] })),
      ])
      expect([first.status, second.status]).toEqual(['rejected', 'fulfilled'])
      expect(here.server.connections).toHaveLength(1)
    })
  })
}

describe.concurrent('LMTP keeps the contract of every transport', () => {
  const create = async () => {
    const server = await startServer({
      lmtp: true,
      on: {
        RCPT: {
          byRcpt: {
            'unknown@rcpt.example': '550 5.1.1 No such user',
            'later@rcpt.example': '451 4.7.1 Greylisted, come back later',
          },
        },
      },
    })
    return {
      transport: smtp({ host: '127.0.0.1', port: server.port, lmtp: true, timeoutMs: 5_000 }),
      arrived: () => server.messages.map(({ envelope }) => envelope),
      release: () => server.close(),
    }
  }
  for (const { title, run } of transportContract({ create, refuses: true, converses: true, composes: true }))
    it(title, run)
})
