import type { MailError } from '@loudmail/core'
import { capabilitiesOf } from '@loudmail/core/transport'
import type { Mechanism, SmtpAuth } from '@loudmail/smtp'

const OF_TOKENS: readonly string[] = ['OAUTHBEARER', 'XOAUTH2'] satisfies Mechanism[]
const OF_PASSWORDS: readonly string[] = ['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'CRAM-MD5'] satisfies Mechanism[]

/** Those of the offered mechanisms with which this log-in can go. */
export function usableMechanisms(auth: SmtpAuth, offered: readonly string[]): string[] {
  const known = 'accessToken' in auth ? OF_TOKENS : OF_PASSWORDS
  return known.filter((name) => offered.includes(name) && (auth.method === undefined || auth.method === name))
}

/** The mechanisms that the server offered last before a failure; none if it came not so far. */
export function offeredBefore({ transcript }: MailError): readonly string[] {
  return capabilitiesOf(helloOf(transcript?.entries ?? [])).mechanisms
}

/** Whether the server offered an extension before a failure. */
export function isOfferedBefore({ transcript }: MailError, keyword: string): boolean {
  return capabilitiesOf(helloOf(transcript?.entries ?? [])).has(keyword)
}

type Entries = NonNullable<MailError['transcript']>['entries']

function helloOf(entries: Entries): string[] {
  const asked = entries.findLastIndex(({ from, text }) => from === 'client' && /^(?:EHLO|LHLO)\b/i.test(text))
  if (asked < 0) return []
  const after = entries.slice(asked + 1)
  const end = after.findIndex(({ from }) => from !== 'server')
  return after.slice(0, end < 0 ? undefined : end).flatMap(({ text }) => text.split('\n'))
}
