import { silenceRecipients, transportFromUrl } from '@loudmail/core'
import { schemes as debug } from '@loudmail/debug'
import { MailErrorFilter, Mailer, MailerModule, type MailerOptions } from '@loudmail/nestjs'
import { schemes as smtp } from '@loudmail/smtp'
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common'
import { APP_FILTER, NestFactory } from '@nestjs/core'

@Controller()
class TeaController {
  // snippet: nestjs-inject
  constructor(private readonly mailer: Mailer) {}
  // end

  // Loud, the default: a failure is thrown, and MailErrorFilter answers.
  @Post('sign-up')
  async signUp(@Body('email') address: string): Promise<object> {
    await this.mailer.send({ to: { address }, subject: 'Welcome', text: 'Your tea is waiting.' })
    return { welcome: 'sent' }
  }

  // Silent for this message: the answer says whether it went out, and every observer still hears of a failure.
  @Post('invitation')
  @HttpCode(202)
  async invite(@Body('email') address: string): Promise<object> {
    const message = { to: { address }, subject: 'Come for tea', text: 'A friend invites you for tea.' }
    const { ok } = await this.mailer.send(message, { failure: 'silent' })
    return { invited: ok }
  }

  // A function decides: a mailbox that does not exist must not show, an outage must.
  @Post('password-reset')
  @HttpCode(202)
  async resetPassword(@Body('email') address: string): Promise<object> {
    const text = 'Follow this link: https://tea.example.com/reset/4711'
    const message = { to: { address }, subject: 'New password', text }
    await this.mailer.send(message, { failure: silenceRecipients })
    return { reset: 'on its way, if we know you' }
  }
}

// MAIL_URL=smtp://user:password@mail.example.com:587 sends; without it, mail is captured inside the process.
const mail: MailerOptions = {
  transport: transportFromUrl(process.env['MAIL_URL'] ?? 'debug:', { ...smtp, ...debug }),
  defaults: { from: 'Tea Shop <tea@example.com>' },
  observe: ({ type, error }) => console.log('mail', type, error?.message ?? ''),
}

@Module({
  // snippet: nestjs
  imports: [MailerModule.forRoot(mail)],
  providers: [{ provide: APP_FILTER, useClass: MailErrorFilter }],
  // end
  controllers: [TeaController],
})
class TeaModule {}

const app = await NestFactory.create(TeaModule)
// SIGTERM lets requests finish, then lets the mailer finish.
app.enableShutdownHooks()
await app.listen(process.env['PORT'] ?? 3000)
console.log(`listening on ${await app.getUrl()}`)
