import type { Schemes } from '@loudmail/core'
import { smtp } from './smtp.ts'

/** Schemes for `transportFromUrl`: `smtp:`, `smtps:` and `lmtp:`. */
export const smtpSchemes: Schemes = {
  smtp: (url) => smtp(url),
  smtps: (url) => smtp(url),
  lmtp: (url) => smtp(url),
}
