import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * Why a request is not answered: it comes from another machine, or from a page of another site. A site whose name is
 * made to lead to this machine is told by the Host header, one that sends forms by Origin.
 *
 * @param hosts names, as hostnameOf() gives them, that are answered beside those of this machine; with any, other machines are answered, too
 */
export function refusal(request: IncomingMessage, hosts: readonly string[]): string | undefined {
  const advice = "to open it from elsewhere, say inbox(store, { hosts: ['the-name.in-the.address-bar'] })"
  if (hosts.length === 0 && (isForwarded(request) || !isLoopback(request.socket.remoteAddress ?? '')))
    return `The inbox answers this machine only, and nobody through a proxy: ${advice}.`
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

/** Whether a proxy on this machine says that it speaks for another; servers for development speak for this one. */
function isForwarded({ headers }: IncomingMessage): boolean {
  const { forwarded, 'x-forwarded-for': client, 'x-real-ip': peer, 'x-forwarded-host': host } = headers
  const clients = [client ?? [], peer ?? []].flat().flatMap((value) => value.split(','))
  const hosts = [host ?? []].flat()
  const isOwn =
    clients.every((each) => isLoopback(each.trim())) && hosts.every((each) => isOwnName(hostnameOf(each)))
  return forwarded !== undefined || !isOwn
}

/** A host as a URL has it, without its port: in lower case, in ASCII; empty where it is none. */
export function hostnameOf(host: string): string {
  if (isIP(host) === 6) return host.toLowerCase()
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
