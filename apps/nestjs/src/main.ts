import { MailerModule, MailErrorFilter } from '@loudmail/nestjs'
import { MailWorkerModule } from '@loudmail/nestjs/outbox'
import { UnsubscribeModule } from '@loudmail/nestjs/unsubscribe'
import { MailWebhookModule } from '@loudmail/nestjs/webhooks'
import { suppressFrom } from '@loudmail/webhooks'
import { Module } from '@nestjs/common'
import { APP_FILTER, NestFactory } from '@nestjs/core'
import { CustomerController } from './customer.controller.ts'
import { CustomerMail } from './customer-mail.ts'
import { Database } from './database.ts'
import { HealthModule } from './health.module.ts'
import { mail, work } from './mail.ts'
import { mailNews } from './mail-news.ts'
import { links, Subscriptions } from './subscriptions.ts'
import { TeaController } from './tea.controller.ts'

const { PORT = '3000', WORKER } = process.env

@Module({
  // snippet: nestjs
  imports: [MailerModule.forRoot(mail)],
  providers: [{ provide: APP_FILTER, useClass: MailErrorFilter }],
  // end
  controllers: [TeaController],
})
class TeaModule {}

@Module({ providers: [Database, Subscriptions, CustomerMail], controllers: [CustomerController] })
class CustomerModule {}

// WORKER=apart: another process sends what is in the outbox, see worker.ts.
const workers = WORKER === 'apart' ? [] : [MailWorkerModule.forRoot(work)]
// Where the provider tells whose mail bounced: they get no more.
const hooks = mailNews
  ? [
      MailWebhookModule.forRoot({
        path: '/hooks/mail',
        source: mailNews.source,
        onNews: suppressFrom(mailNews.suppressed),
      }),
    ]
  : []

// Where links in reports lead to, that end them.
const unsubscribing = links ? [UnsubscribeModule.forRoot({ links, handler: Subscriptions })] : []

@Module({ imports: [TeaModule, CustomerModule, HealthModule, ...workers, ...hooks, ...unsubscribing] })
class AppModule {}

const app = await NestFactory.create(AppModule)
// After SIGTERM, requests finish first, then what the worker is sending, and the mails in the background.
app.enableShutdownHooks()
await app.listen(PORT)
console.log(`listening on ${await app.getUrl()}`)
