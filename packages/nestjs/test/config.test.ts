import { memory, transportFromUrl } from '@loudmail/core'
import { debugSchemes } from '@loudmail/debug'
import { ConfigModule, ConfigService } from '@nestjs/config'
import { Test } from '@nestjs/testing'
import { describe, expect, it } from 'vitest'
import { Mailer, MailerModule } from '../src/index.ts'

const schemes = { ...debugSchemes }

describe('with ConfigModule', () => {
  it.each([
    ['debug:', undefined],
    ['debug:?rehearse=auth/bad-credentials', 'auth/bad-credentials'],
  ])('the options come from ConfigService: MAIL_URL=%s', async (url, code) => {
    const app = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ MAIL_URL: url })] }),
        // snippet: config
        MailerModule.forRootAsync({
          imports: [ConfigModule],
          inject: [ConfigService],
          useFactory: (config: ConfigService) => ({
            transport: transportFromUrl(config.get('MAIL_URL'), schemes),
            failure: config.get('MAIL_FAILURE', 'loud'),
          }),
        }),
        // end
      ],
    }).compile()
    const sending = app.get(Mailer).send({ from: 'a@example.com', to: 'b@example.com', text: 'Hi' })
    if (code) await expect(sending).rejects.toMatchObject({ code })
    else expect((await sending).state).toBe('captured')
    await app.close()
  })

  it.each([
    ['nothing', undefined, /a return is missing/],
    ['a misspelled option', { transport: memory(), inboxpath: '/x' }, /"inboxpath"; it has .*inboxPath/],
  ])('a factory that gives %s stops the application, too', async (_what, options, words) => {
    const imports = [MailerModule.forRootAsync({ useFactory: () => options as never })]
    await expect(Test.createTestingModule({ imports }).compile()).rejects.toThrow(words)
  })

  it('the application does not start if a setting is missing', async () => {
    const starting = Test.createTestingModule({
      imports: [
        MailerModule.forRootAsync({
          imports: [ConfigModule.forRoot({ ignoreEnvFile: true, ignoreEnvVars: true })],
          inject: [ConfigService],
          useFactory: (config: ConfigService) => ({
            transport: transportFromUrl(config.get('NO_SUCH_MAIL_URL'), schemes),
          }),
        }),
      ],
    }).compile()
    await expect(starting).rejects.toMatchObject({ code: 'config/invalid-config' })
  })
})
