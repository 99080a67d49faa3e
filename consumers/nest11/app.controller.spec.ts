import { Test } from '@nestjs/testing'
import { debug } from '@loudmail/debug'
import { Mailer } from '@loudmail/nestjs'
import { overrideMailer } from '@loudmail/nestjs/testing'
import { mailMatchers } from '@loudmail/testing/jest'
import { AppController } from './app.controller'
import { AppModule } from './app.module'

expect.extend(mailMatchers)

describe('AppController', () => {
  it('sends a welcome mail', async () => {
    const transport = debug()
    const app = await overrideMailer(Test.createTestingModule({ imports: [AppModule] }), {
      transport,
      defaults: { from: 'tea@example.com' },
    }).compile()
    await app.get(AppController).signUp('ann@example.com')
    await expect(transport).toHaveSent({ to: 'ann@example.com', subject: 'Welcome' })
    expect(app.get(Mailer).stats.sent).toBe(1)
    await app.close()
  })
})
