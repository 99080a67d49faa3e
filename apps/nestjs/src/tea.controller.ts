import { silenceRecipients } from '@loudmail/core'
import { Mailer } from '@loudmail/nestjs'
import { Body, Controller, HttpCode, Post } from '@nestjs/common'
import { welcome } from './mails/welcome.tsx'

@Controller()
export class TeaController {
  // snippet: nestjs-inject
  constructor(private readonly mailer: Mailer) {}
  // end

  // Loud, the default: a failure is thrown, and MailErrorFilter answers it.
  @Post('sign-up')
  async signUp(@Body('email') address: string, @Body('name') name?: string): Promise<object> {
    const template = welcome({ name: name ?? 'friend of tea' })
    await this.mailer.send({ to: { address }, template })
    return { welcome: 'sent' }
  }

  // A function decides: a friend's mailbox that does not exist is a normal answer, a mail server that is down is an error.
  @Post('invitation')
  @HttpCode(202)
  async invite(@Body('email') address: string): Promise<object> {
    const message = { to: { address }, subject: 'Come for tea', text: 'A friend invites you for tea.' }
    const { ok } = await this.mailer.send(message, { failure: silenceRecipients })
    return { invited: ok }
  }
}
