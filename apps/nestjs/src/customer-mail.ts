import { randomUUID } from 'node:crypto'
import { InjectOutbox } from '@loudmail/nestjs/outbox'
import type { Outbox } from '@loudmail/outbox'
import { Injectable } from '@nestjs/common'
import { cups } from './cups.ts'
import { isCustomer } from './customers.ts'
import { Database } from './database.ts'
import { links, Subscriptions } from './subscriptions.ts'

/** Mail that goes out once it is stored, also if this process dies. */
// snippet: nestjs-outbox
@Injectable()
export class CustomerMail {
  constructor(
    private readonly database: Database,
    private readonly subscriptions: Subscriptions,
    @InjectOutbox() private readonly outbox: Outbox,
  ) {}

  /** In one transaction: the link is mailed if and only if its token is known. */
  async resetPassword(address: string): Promise<void> {
    await this.database.transaction(async (transaction) => {
      const token = randomUUID()
      transaction.prepare('INSERT INTO resets VALUES (?, ?, ?)').run(token, address, Date.now())
      const text = `Follow this link: https://tea.example.com/reset/${token}`
      const message = { to: { address }, subject: 'New password', text }
      if (isCustomer(address)) await this.outbox.enqueue(message, { using: transaction })
    })
  }
  // end

  /** To every customer who wants it. Mail programs show a button that ends the reports. */
  async report(): Promise<void> {
    const attachments = [{ filename: 'cups.csv', content: cups() }]
    await Promise.all(
      this.subscriptions.of('reports').map((address) => {
        const listUnsubscribe = links?.link({ address, list: 'reports' })
        const text = `You had 31 cups.${listUnsubscribe ? `\n\nNo more reports: ${listUnsubscribe.url}` : ''}`
        const report = { subject: 'Your month in tea', text, attachments, listUnsubscribe }
        return this.outbox.enqueue({ to: { address }, ...report })
      }),
    )
  }
}
