import { brevoEvent } from './payloads/brevo.ts'
import { mailgunEvent } from './payloads/mailgun.ts'
import { postmarkDelivery } from './payloads/postmark.ts'
import { resendEvent } from './payloads/resend.ts'
import { sendgridEvent } from './payloads/sendgrid.ts'

/** An event of each provider that is news: `delivered`. */
export const DELIVERED: Readonly<Record<string, object>> = {
  Resend: resendEvent('email.delivered'),
  SendGrid: sendgridEvent('delivered'),
  Mailgun: mailgunEvent('delivered'),
  Postmark: postmarkDelivery,
  Brevo: brevoEvent('delivered'),
}

/** An event of each provider whose name nobody knows. */
export const UNKNOWN: Readonly<Record<string, object>> = {
  Resend: resendEvent('email.teleported'),
  SendGrid: sendgridEvent('teleported'),
  Mailgun: mailgunEvent('teleported'),
  Postmark: { ...postmarkDelivery, RecordType: 'Teleported' },
  Brevo: brevoEvent('teleported'),
}
