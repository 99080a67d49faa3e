import type { SmtpOptions } from '@loudmail/smtp'
import type { Wishes } from '../target.ts'

/** What MAIL FROM names: the wish, or the user name if it is an address. Undefined if nobody said it. */
export function knownSender({ auth }: SmtpOptions, { from }: Pick<Wishes, 'from'>): string | undefined {
  return from ?? (auth && isAddress(auth.user) ? auth.user : undefined)
}

/** A sender that the server may take if nobody said who sends. */
export function madeUpSender({ host }: SmtpOptions): string {
  return `postmaster@${parentDomain(host) ?? (/^[^.:]+\.[a-z][^.:]*$/i.test(host) ? host : 'example.com')}`
}

/** Whether a user name is a whole address. */
export function isAddress(user: string): boolean {
  return /^[^\s@<>]+@[^\s@<>]+$/.test(user)
}

/** The part of an address after its `@`. */
export function domainOf(address: string | undefined): string | undefined {
  return address === undefined ? undefined : /@([^\s@>]+)>?\s*$/.exec(address)?.[1]
}

/** The domain that a host belongs to: its name without the first label. Undefined for short names and IP addresses. */
export function parentDomain(host: string): string | undefined {
  const labels = host.replace(/\.$/, '').split('.')
  return labels.length > 2 && !/^[\d.]+$|:/.test(host) ? labels.slice(1).join('.') : undefined
}
