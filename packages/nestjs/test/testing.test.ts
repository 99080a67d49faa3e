import { MailError, memory, type MailEvent } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { Injectable, Module } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { describe, expect, it } from 'vitest'
import '@loudmail/testing/vitest'
import { InjectMailer, Mailer, MailerModule } from '../src/index.ts'
import { MailerTestingModule, MailInbox, overrideMailer } from '../src/testing.ts'

const message = {
  from: 'shop@example.com',
  to: 'ann@example.com',
  subject: 'Hello',
  text: 'Your code is 4711',
}

@Injectable()
class Newsletter {
  constructor(
    readonly mailer: Mailer,
    @InjectMailer('marketing') readonly marketing: Mailer,
  ) {}
}

/** The application as in production; its transport must not even be created. */
@Module({
  imports: [
    MailerModule.forRoot({ transport: undefined as never }),
    MailerModule.forRoot({ name: 'marketing', transport: undefined as never }),
  ],
  providers: [Newsletter],
})
class AppModule {}

describe('overrideMailer()', () => {
  it('captures what all mailers of an application send', async () => {
    // snippet: override
    const transport = debug()
    const building = Test.createTestingModule({ imports: [AppModule] })
    const app = await overrideMailer(building, { transport, names: ['marketing'] }).compile()
    // end
    const { mailer, marketing } = app.get(Newsletter)
    await mailer.send(message)
    await marketing.send({ ...message, to: 'bob@example.com' })
    // snippet: matcher
    await expect(transport).toHaveSent({ to: 'bob@example.com', subject: 'Hello' }, { times: 1 })
    // end
    await expect(transport).not.toHaveFailed()
    await app.close()
    await expect(mailer.send(message)).rejects.toMatchObject({ code: 'queue/pool-closed' })
  })
})

describe('options that a factory makes', () => {
  it('are not created with overrideMailer()', async () => {
    const useFactory = (): never => {
      throw new Error('MAIL_URL is not set')
    }
    const imports = [MailerModule.forRootAsync({ useFactory })]
    const building = Test.createTestingModule({ imports, providers: [] })
    const app = await overrideMailer(building, { transport: debug() }).compile()
    await app.get(Mailer).send(message)
    await app.close()
  })
})

describe('a mailer that overrideMailer() does not know', () => {
  it('is not created, because it would really send', async () => {
    const building = Test.createTestingModule({ imports: [AppModule] })
    await expect(overrideMailer(building, { transport: debug() }).compile()).rejects.toThrow(
      "overrideMailer(builder, { transport, names: ['marketing'] })",
    )
  })
})

describe('MailerTestingModule', () => {
  it('provides a mailer to the code under test, and an inbox to the test', async () => {
    const app = await Test.createTestingModule({
      imports: [MailerTestingModule.forRoot({ names: ['marketing'] })],
      providers: [Newsletter],
    }).compile()
    await app.get(Newsletter).marketing.send(message)
    expect((await app.get(MailInbox).waitFor({ to: 'ann@example.com' })).codes).toEqual(['4711'])
    await app.close()
  })

  it('accepts a transport that rehearses, and options of a mailer', async () => {
    const events: MailEvent[] = []
    const app = await Test.createTestingModule({
      imports: [
        MailerTestingModule.forRoot({
          transport: debug({ rehearse: 'rcpt-to/mailbox-full' }),
          failure: 'silent',
          defaults: { from: 'shop@example.com' },
          observe: (event) => void events.push(event),
        }),
      ],
    }).compile()
    const { error } = await app.get(Mailer).send({ to: 'ann@example.com', text: 'Hello' })
    expect(error?.code).toBe('rcpt-to/mailbox-full')
    await expect(app.get(MailInbox)).toHaveFailed({ code: 'rcpt-to/mailbox-full' })
    expect(events).toHaveLength(1)
    await app.close()
  })

  it.each([
    [{ transport: memory() as never }, /debug\(\) transport/],
    [{ name: 'marketing' } as never, /no option "name"/],
    [{ failure: 'quiet' as never }, /failure must be/],
  ])('refuses %o', (options, words) => {
    expect(() => MailerTestingModule.forRoot(options)).toThrow(words)
    expect(() => MailerTestingModule.forRoot({ names: [''] })).toThrow(MailError)
  })
})
