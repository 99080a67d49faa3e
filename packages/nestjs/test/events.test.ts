import { Mailer, MailError, memory, type MailEvent } from '@loudmail/core'
import { Injectable } from '@nestjs/common'
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter'
import { Test } from '@nestjs/testing'
import { describe, expect, it } from 'vitest'
import { MailerModule } from '../src/index.ts'

const message = { from: 'shop@example.com', to: 'ann@example.com', subject: 'Hello' }

@Injectable()
class Statistics {
  readonly seen: string[] = []

  // snippet: event
  @OnEvent('mail.sent')
  sent({ receipt, context }: MailEvent & { type: 'sent' }): void {
    this.seen.push(`sent ${receipt.state} ${JSON.stringify(context)}`)
  }
  // end

  @OnEvent('mail.failed')
  failed({ error }: MailEvent & { type: 'failed' }): void {
    this.seen.push(`failed ${error.code}`)
  }
}

describe('with EventEmitterModule', () => {
  it('listeners are called for what was sent and what failed', async () => {
    const transport = memory()
    const app = await Test.createTestingModule({
      imports: [
        MailerModule.forRoot({ transport, failure: 'silent', log: false }),
        EventEmitterModule.forRoot(),
      ],
      providers: [Statistics],
    }).compile()
    await app.init()
    const mailer = app.get(Mailer)
    await mailer.send(message, { context: { user: 7 } })
    await transport.close!()
    await mailer.send(message)
    expect(app.get(Statistics).seen).toEqual(['sent captured {"user":7}', 'failed queue/pool-closed'])
    await app.close()
  })

  it('a listener that throws causes a warning and affects no mail', async () => {
    const app = await Test.createTestingModule({
      imports: [MailerModule.forRoot({ transport: memory() }), EventEmitterModule.forRoot()],
    }).compile()
    await app.init()
    app.get(EventEmitter2).on('mail.sent', () => {
      throw new Error('broken listener')
    })
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    expect((await app.get(Mailer).send(message)).ok).toBe(true)
    expect((await warned).message).toContain('broken listener')
    await app.close()
  })

  it('is not needed', async () => {
    const app = await Test.createTestingModule({
      imports: [MailerModule.forRoot({ transport: memory() })],
    }).compile()
    expect((await app.get(Mailer).send(message)).ok).toBe(true)
    expect(MailError.is(app.get(Mailer).stats.lastFailure)).toBe(false)
    await app.close()
  })
})
