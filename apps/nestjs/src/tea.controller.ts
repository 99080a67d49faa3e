import { setImmediate } from 'node:timers/promises'
import { silenceRecipients } from '@loudmail/core'
import { Mailer } from '@loudmail/nestjs'
import { Body, Controller, HttpCode, Logger, Post, type OnApplicationShutdown } from '@nestjs/common'
import { customers, isCustomer } from './customers.ts'

@Controller()
export class TeaController implements OnApplicationShutdown {
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #logger = new Logger('Tea')

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
    if (isCustomer(address)) this.#inBackground(() => this.mailer.send(message, { failure: 'silent' }))
    return { reset: 'on its way, if we know you' }
  }

  // In the background, to every customer: each failure is in its receipt and never thrown.
  @Post('report')
  @HttpCode(202)
  report(): object {
    this.#inBackground(() => this.#sendReport())
    return { report: 'under way' }
  }

  /** There are no more requests. The work in the background finishes before the mailer is closed. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #sendReport(): Promise<void> {
    const report = { subject: 'Your month in tea', text: 'You had 31 cups.' }
    const messages = customers.map((address) => ({ ...report, to: { address } }))
    const failed: string[] = []
    for await (const { index, receipt } of this.mailer.sendMany(messages))
      if (!receipt.ok) failed.push(`${customers[index]}: ${receipt.error.code}`)
    const sent = customers.length - failed.length
    this.#logger.log(`report sent to ${sent}, failed for ${failed.join(', ') || 'nobody'}`)
  }

  /** The work begins after the answer. */
  #inBackground(work: () => Promise<unknown>): void {
    const done = setImmediate()
      .then(work)
      .catch((error: unknown) => this.#logger.error(error))
      .finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
  }
}
