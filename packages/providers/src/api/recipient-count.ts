import { MailError } from '@loudmail/core'
import type { Recipients } from './recipients.ts'

/**
 * Refuses more recipients than the API takes.
 *
 * @throws MailError `compose/too-many-recipients`
 */
export function checkCount({ to, cc, bcc }: Recipients, title: string, most: number): void {
  const count = to.length + cc.length + bcc.length
  if (count <= most) return
  throw new MailError({
    stage: 'compose',
    kind: 'too-many-recipients',
    permanence: 'permanent',
    summary: `${title} takes at most ${most} recipients for a message, and this one has ${count}`,
    hint: 'Send a message to each recipient, with `sendMany()`, or several messages with fewer recipients.',
  })
}
