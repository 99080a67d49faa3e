import { Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { debug, inbox, memoryStore } from '@loudmail/debug'
import { MailErrorFilter, MailerModule } from '@loudmail/nestjs'
import { AppController } from './app.controller.js'
import { AppService } from './app.service.js'

const store = memoryStore()

@Module({
  imports: [
    MailerModule.forRoot({
      transport: debug({ store }),
      defaults: { from: 'tea@example.com' },
      inbox: inbox(store),
    }),
  ],
  controllers: [AppController],
  providers: [AppService, { provide: APP_FILTER, useClass: MailErrorFilter }],
})
export class AppModule {}
