import { checkNumber } from '@loudmail/core/transport'
import { WebhookError } from '../webhook-error.ts'

/** The options of every source whose requests are signed with the time. */
export interface FreshOptions {
  /**
   * How old a signature may be, in ms, and how far ahead of the clock of this machine. @default 300_000: five minutes, as the
   * Standard Webhooks specification has it
   */
  readonly toleranceMs?: number | undefined
}

/** @throws MailError `config/invalid-config` */
export function toleranceOf(owner: string, options: FreshOptions, unlessSaid = 300_000): number {
  const { toleranceMs = unlessSaid } = options
  checkNumber(toleranceMs, `${owner} toleranceMs`, 0)
  return toleranceMs
}

/**
 * Refuses a signature that is old, or of the future. Call it only after the signature was found to be right.
 *
 * @param timestamp seconds since 1970
 * @throws WebhookError `too-old`, or `malformed` if it is not a number of seconds
 */
export function checkFresh(timestamp: string, now: number, toleranceMs: number): void {
  if (!/^\d{1,12}$/.test(timestamp))
    throw new WebhookError('malformed', 'the time of the signature is not a number of seconds', AGAIN)
  const age = now - Number(timestamp) * 1_000
  if (Math.abs(age) <= toleranceMs) return
  throw new WebhookError(
    'too-old',
    age > 0 ? 'the signature is too old' : 'the signature is of the future',
    'Check the clock of this machine. Otherwise somebody sent a copy of an old request.',
  )
}

const AGAIN = 'Send what the provider documents.'
