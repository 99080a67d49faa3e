import type { IncomingMessage } from 'node:http'

/** What a request asks for. */
export interface Place {
  /** The path within the page. */
  readonly pathname: string
  readonly parameters: URLSearchParams
  /** The address of the page as the browser has it, with a slash at its end. */
  readonly base: string
  /** The address with a slash at its end; without it, links would lead to the wrong place. */
  readonly needsSlash: string | undefined
}

const BASE = 'http://localhost'

/** Undefined if the request is not for the page at this path. */
export function placeOf(
  request: IncomingMessage & { originalUrl?: string },
  path: string,
): Place | undefined {
  const url = URL.parse(request.url ?? '/', BASE)
  const original = URL.parse(request.originalUrl ?? request.url ?? '/', BASE)?.pathname
  if (!url || original === undefined) return undefined
  if (url.pathname !== path && !url.pathname.startsWith(`${path}/`)) return undefined
  const pathname = url.pathname.slice(path.length) || '/'
  const needsSlash =
    pathname === '/' && !original.endsWith('/') ? `${original.split('/').at(-1)}/${url.search}` : undefined
  return { pathname, parameters: url.searchParams, base: baseOf(request, original, pathname), needsSlash }
}

function baseOf(request: IncomingMessage, original: string, pathname: string): string {
  const { ':authority': authority = 'localhost', host = String(authority) } = request.headers
  const scheme = 'encrypted' in request.socket ? 'https' : 'http'
  const base = original.endsWith(pathname) ? original.slice(0, -pathname.length) : original
  return `${scheme}://${host}${base}/`
}
