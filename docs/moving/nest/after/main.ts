// The same program with Loudmail. docs/test/moving.test.ts runs it.
import 'reflect-metadata'
import { transportFromUrl } from '@loudmail/core'
import { MailerModule } from '@loudmail/nestjs'
import { smtpSchemes } from '@loudmail/smtp'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { order } from '../order.ts'
import { OrderMail } from './order-mail.ts'

// snippet: module
@Module({
  imports: [
    MailerModule.forRootAsync({
      useFactory: () => ({
        transport: transportFromUrl(process.env.MAIL_URL, smtpSchemes),
        defaults: { from: 'Tea Shop <tea@example.com>' },
      }),
    }),
  ],
  providers: [OrderMail],
})
class AppModule {}
// end

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] })
await app.get(OrderMail).confirm(order)
await app.close()
