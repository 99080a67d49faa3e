import { silenceRecipients, silenceTransient, type FailurePolicy } from '@loudmail/core'
import type { SendOptions } from './send-options.ts'

/** The policies of the library, by the names that `--policy` has for them. */
export const POLICIES: Readonly<Record<SendOptions['policy'], FailurePolicy>> = {
  loud: 'loud',
  silent: 'silent',
  'silence-transient': silenceTransient,
  'silence-recipients': silenceRecipients,
}
