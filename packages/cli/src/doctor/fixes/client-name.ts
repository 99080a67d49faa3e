import { hostname, networkInterfaces } from 'node:os'
import { nameRefused } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Family } from './candidate.ts'
import { endpointOf } from './endpoint.ts'
import { domainOf, knownSender, parentDomain } from './sender-of.ts'

/** Another name in EHLO, when the server does not like the one of this client. */
export const clientName: Family = ({ options, failure, wishes }) => {
  if (nameRefused(failure, undefined) === undefined) return []
  const own = hostname()
  const names = [
    literalOf(options),
    domainOf(knownSender(options, wishes)) ?? parentDomain(options.host),
    own.includes('.') ? own : undefined,
  ].filter((name) => name !== undefined && name !== options.name)
  return [...new Set(names)].map((name) => ({
    change: `Set \`name\`, with which this client greets the server, to \`${name!}\`.`,
    options: { ...options, name },
  }))
}

/** An address of this machine as a literal (RFC 5321 section 4.1.3). */
function literalOf(options: SmtpOptions): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const isOwn = endpointOf(options).isOwn
  const fitting = all.find(({ family, internal }) => family === 'IPv4' && internal === isOwn)
  return fitting && `[${fitting.address}]`
}
