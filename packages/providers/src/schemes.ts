import type { Scheme, Schemes, Transport } from '@loudmail/core'
import { brevo } from './brevo/brevo.ts'
import { postmark } from './postmark/postmark.ts'
import { resend } from './resend/resend.ts'
import { sendgrid } from './sendgrid/sendgrid.ts'

/** Schemes for `transportFromUrl`: one for each provider, such as `resend://re_123@`. */
export const providerSchemes: Schemes = {
  brevo: hostless(brevo),
  postmark: hostless(postmark),
  resend: hostless(resend),
  sendgrid: hostless(sendgrid),
}

function hostless(create: (url: URL) => Transport): Scheme {
  return Object.assign((url: URL) => create(url), { hostless: true })
}
