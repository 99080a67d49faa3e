import { MailerModule } from '@loudmail/nestjs'
import { MailWorkerModule } from '@loudmail/nestjs/outbox'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { mail, MAIL_URL, work } from './mail.ts'

// Sends what the shop puts into the outbox, in a process of its own: start the shop with WORKER=apart.
if (!MAIL_URL)
  throw new Error('The worker needs MAIL_URL: mail that is captured is shown by the process that captures it')

// snippet: nestjs-worker
@Module({ imports: [MailerModule.forRoot(mail), MailWorkerModule.forRoot(work)] })
class WorkerModule {}

const app = await NestFactory.createApplicationContext(WorkerModule)
// After SIGTERM, it takes no more messages, finishes those in flight, and then the process ends.
app.enableShutdownHooks()
// end
console.log('the worker sends')
