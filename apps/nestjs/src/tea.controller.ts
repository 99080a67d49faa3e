import { silenceRecipients } from '@loudmail/core'
import { Mailer } from '@loudmail/nestjs'
import { Body, Controller, HttpCode, Post } from '@nestjs/common'
import { customers, isCustomer } from './customers.ts'

@Controller()
export class TeaController {
  // snippet: nestjs-inject
  constructor(private readonly mailer: Mailer) {}
  // end

  // Loud, the default: a failure is thrown, and MailErrorFilter answers it.
  @Post('sign-up')
  async signUp(@Body('email') address: string): Promise<object> {
    await this.mailer.send({ to: { address }, subject: 'Welcome', text: 'Your tea is waiting.' })
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

  // Silent, and in the background: neither the answer nor the time it takes may show who is a customer. Observers are told.
  @Post('password-reset')
  @HttpCode(202)
  resetPassword(@Body('email') address: string): object {
    const text = 'Follow this link: https://tea.example.com/reset/4711'
    const message = { to: { address }, subject: 'New password', text }
    if (isCustomer(address)) this.mailer.sendInBackground(message, { failure: 'silent' })
    return { reset: 'on its way, if we know you' }
  }

  // In the background, to every customer: nobody waits for it, so the observers are told what became of each.
  // snippet: nestjs-background
  @Post('report')
  @HttpCode(202)
  report(): object {
    const report = { subject: 'Your month in tea', text: 'You had 31 cups.' }
    for (const address of customers)
      this.mailer.sendInBackground({ ...report, to: { address } }, { context: { report: 'tea' } })
    return { report: 'under way' }
  }
  // end
}
