import { isIPv6, type Socket } from 'node:net'

/**
 * How this client calls itself in EHLO if it has no host name: by the address that the server sees, as a literal (RFC 5321
 * section 4.1.3). Behind a proxy the server sees another one, which is not known.
 */
export function addressLiteral({ localAddress }: Socket, isBehindProxy: boolean): string {
  if (localAddress === undefined || isBehindProxy) return '[127.0.0.1]'
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(localAddress)?.[1]
  if (mapped !== undefined || !isIPv6(localAddress)) return `[${mapped ?? localAddress}]`
  // A zone means something on this machine alone.
  return `[IPv6:${localAddress.replace(/%.*/, '')}]`
}
