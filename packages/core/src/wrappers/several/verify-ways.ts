import { MailError } from '../../failure/mail-error.ts'
import { isPartlyDown, markPartlyDown } from './partly-down.ts'
import type { VerifyContext } from '../../transports/transport.ts'
import type { Way } from './way.ts'

/**
 * Checks all ways at the same time.
 *
 * @throws the first failure, with those of the others in `failures`
 */
export async function verifyWays(ways: readonly Way[], context: VerifyContext | undefined): Promise<void> {
  const results = await Promise.allSettled(ways.map((way) => way.verify(context)))
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (failed.length === 0) return
  const failures = failed.filter((reason) => MailError.is(reason))
  const [first] = failures
  if (!first || failures.length < failed.length) throw failed.find((reason) => !MailError.is(reason))
  const error = failures.length > 1 ? first.with({ failures }) : first
  if (failures.length < ways.length || failures.some(isPartlyDown)) markPartlyDown(error)
  throw error
}
