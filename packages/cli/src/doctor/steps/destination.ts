import { bareHost, isLoopback } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'
import { destinationOf as serverOf, type ProbeDestination } from '@loudmail/smtp/probe'

/** Where the application connects to, with the defaults of `smtp()` filled in. */
export interface Destination extends ProbeDestination {
  /** The server runs on this machine. */
  readonly isOwn: boolean
  readonly proxy: HostAndPort | undefined
}

interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** @throws MailError if `smtp()` does not accept the options */
export function destinationOf(options: SmtpOptions): Destination {
  const server = serverOf(options)
  const proxy = proxyOf(options.proxy)
  return { ...server, proxy, isOwn: proxy === undefined && isLoopback(server.host) }
}

/** `host:port`, an IPv6 address in brackets. */
export function hostAndPort({ host, port }: HostAndPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function proxyOf(proxy: string | undefined): HostAndPort | undefined {
  if (proxy === undefined) return undefined
  const { hostname, port, protocol } = new URL(proxy)
  return { host: bareHost(hostname), port: Number(port || (protocol === 'http:' ? 80 : 1080)) }
}
