import { brevo } from './brevo.ts'
import { gmail } from './gmail.ts'
import { mailgun } from './mailgun.ts'
import { microsoftGraph } from './microsoft-graph.ts'
import { postmark } from './postmark.ts'
import type { ProviderAnswers, ProviderName } from './provider-answer.ts'
import { resend } from './resend.ts'
import { sendgrid } from './sendgrid.ts'
import { ses } from './ses.ts'

/**
 * What the APIs of providers document, as data: `providerAnswers.resend.failures[0]` is an answer (`status`, `headers`,
 * `body`) that a script can contain as it is, with a `name`, what it is `about`, its `source`, and what a transport has to
 * make of it in `expect` (`kind`, `permanence`, `delivered`, and where they apply `retryAfterMs`, `scope`, `recipients`
 * and, for a batch, `messages`). Successes have the `request` and the `ids` instead.
 */
export const providerAnswers: Readonly<Record<ProviderName, ProviderAnswers>> = {
  resend,
  postmark,
  ses,
  sendgrid,
  mailgun,
  brevo,
  microsoftGraph,
  gmail,
}
