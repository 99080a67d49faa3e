import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/** How a page is called in messages, and the call that creates it. */
export interface PageNames {
  readonly page: string
  readonly factory: 'inbox' | 'outboxPage'
  readonly subject: 'store' | 'outbox'
}

/**
 * Why a request is refused: it comes from another machine, or from a page of another site. The Host header gives away a
 * site that made its name point to this machine, and Origin one that sends forms.
 *
 * @param hosts names, as hostnameOf() returns them, that are allowed in addition to those of this machine; with any, other machines are allowed as well
 */
export function refusal(
  request: IncomingMessage,
  hosts: readonly string[],
  { page, factory, subject }: PageNames,
): string | undefined {
  const advice = `To open it from elsewhere, use ${factory}(${subject}, { hosts: ['the-name.in-the.address-bar'] })`
  if (hosts.length === 0 && (isForwarded(request) || !isLoopback(request.socket.remoteAddress ?? '')))
    return `The ${page} answers only requests of this machine that do not come through a proxy. ${advice}.`
  // HTTP/2 has no Host header.
  const { ':authority': authority = '', host = String(authority), origin } = request.headers
  const site = request.headers['sec-fetch-site']
  const name = hostnameOf(host)
  if (!hosts.includes('*') && !hosts.includes(name) && !isOwnName(name))
    return `The ${page} does not answer under the name ${JSON.stringify(name)}. ${advice}.`
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  // Browsers say which page a form comes from. Other programs do not, and they are no danger.
  const isForeign =
    origin === undefined ? (site ?? 'none') !== 'none' && site !== 'same-origin' : !isOrigin(origin, host)
  return isForeign ? `The ${page} accepts no requests from pages of other sites.` : undefined
}

/** Whether a proxy on this machine forwards a request of another machine; development servers forward those of this one. */
function isForwarded({ headers }: IncomingMessage): boolean {
  const { forwarded, 'x-forwarded-for': client, 'x-real-ip': peer, 'x-forwarded-host': host } = headers
  const clients = [client ?? [], peer ?? []].flat().flatMap((value) => value.split(','))
  const hosts = [host ?? []].flat()
  const isOwn =
    clients.every((each) => isLoopback(each.trim())) && hosts.every((each) => isOwnName(hostnameOf(each)))
  return forwarded !== undefined || !isOwn
}

/** A host name as URLs have it: without a port, in lower case, in ASCII; empty if the text is not a host. */
export function hostnameOf(host: string): string {
  if (isIP(host) === 6) return host.toLowerCase()
  const url = `http://${host}`
  return URL.canParse(url) ? new URL(url).hostname.replaceAll(/^\[|\]$/g, '') : ''
}

/** Whether a page of this origin is one of the inbox. A proxy may write the usual port into the Host header, or TLS end before it. */
function isOrigin(origin: string, host: string): boolean {
  const page = URL.parse(origin)
  return page !== null && page.host !== '' && page.host === URL.parse(`${page.protocol}//${host}`)?.host
}

function isOwnName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name)
}

function isLoopback(address: string): boolean {
  // URLs write the IPv4 address in an IPv6 address in hexadecimal.
  if (/^::ffff:7f[\da-f]{2}:[\da-f]{1,4}$/.test(address)) return true
  const bare = address.startsWith('::ffff:') ? address.slice(7) : address
  return bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}
