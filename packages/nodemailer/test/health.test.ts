import { Mailer } from '@loudmail/core'
import { createTransport } from 'nodemailer'
import { describe, expect, it } from 'vitest'
import { nodemailer } from '../src/index.ts'
import { message, scene } from './setup.ts'

describe('health and checks of nodemailer()', () => {
  it('tells what is sent and what waits for a connection of the pool', async () => {
    const go = Promise.withResolvers<string>()
    await using s = await scene({ on: { DOT: () => go.promise } }, { pool: true, maxConnections: 1 })
    const sending = [1, 2, 3].map(() => s.transport.send(message()))
    await s.server.waitFor('command', ({ command }) => command === 'DATA')
    expect(s.transport.health!()).toEqual({
      transport: s.transport.name,
      state: 'up',
      waiting: 2,
      sending: 1,
    })
    go.resolve('250 2.0.0 Ok')
    await Promise.all(sending)
    expect(s.transport.health!()).toMatchObject({ waiting: 0, sending: 0 })
  })

  it('does not pretend to ask for recipients', async () => {
    await using s = await scene({ on: { RCPT: '550 5.1.1 No such user' } })
    const submitting = nodemailer(createTransport({ jsonTransport: true }))
    for (const transport of [s.transport, submitting]) {
      const mailer = new Mailer({ transport, defaults: { from: 'ann@sender.example' } })
      await mailer.verify()
      await expect(mailer.verify({ to: 'bob@rcpt.example' })).rejects.toMatchObject({
        code: 'config/invalid-config',
        summary: expect.stringContaining('cannot ask'),
      })
    }
    expect(submitting.health!()).toEqual({ transport: submitting.name, state: 'up', sending: 0 })
  })
})
