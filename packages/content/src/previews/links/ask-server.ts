/** How many redirects are followed. */
const MOST_REDIRECTS = 5

/** How servers refuse HEAD when they would answer GET. */
const REFUSES_HEAD: readonly number[] = [403, 405, 501]

/** What a server said about an address. */
export interface ServerAnswer {
  /** The status of the last answer. */
  readonly status: number
  /** Empty if there is none. */
  readonly contentType: string
  /** It redirects again and again. */
  readonly isEndless?: true | undefined
  /** It redirects to something that is no web address. */
  readonly leadsTo?: string | undefined
}

/**
 * Asks for an address with HEAD, then with GET if HEAD is refused. It reads headers only, and sends neither cookies nor
 * credentials.
 *
 * @param patienceMs how long it may take, with everything that it redirects to, in milliseconds
 * @throws what `fetch` throws
 */
export async function askServer(address: string, patienceMs: number): Promise<ServerAnswer> {
  const signal = AbortSignal.timeout(patienceMs)
  const answer = await follow(address, 'HEAD', signal)
  return REFUSES_HEAD.includes(answer.status) ? follow(address, 'GET', signal) : answer
}

async function follow(address: string, method: string, signal: AbortSignal): Promise<ServerAnswer> {
  let url = withoutUser(new URL(address))
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(url, { method, signal, redirect: 'manual', headers: HEADERS })
    // Nothing of the body is needed: this ends the connection.
    await response.body?.cancel()
    const { status, headers } = response
    const answer = { status, contentType: headers.get('content-type') ?? '' }
    const location = status >= 300 && status < 400 ? headers.get('location') : null
    if (location === null) return answer
    if (redirects === MOST_REDIRECTS) return { ...answer, isEndless: true }
    const next = URL.parse(location, url.href)
    if (!next || !/^https?:$/.test(next.protocol)) return { ...answer, leadsTo: location }
    url = withoutUser(next)
  }
}

/** Some servers refuse a client that does not say who it is. */
const HEADERS = { 'user-agent': 'loudmail-previews', accept: '*/*' } as const

function withoutUser(url: URL): URL {
  url.username = ''
  url.password = ''
  url.hash = ''
  return url
}
