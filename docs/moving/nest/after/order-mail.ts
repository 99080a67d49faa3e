import { Mailer } from '@loudmail/nestjs'
import { Injectable } from '@nestjs/common'
import type { Order } from '../order.ts'
import { mails } from './mails.ts'

// snippet: send
@Injectable()
export class OrderMail {
  constructor(private readonly mailer: Mailer) {}

  async confirm(order: Order): Promise<void> {
    await this.mailer.send({
      to: order.address,
      template: mails('order', order),
      attachments: [{ filename: 'terms.txt', content: 'Tea keeps for a year.' }],
    })
  }
}
// end
