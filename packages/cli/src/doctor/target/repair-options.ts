import { MailError } from '@loudmail/core'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import { optionsFromUrl } from '@loudmail/smtp/probe'

/** Options after the changes that make `smtp()` accept them, or undefined if nothing does. A password may still be missing. */
export function repairOptions(
  options: SmtpOptions,
): { options: SmtpOptions; changes: readonly string[] } | undefined {
  const changes: string[] = []
  let repaired = withoutLineBreaks(options, changes)
  if (isUsable(repaired)) return { options: repaired, changes }
  if (repaired.auth && (repaired.tls === 'none' || repaired.tls === 'opportunistic')) {
    changes.push(`Remove \`tls=${repaired.tls}\`, so that the credentials go over an encrypted connection.`)
    repaired = { ...repaired, tls: undefined }
  }
  return isUsable(repaired) ? { options: repaired, changes } : undefined
}

/** Parameters that other programs have, for TLS from the first octet. */
const IMPLICIT = /^(?:(?:secure|ssl)=(?:true|1|yes)|(?:encryption|tls)=ssl)$/i

/** A URL without the query parameters that `smtp()` does not accept. */
export function withoutStrangeParameters(text: string): { url: string; changes: readonly string[] } {
  const changes: string[] = []
  if (!URL.canParse(text)) return { url: text, changes }
  const url = new URL(text)
  let scheme = url.protocol
  // The list changes on the way.
  const parameters = [...url.searchParams]
  for (const [name, value] of parameters) {
    if (isAccepted(url.protocol, name, value)) continue
    url.searchParams.delete(name)
    const isImplicit = IMPLICIT.test(`${name}=${value}`)
    if (isImplicit) scheme = 'smtps:'
    changes.push(
      isImplicit
        ? `Instead of the parameter ${name}, begin the URL with smtps://.`
        : `Remove the parameter ${name}: smtp() does not have it, or not with this value.`,
    )
  }
  return { url: `${scheme}${url.href.slice(url.protocol.length)}`, changes }
}

function isAccepted(protocol: string, name: string, value: string): boolean {
  try {
    return isUsable(
      optionsFromUrl(`${protocol}//mail.example.com?${new URLSearchParams([[name, value]]).toString()}`),
    )
  } catch {
    return false
  }
}

function withoutLineBreaks(options: SmtpOptions, changes: string[]): SmtpOptions {
  const { auth } = options
  if (!auth || !('pass' in auth) || typeof auth.pass !== 'string') return options
  const user = trimmed(auth.user)
  const pass = trimmed(auth.pass)
  if (user !== auth.user) changes.push('Remove the line break around the user name.')
  if (pass !== auth.pass) changes.push('Remove the line break around the password.')
  return { ...options, auth: { ...auth, user, pass } }
}

function trimmed(text: string): string {
  return text.replaceAll(/^[\r\n]+|[\r\n]+$/g, '')
}

function isUsable(options: SmtpOptions): boolean {
  try {
    smtp(options)
    return true
  } catch (error) {
    return MailError.is(error, 'config/missing-credentials')
  }
}
