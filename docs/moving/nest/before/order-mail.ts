import { join } from 'node:path'
import { MailerService } from '@nestjs-modules/mailer'
import { Injectable } from '@nestjs/common'
import type { Order } from '../order.ts'

// snippet: send
@Injectable()
export class OrderMail {
  constructor(private readonly mailer: MailerService) {}

  async confirm(order: Order): Promise<void> {
    await this.mailer.sendMail({
      to: order.address,
      subject: `Your order ${order.number}`,
      template: './order',
      context: order,
      attachments: [
        { filename: 'logo.png', path: join(import.meta.dirname, 'templates/logo.png'), cid: 'logo' },
        { filename: 'terms.txt', content: 'Tea keeps for a year.' },
      ],
    })
  }
}
// end
