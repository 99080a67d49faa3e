import { UnsubscribeLinks, type Unsubscribing } from '@loudmail/content/unsubscribe'
import type { UnsubscribeTaker } from '@loudmail/nestjs/unsubscribe'
import { Injectable } from '@nestjs/common'
import { customers } from './customers.ts'
import { Database } from './database.ts'

// UNSUBSCRIBE_SECRET signs the links that end the reports. Without it, reports have no such link, and there is no
// /unsubscribe.
const { UNSUBSCRIBE_SECRET } = process.env

export const links = UNSUBSCRIBE_SECRET
  ? new UnsubscribeLinks({ url: 'https://tea.example.com/unsubscribe', secret: UNSUBSCRIBE_SECRET })
  : undefined

@Injectable()
export class Subscriptions implements UnsubscribeTaker {
  constructor(private readonly database: Database) {}

  /** The customers who want a list. */
  of(list: string): readonly string[] {
    const gone = new Set(this.database.unsubscribed(list))
    return customers.filter((address) => !gone.has(address))
  }

  /** A customer wants a list no more. Mail programs may say so several times. */
  onUnsubscribe({ address, list }: Unsubscribing): void {
    this.database.unsubscribe(address, list)
  }
}
