import type { SmtpAuth, SmtpOptions } from '@loudmail/smtp'
import type { Candidate, Family } from './candidate.ts'
import { usableMechanisms, offeredBefore } from './mechanisms.ts'
import { domainOf, isAddress, parentDomain } from './sender-of.ts'

/** Another form of the user name or the password, when the server refuses them. Only one of them is tried. */
export const credentials: Family = ({ options, failure: { stage, kind, permanence }, wishes }) => {
  const { auth } = options
  const isRefused = kind === 'bad-credentials' && permanence === 'permanent'
  const isConfig = stage === 'config' && auth !== undefined && hasLineBreak(auth)
  if (!auth || (!isRefused && !isConfig)) return []
  const change = (words: string, changed: Partial<SmtpAuth>): Candidate => ({
    change: words,
    options: { ...options, auth: { ...auth, ...changed } as SmtpAuth },
    // A mistake in the configuration ends before any connection.
    isReached: isRefused,
  })
  const found: Candidate[] = []
  const { user } = auth
  if ('pass' in auth && auth.pass.trim() !== auth.pass)
    found.push(
      change(`Remove the ${blank(auth.pass)} at the ${ends(auth.pass)} of the password.`, {
        pass: auth.pass.trim(),
      }),
    )
  if (user.trim() !== user)
    found.push(
      change(`Remove the ${blank(user)} at the ${ends(user)} of the user name.`, { user: user.trim() }),
    )
  if (isConfig) return merged(found, options)
  const decoded = 'pass' in auth ? decodedOnce(auth.pass) : undefined
  if (decoded !== undefined)
    found.push(
      change(
        'The password is percent-encoded once too often: encode it once in a URL, and not at all in options.',
        { pass: decoded },
      ),
    )
  if (isAddress(user)) {
    const local = user.slice(0, user.lastIndexOf('@'))
    found.push(change(`Log in as \`${local}\`, without the domain.`, { user: local }))
  } else if (!/\s/.test(user))
    for (const domain of domainsOf(options, wishes.from))
      found.push(
        change(`Use the whole address as the user name: \`${user}@${domain}\`.`, {
          user: `${user}@${domain}`,
        }),
      )
  return found
}

/** Another mechanism, when the server does not take the one that the options name. */
export const otherMechanism: Family = ({ options, failure }) => {
  const { auth } = options
  if (failure.kind !== 'auth-mechanism' || auth?.method === undefined) return []
  const { method, ...free } = auth
  const usable = usableMechanisms(free as SmtpAuth, offeredBefore(failure)).filter((name) => name !== method)
  if (usable.length === 0) return []
  return [
    {
      change: `Leave out \`auth.method\`, so that the client chooses a mechanism that the server offers (${usable.join(', ')}).`,
      options: { ...options, auth: free },
      isReached: true,
    },
  ]
}

function hasLineBreak(auth: SmtpAuth): boolean {
  return /[\r\n]/.test(auth.user + ('pass' in auth ? auth.pass : ''))
}

/** A line break in both is one mistake: both come from files. */
function merged(found: readonly Candidate[], options: SmtpOptions): Candidate[] {
  if (found.length < 2) return [...found]
  const auth = Object.fromEntries(
    Object.entries(options.auth!).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.trim() : value,
    ]),
  )
  return [
    { change: found.map((each) => each.change).join(' '), options: { ...options, auth: auth as never } },
  ]
}

function blank(text: string): string {
  return /[\r\n]/.test(text.replace(text.trim(), '')) ? 'line break' : 'white space'
}

function ends(text: string): string {
  if (text.trimStart() === text) return 'end'
  return text.trimEnd() === text ? 'beginning' : 'beginning and the end'
}

/** Undefined if it does not look encoded: in an encoded one, nothing is left to encode. */
function decodedOnce(pass: string): string | undefined {
  if (!/%[0-9A-F]{2}/i.test(pass) || !/^[\w.!~*'()%-]+$/.test(pass)) return undefined
  try {
    return decodeURIComponent(pass)
  } catch {
    return undefined
  }
}

/** The domains that an account may belong to: that of the sender, and that of the host without its first label. */
function domainsOf({ host }: SmtpOptions, from: string | undefined): string[] {
  return [...new Set([domainOf(from), parentDomain(host)].filter((domain) => domain !== undefined))]
}
