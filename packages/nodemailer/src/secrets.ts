import { Secrets } from '@loudmail/core/transport'

const SECRET_OPTIONS = [
  'pass',
  'password',
  'accessToken',
  'refreshToken',
  'clientSecret',
  'privateKey',
  'apiKey',
]

/** Finds every secret in the options of a transporter: in `auth`, the proxy URL, the TLS key and the DKIM keys. */
export function secretsOf(options: Record<string, unknown>): Secrets {
  const found: unknown[] = []
  for (const name of ['auth', 'tls', 'dkim', 'socks'])
    for (const part of [options[name]].flat()) found.push(...secretsIn(part, 0))
  found.push(...secretsIn({ ...options, auth: undefined, tls: undefined, dkim: undefined }, 2))
  for (const name of ['proxy', 'url']) {
    const url = options[name]
    if (typeof url !== 'string' || !URL.canParse(url)) continue
    const { username, password } = new URL(url)
    // A proxy's user without a password is a token.
    found.push(decoded(password || (name === 'proxy' ? username : '')))
  }
  return new Secrets(found)
}

function* secretsIn(part: unknown, depth: number): Generator {
  if (typeof part !== 'object' || part === null || depth > 2) return
  for (const [name, value] of Object.entries(part)) {
    if (SECRET_OPTIONS.includes(name) || name === 'key' || name === 'passphrase') yield value
    else if (depth < 2) yield* secretsIn(value, depth + 1)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
