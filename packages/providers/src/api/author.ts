import type { Address } from '@loudmail/core'
import type { ComposedMessage } from '@loudmail/core/transport'
import { invalid } from './provider-data.ts'

/**
 * The author, for an API that has room for one.
 *
 * @throws MailError `compose/invalid-message` if there are several: the others would be missing in what arrives
 */
export function onlyAuthor({ from }: ComposedMessage, title: string): Address {
  if (from.length > 1)
    throw invalid(
      `${title} takes one author, and this message has ${from.length} addresses in \`from\``,
      'Leave one address in `from`, or send the message with a transport that composes it here, such as `smtp()`.',
    )
  return from[0]!
}
