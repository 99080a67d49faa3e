import { Body, Controller, Get, Post } from '@nestjs/common'
import { Mailer } from '@loudmail/nestjs'
import { AppService } from './app.service'

@Controller()
export class AppController {
  constructor(
    private readonly appService: AppService,
    private readonly mailer: Mailer,
  ) {}

  @Get()
  getHello(): string {
    return this.appService.getHello()
  }

  @Post('sign-up')
  async signUp(@Body('email') address: string) {
    const { state } = await this.mailer.send({
      to: { address },
      subject: 'Welcome',
      text: 'Your tea is waiting.',
    })
    return { state }
  }
}
