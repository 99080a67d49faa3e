import type { Scheme, Schemes, Transport } from '@loudmail/core'
import { brevo } from './brevo/brevo.ts'
import { gmail } from './gmail/gmail.ts'
import { mailgun } from './mailgun/mailgun.ts'
import { microsoftGraph } from './microsoft-graph/microsoft-graph.ts'
import { postmark } from './postmark/postmark.ts'
import { resend } from './resend/resend.ts'
import { sendgrid } from './sendgrid/sendgrid.ts'
import { ses } from './ses/ses.ts'

/** Schemes for `transportFromUrl`: one for each provider, such as `resend://re_123@`. */
export const providerSchemes: Schemes = {
  brevo: hostless(brevo),
  gmail: hostless(gmail),
  mailgun: (url) => mailgun(url),
  microsoftgraph: hostless(microsoftGraph),
  postmark: hostless(postmark),
  resend: hostless(resend),
  sendgrid: hostless(sendgrid),
  ses: hostless(ses),
}

function hostless(create: (url: URL) => Transport): Scheme {
  return Object.assign((url: URL) => create(url), { hostless: true })
}
