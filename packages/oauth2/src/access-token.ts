/**
 * Gives an access token. `renew` says that the server refused the last one. This is what `auth.accessToken` of `smtp()`
 * accepts.
 */
export type AccessToken = (ask?: { readonly renew?: boolean | undefined }) => Promise<string>

/** A token, and `expires_in` as it came. */
export interface Grant {
  readonly token: string
  readonly expiresIn: unknown
}

interface Held {
  readonly token: string
  readonly freshUntil: number
  /** How many callers have this token. */
  given: number
  /** How many callers have the token before this one, and may still come to renew it. */
  late: number
}

/**
 * Keeps a token until shortly before it expires. However many callers ask while one is fetched, there is one request. A
 * failure is not kept: the next caller tries again.
 */
export function cached(fetchGrant: () => Promise<Grant>): AccessToken {
  let held: Held | undefined
  let fetching: Promise<Held> | undefined

  const fetchNext = async (late: number): Promise<Held> => {
    const asked = Date.now()
    held = undefined
    try {
      const { token, expiresIn } = await fetchGrant()
      held = { token, freshUntil: asked + freshMs(expiresIn), given: 0, late }
      return held
    } finally {
      fetching = undefined
    }
  }

  const current = (renew: boolean): Held | Promise<Held> => {
    // What is being fetched is newer than any token that was refused.
    if (fetching) return fetching
    if (held && Date.now() < held.freshUntil) {
      if (!renew) {
        // From now on, a refusal may be about this token.
        held.late = 0
        return held
      }
      if (held.late > 0) {
        held.late--
        return held
      }
    }
    fetching = fetchNext(renew && held ? held.given - 1 : 0)
    return fetching
  }

  return async (ask) => {
    const answer = await current(ask?.renew === true)
    answer.given++
    return answer.token
  }
}

const USUAL_SECONDS = 300
const MOST_SECONDS = 86_400
const MARGIN_SECONDS = 60

/**
 * How long a token is given out after it was asked for. It must still be valid when the log-in is complete, so this ends a
 * minute before the token does, or a quarter of a short life. Without a usable `expires_in`, a token lives five minutes.
 */
function freshMs(expiresIn: unknown): number {
  const said = typeof expiresIn === 'string' && expiresIn.trim() !== '' ? Number(expiresIn) : expiresIn
  const isUsable = typeof said === 'number' && said >= 0
  const seconds = isUsable ? Math.min(said, MOST_SECONDS) : USUAL_SECONDS
  return (seconds - Math.min(MARGIN_SECONDS, seconds / 4)) * 1_000
}
