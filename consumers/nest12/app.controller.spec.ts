import { Test } from '@nestjs/testing'
import { debug } from '@loudmail/debug'
import { Mailer } from '@loudmail/nestjs'
import { overrideMailer } from '@loudmail/nestjs/testing'
import '@loudmail/testing/vitest'
import { AppController } from './app.controller.js'
import { AppModule } from './app.module.js'

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
