import type { Scheme, Schemes, Transport } from '@loudmail/core'
import { postmark } from './postmark/postmark.ts'
import { resend } from './resend/resend.ts'

/** Schemes for `transportFromUrl`: one for each provider, such as `resend://re_123@`. */
export const providerSchemes: Schemes = {
  postmark: hostless(postmark),
  resend: hostless(resend),
}

function hostless(create: (url: URL) => Transport): Scheme {
  return Object.assign((url: URL) => create(url), { hostless: true })
}
