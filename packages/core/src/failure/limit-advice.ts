import { providerOf } from './providers.ts'
import type { FailureFacts, Situation } from './situation.ts'

const AGAIN = 'Another attempt may succeed.'

/** The limit is the one of a recipient's mailbox, not of this sender. */
const RECIPIENT_LIMIT = /receiv(?:e|ing) (?:limit|mail|messages|too)\b|\breceive limit\b/i
const TOO_MUCH_FOR_ONE =
  'The recipient gets more mail at the moment than the mailbox takes. Send this message again in an hour or more.'

const CONNECTION_LIMIT =
  /too many (?:\w+[ -]){0,3}(?:connections|sessions)|connections? (?:allowed|permitted|open|per (?:ip|host|client|user|account))\b|(?:concurrent|simultaneous|parallel) (?:\w+ )?(?:connections?|sessions?)|(?:connections?|sessions?) (?:count |rate )?(?:limit|exceed)|\b(?:max\w*|limit|number) (?:\w+ ){0,3}connections|thread limit exceeded/i

/** Limits on connections and on sending, and senders that a provider has to allow. */
export function limitAdvice(
  { stage, kind, permanence, reply }: FailureFacts,
  situation: Situation | undefined,
): string | undefined {
  const provider = providerOf(situation, reply?.text)
  if (reply && CONNECTION_LIMIT.test(reply.text)) return fewerConnections(situation, provider?.connections)
  if (
    stage === 'auth' &&
    (kind === 'rate-limited' || (kind === 'auth-temporary' && TOO_MANY.test(reply?.text ?? '')))
  )
    return logInLimit(situation)
  if (kind === 'rate-limited') {
    if (reply && RECIPIENT_LIMIT.test(reply.text)) return TOO_MUCH_FOR_ONE
    // The limits of a provider are those of its accounts.
    if (!provider?.limit || !situation?.auth) return undefined
    return permanence === 'transient' ? `${provider.limit} ${AGAIN}` : provider.limit
  }
  if (kind === 'sender-not-owned') return provider?.sender
  return undefined
}

const TOO_MANY = /too many|too often|too frequent/i

function logInLimit(situation: Situation | undefined): string {
  const option = situation?.options.connections ?? 'the number of connections'
  return `The server limits how often an account may log in. Wait some minutes, check that no other program logs in with a wrong password, and log in less often: lower ${option}, and keep one transport for all messages.`
}

function fewerConnections(
  situation: Situation | undefined,
  limit: { readonly most: number; readonly rule: string } | undefined,
): string {
  const { connections, options } = situation ?? {}
  const rule = limit ? `: ${limit.rule}` : ''
  if (connections === 1)
    return `This transport opens only one connection, so other programs with the same account or address hold the others${rule}. Another attempt may succeed once one of them is closed.`
  const option = options?.connections ?? 'the number of connections'
  const now = connections === undefined ? '' : ` (it is ${connections} now)`
  const most =
    limit && (connections === undefined || connections > limit.most) ? `to ${limit.most} or less` : 'lower'
  return `Set ${option} ${most}${now}${rule || ', because the server limits the connections at once'}. Other programs with the same account or address count, too.`
}
