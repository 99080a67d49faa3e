// @ts-nocheck MailerModule has the types of an older nodemailer.
// A program with @nestjs-modules/mailer. docs/test/moving.test.ts runs it.
import 'reflect-metadata'
import { join } from 'node:path'
import { MailerModule } from '@nestjs-modules/mailer'
import { HandlebarsAdapter } from '@nestjs-modules/mailer/adapters/handlebars.adapter'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { money, order } from '../order.ts'
import { OrderMail } from './order-mail.ts'

// snippet: module
@Module({
  imports: [
    MailerModule.forRootAsync({
      useFactory: () => ({
        transport: process.env.MAIL_URL,
        defaults: { from: 'Tea Shop <tea@example.com>' },
        template: {
          dir: join(import.meta.dirname, 'templates'),
          adapter: new HandlebarsAdapter({ money }),
          options: { strict: true },
        },
        options: {
          partials: { dir: join(import.meta.dirname, 'templates/partials'), options: { strict: true } },
        },
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
