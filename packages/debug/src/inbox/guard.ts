import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * Why a request is not answered: it comes from another machine, or from a page of another site. A site whose name is
 * made to lead to this machine is told by the Host header, one that sends forms by Origin.
 *
 * @param hosts names that are answered beside those of this machine; with any, other machines are answered, too
 */
export function refusal(request: IncomingMessage, hosts: readonly string[]): string | undefined {
  const advice = "to open it from elsewhere, say inbox(store, { hosts: ['the-name.in-the.address-bar'] })"
  if (hosts.length === 0 && !isLoopback(request.socket.remoteAddress ?? ''))
    return `The inbox answers this machine only: ${advice}.`
  const { host = '', origin, 'sec-fetch-site': site } = request.headers
  const name = hostnameOf(host)
  if (!hosts.includes('*') && !hosts.includes(name) && !isOwnName(name))
    return `The inbox does not answer to the name ${JSON.stringify(name)}: ${advice}.`
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  // Browsers say where a form comes from; other programs say nothing, and are no danger.
  const isForeign =
    origin === undefined ? (site ?? 'none') !== 'none' && site !== 'same-origin' : !isOrigin(origin, host)
  return isForeign ? 'The inbox takes no requests from other pages.' : undefined
}

function hostnameOf(host: string): string {
  const url = `http://${host}`
  return URL.canParse(url) ? new URL(url).hostname.replaceAll(/^\[|\]$/g, '') : ''
}

function isOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
}

function isOwnName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name)
}

function isLoopback(address: string): boolean {
  const bare = address.startsWith('::ffff:') ? address.slice(7) : address
  return bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}
