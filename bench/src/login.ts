import { certificates } from '@loudmail/server'
import type { LogIn } from './client.ts'

/** The same for every mailer. */
export const LOG_IN: LogIn = { auth: { user: 'ann', pass: 'open sesame 42' }, ca: certificates.ca }
export const KEY_PAIR = certificates.good
