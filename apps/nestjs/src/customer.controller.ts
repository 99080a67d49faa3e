import { setTimeout as pause } from 'node:timers/promises'
import { Body, Controller, HttpCode, Post } from '@nestjs/common'
import { CustomerMail } from './customer-mail.ts'

@Controller()
export class CustomerController {
  constructor(private readonly mail: CustomerMail) {}

  @Post('password-reset')
  @HttpCode(202)
  async resetPassword(@Body('email') address: unknown): Promise<object> {
    // Neither the answer nor the time it takes may show who is a customer.
    const answer = pause(200)
    await this.mail.resetPassword(String(address))
    await answer
    return { reset: 'on its way, if we know you' }
  }

  @Post('report')
  @HttpCode(202)
  async report(): Promise<object> {
    await this.mail.report()
    return { report: 'under way' }
  }
}
