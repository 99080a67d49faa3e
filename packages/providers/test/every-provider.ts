import type { Transport } from '@loudmail/core'
import type { ProviderName } from '@loudmail/server/http'
import { brevo } from '../src/brevo/index.ts'
import { gmail } from '../src/gmail/index.ts'
import { mailgun } from '../src/mailgun/index.ts'
import { microsoftGraph } from '../src/microsoft-graph/index.ts'
import { postmark } from '../src/postmark/index.ts'
import { resend } from '../src/resend/index.ts'
import { sendgrid } from '../src/sendgrid/index.ts'
import { ses } from '../src/ses/index.ts'

export const SECRET = 'S3cr3t/Key+9z~4711'

/** The transport of every provider, to a server at a URL. */
export const TRANSPORTS: Readonly<Record<ProviderName, (url: string) => Transport>> = {
  brevo: (url) => brevo({ key: SECRET, url }),
  gmail: (url) => gmail({ accessToken: SECRET, url }),
  mailgun: (url) => mailgun({ key: SECRET, domain: 'mg.example.com', url }),
  microsoftGraph: (url) => microsoftGraph({ accessToken: SECRET, url }),
  postmark: (url) => postmark({ token: SECRET, url }),
  resend: (url) => resend({ key: SECRET, url }),
  sendgrid: (url) => sendgrid({ key: SECRET, url }),
  ses: (url) => ses({ region: 'eu-west-1', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, url }),
}

export const NAMES = Object.keys(TRANSPORTS) as ProviderName[]
