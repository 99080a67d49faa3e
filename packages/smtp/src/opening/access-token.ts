import { MailError } from '@loudmail/core'
import type { AccessTokenFunction, Settings } from '../options.ts'
import type { OpeningFailure } from './opening-failure.ts'
import type { Opening } from './opening.ts'

/**
 * Asks the caller's function for an access token. It may never settle.
 *
 * @param refused the failure with which the server refused the token before, if this is to be a new one
 * @throws OpeningFailure `auth/oauth-token`
 */
export function fetchToken(
  accessToken: AccessTokenFunction,
  { timeouts }: Settings,
  opening: Opening,
  refused?: OpeningFailure,
): Promise<string> {
  const renew = refused !== undefined
  const before = renew ? 'the server does not accept the access token, and ' : ''
  const failure = (summary: string): OpeningFailure['init'] => ({
    stage: 'auth',
    kind: 'oauth-token',
    reply: refused?.init.reply,
    summary: before + summary,
  })
  const { stage: _, ...late } = failure(`${renew ? 'a new one' : 'the access token'} did not come in time`)
  return opening.step<string>(
    'auth',
    timeouts.auth,
    (step) => {
      const fetching = (async (): Promise<unknown> => accessToken({ renew }))()
      fetching.then(
        (token) =>
          typeof token === 'string' && token !== ''
            ? step.done(token)
            : step.fail(failure('the accessToken function returned no token')),
        (cause: unknown) => {
          const { summary, permanence, hint, retryAfterMs } = MailError.is(cause) ? cause : {}
          const what = `${renew ? 'a new one' : 'the access token'} could not be fetched`
          const said = failure(summary === undefined ? what : `${what}: ${summary}`)
          step.fail({ ...said, permanence, hint, retryAfterMs, cause })
        },
      )
      return () => {}
    },
    () => ({ ...late, permanence: 'transient' }),
  )
}
