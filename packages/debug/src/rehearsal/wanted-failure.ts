import type { FailureCode, Message } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import type { ActionFunction } from '@loudmail/server'
import { repliedKinds, REPLIES, type RepliedKind } from './replies.ts'

/** Which failure to rehearse: the same for every message, or what a function returns for each. */
export type Rehearse = FailureCode | ((message: Message) => FailureCode | undefined)

/** `fail+rcpt-to.mailbox-full@example.test`: an address that names a failure, in upper or lower case. */
const ADDRESS = /^fail\+(.+)@/i

/** @throws MailError `config/invalid-config` if the failure cannot be rehearsed */
export function checkRehearsable(code: unknown, known: ReadonlyMap<FailureCode, unknown>): void {
  if (known.has(code as FailureCode)) return
  const stage = typeof code === 'string' ? code.split('/')[0] : undefined
  const others = [...known.keys()].filter((each) => each.startsWith(`${stage}/`))
  const there =
    others.length > 0 ? others : [...new Set([...known.keys()].map((each) => `${each.split('/')[0]}/…`))]
  throw configError(
    `debug() cannot rehearse ${JSON.stringify(code)}, which no server or network causes. It can rehearse ${there.join(', ')}`,
  )
}

/** The failure of the whole message, from the option or from its addresses. Refused recipients are not part of it. */
export function wantedFailure(
  message: Message,
  rehearse: Rehearse | undefined,
  known: ReadonlyMap<FailureCode, unknown>,
): FailureCode | undefined {
  const wanted = typeof rehearse === 'function' ? rehearse(message) : rehearse
  if (wanted !== undefined) {
    checkRehearsable(wanted, known)
    return wanted
  }
  return wantedByAddress(message.envelope.to, known)
}

/** The failure of the whole message that its addresses ask for. */
export function wantedByAddress(
  to: readonly string[],
  known: ReadonlyMap<FailureCode, unknown>,
): FailureCode | undefined {
  return to
    .map(codeIn)
    .find((code): code is FailureCode => code !== undefined && known.has(code) && !isRefusal(code))
}

/** Refuses the recipients whose addresses ask for it, and accepts the others. */
export const refuseByAddress: ActionFunction = ({ recipient = '' }) => {
  const code = codeIn(recipient)
  if (code === undefined) return undefined
  return isRefusal(code)
    ? REPLIES[code.slice('rcpt-to/'.length) as RepliedKind]
    : `550 5.1.1 No such user here: there is no failure ${code} to rehearse`
}

/** The failure that an address asks for, whether it exists or not. */
export function codeIn(address: string): FailureCode | undefined {
  return ADDRESS.exec(address)?.[1]?.toLowerCase().replace('.', '/') as FailureCode | undefined
}

/** Whether it affects a single recipient and not the whole message. */
function isRefusal(code: FailureCode): boolean {
  return repliedKinds('rcpt-to').some((kind) => code === `rcpt-to/${kind}` && kind !== 'service-unavailable')
}
