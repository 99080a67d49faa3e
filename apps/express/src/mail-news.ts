import {
  brevoWebhook,
  mailgunWebhook,
  postmarkWebhook,
  resendWebhook,
  sendgridWebhook,
  sesWebhook,
  type SuppressionStore,
  type WebhookSource,
} from '@loudmail/webhooks'
import { sqliteSuppressions } from '@loudmail/webhooks/sqlite'
import { DATABASE } from './database.ts'

/** What a provider tells of mail that was sent, and whom the shop sends no more mail because of that. */
interface MailNewsOfProvider {
  readonly source: WebhookSource
  readonly suppressed: SuppressionStore
}

/** The webhooks of the providers, by the scheme of `MAIL_URL`. */
const sources: Readonly<Record<string, (secret: string) => WebhookSource>> = {
  brevo: (token) => brevoWebhook({ token }),
  mailgun: (signingKey) => mailgunWebhook({ signingKey }),
  // Postmark does not sign: put this header into the settings of the webhook.
  postmark: (token) => postmarkWebhook({ token, header: 'x-webhook-secret' }),
  resend: (secret) => resendWebhook({ secret }),
  sendgrid: (publicKey) => sendgridWebhook({ publicKey }),
  ses: (topicArn) => sesWebhook({ topicArn }),
}

// WEBHOOK_SECRET is what the provider of MAIL_URL signs its webhook with. Without it, there is no /hooks/mail.
const { MAIL_URL = '', WEBHOOK_SECRET } = process.env

export const mailNews = WEBHOOK_SECRET ? mailNewsOf(MAIL_URL, WEBHOOK_SECRET) : undefined

function mailNewsOf(url: string, secret: string): MailNewsOfProvider {
  const source = sources[url.split(':', 1)[0]!]?.(secret)
  if (!source)
    throw new Error(`With WEBHOOK_SECRET, MAIL_URL must begin with one of ${Object.keys(sources).join(', ')}`)
  // In the shop's database: a worker in a process of its own reads the same list.
  return { source, suppressed: sqliteSuppressions(DATABASE) }
}
