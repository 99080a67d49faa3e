import type { FailureCode } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import type { Action, ActionContext, ActionFunction, EventName, ServerScript } from '@loudmail/server'
import { encrypted, type DebugTls } from '../rehearsal/rehearsal.ts'
import { rehearsals } from '../rehearsal/rehearsals.ts'
import { checkRehearsable, codeIn, refuseByAddress } from '../rehearsal/wanted-failure.ts'

/** The largest message, in octets. */
export const MOST_OCTETS = 100 * 2 ** 20

/** SCRAM is not among them, because it needs the password in advance. */
const OPEN_MECHANISMS = 'AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER'
const PASSWORD_MECHANISMS = 'AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256'

/** What decides how the server behaves. */
interface Wanted {
  readonly tls?: DebugTls | undefined
  readonly auth?: 'any' | { readonly user: string; readonly pass: string } | undefined
  readonly rehearse?: FailureCode | undefined
}

/**
 * What the server does for programs of any kind: it accepts all mail and any log-in, unless the options or an address say
 * otherwise.
 *
 * @throws MailError `config/invalid-config`
 */
export function captureScript({ tls = 'none', auth, rehearse }: Wanted): ServerScript {
  if (!['none', 'starttls', 'implicit'].includes(tls))
    throw configError("the tls option of startCapture() must be 'none', 'starttls' or 'implicit'")
  if (auth !== undefined && auth !== 'any' && (!auth.user || !auth.pass))
    throw configError("the auth option of startCapture() must be 'any', or a user with a password")
  const known = rehearsals(tls)
  if (rehearse !== undefined) {
    checkRehearsable(rehearse, known)
    if (/^(?:dns|connect)\//.test(rehearse))
      throw configError(
        `a server cannot rehearse ${rehearse}, because that happens before the client reaches it. debug() can: it is a client, too`,
      )
  }
  const { script = {} } = rehearse ? known.get(rehearse)! : encrypted({ script: { on: byAddress() } }, tls)
  const { user, pass } = typeof auth === 'object' ? auth : {}
  // Without a log-in, a failure of the log-in would not happen.
  const requireAuth = auth !== undefined || rehearse?.startsWith('auth/') === true
  return {
    ...script,
    on: { CONNECT: '220 localhost ESMTP Loudmail', ...script.on },
    caps: capabilities(script.caps ?? [], rehearse, user !== undefined),
    enforceSize: MOST_OCTETS,
    ...(requireAuth && { requireAuth }),
    ...(user !== undefined && pass !== undefined && { users: { [user]: pass } }),
  }
}

function capabilities(
  caps: readonly string[],
  rehearse: FailureCode | undefined,
  hasUsers: boolean,
): readonly string[] {
  const others = caps
    .filter((each) => each !== 'AUTH PLAIN')
    .map((each) => (each === 'SIZE' ? `SIZE ${MOST_OCTETS}` : each))
  const isWithoutAuth = rehearse === 'auth/auth-not-offered' || rehearse === 'auth/auth-mechanism'
  return isWithoutAuth ? others : [...others, hasUsers ? PASSWORD_MECHANISMS : OPEN_MECHANISMS]
}

/** The events that come after the address is known. */
const EVENTS = { 'rcpt-to': 'RCPT', data: 'DATA', body: 'DOT' } as const satisfies Record<string, EventName>

/** Lets a mail fail as one of its addresses asks. Refused recipients do not affect the others. */
function byAddress(): NonNullable<ServerScript['on']> {
  const known = rehearsals('none')
  const actionFor = (code: FailureCode): Action | undefined => {
    const event = EVENTS[code.split('/')[0] as keyof typeof EVENTS] as EventName | undefined
    return event && known.get(code)?.script?.on?.[event]
  }
  const isAt = (code: FailureCode | undefined, stage: string): boolean =>
    code?.startsWith(`${stage}/`) === true
  const later =
    (stage: 'data' | 'body'): ActionFunction =>
    ({ envelope }: ActionContext) => {
      const code = envelope?.to.map(codeIn).find((each) => isAt(each, stage))
      return code && actionFor(code)
    }
  return {
    RCPT: (context) => {
      const code = codeIn(context.recipient ?? '')
      if (code === undefined) return undefined
      const action = actionFor(code)
      if (isAt(code, 'rcpt-to')) return action ?? refuseByAddress(context)
      if (action) return undefined
      return known.has(code)
        ? `550 5.1.1 No such user here: ${code} happens before a recipient is known, so rehearse it for all mails`
        : refuseByAddress(context)
    },
    DATA: later('data'),
    DOT: later('body'),
  }
}
