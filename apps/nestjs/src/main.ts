import { limit, transportFromUrl } from '@loudmail/core'
import { debug, inbox, memoryStore, debugSchemes } from '@loudmail/debug'
import { MailErrorFilter, MailerModule, type NestMailerOptions } from '@loudmail/nestjs'
import { smtpSchemes } from '@loudmail/smtp'
import { Module } from '@nestjs/common'
import { APP_FILTER, NestFactory } from '@nestjs/core'
import { HealthModule } from './health.module.ts'
import { TeaController } from './tea.controller.ts'

// MAIL_URL=smtp://user:password@mail.example.com:587 sends mail. Without it, mail is captured and
// shown at /mail. In production debug() throws instead: a missing setting must not swallow mail.
const { MAIL_URL, PORT = '3000' } = process.env
const store = memoryStore()
const mail: NestMailerOptions = {
  // At most ten at once: the others wait for their turn.
  transport: MAIL_URL
    ? limit(transportFromUrl(MAIL_URL, { ...smtpSchemes, ...debugSchemes }), { concurrent: 10 })
    : debug({ store }),
  defaults: { from: 'Tea Shop <tea@example.com>' },
  // How long mail that is being sent may take after SIGTERM. Docker kills after ten seconds.
  drainMs: 3_000,
  inbox: !MAIL_URL && inbox(store),
  observe: ({ type, error, context }) =>
    console.log('mail', type, error?.message ?? '', JSON.stringify(context ?? {})),
}

@Module({
  // snippet: nestjs
  imports: [MailerModule.forRoot(mail)],
  providers: [{ provide: APP_FILTER, useClass: MailErrorFilter }],
  // end
  controllers: [TeaController],
})
class TeaModule {}

@Module({ imports: [TeaModule, HealthModule] })
class AppModule {}

const app = await NestFactory.create(AppModule)
// After SIGTERM, requests finish first, then the mails in the background.
app.enableShutdownHooks()
await app.listen(PORT)
console.log(`listening on ${await app.getUrl()}`)
