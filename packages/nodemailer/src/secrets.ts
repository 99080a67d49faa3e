import { redactor, type Redact } from '@loudmail/core/transport'

/** The passwords and tokens of one transport, including those that become known while it sends. */
export class Secrets {
  readonly #values = new Set<string>()
  #redact: Redact | undefined

  constructor(values: Iterable<unknown> = []) {
    for (const value of values) this.add(value)
  }

  add(value: unknown): void {
    if (typeof value !== 'string' || value === '' || this.#values.has(value)) return
    this.#values.add(value)
    this.#redact = undefined
  }

  /** Remembers a SASL response, and the token or password inside it. */
  addSaslResponse(response: string): void {
    if (response.length < 4) return
    this.add(response)
    const inside = Buffer.from(response, 'base64').toString('utf8')
    // XOAUTH2 and OAUTHBEARER separate fields by U+0001, PLAIN by NUL.
    for (const part of inside.split('\u0001')) this.add(/^auth=Bearer (.+)$/i.exec(part)?.[1])
    const plain = inside.split('\0')
    if (plain.length === 3) this.add(plain[2])
  }

  readonly redact: Redact = (text) => {
    this.#redact ??= redactor(this.#values)
    return this.#redact(text)
  }
}

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
  const secrets = new Secrets()
  for (const name of ['auth', 'tls', 'dkim', 'socks'])
    for (const part of [options[name]].flat()) addSecrets(secrets, part, 0)
  addSecrets(secrets, { ...options, auth: undefined, tls: undefined, dkim: undefined }, 2)
  for (const name of ['proxy', 'url']) {
    const url = options[name]
    if (typeof url !== 'string' || !URL.canParse(url)) continue
    const { password } = new URL(url)
    secrets.add(password)
    secrets.add(decoded(password))
  }
  return secrets
}

function addSecrets(secrets: Secrets, part: unknown, depth: number): void {
  if (typeof part !== 'object' || part === null || depth > 2) return
  for (const [name, value] of Object.entries(part)) {
    if (SECRET_OPTIONS.includes(name) || name === 'key' || name === 'passphrase') secrets.add(value)
    else if (depth < 2) addSecrets(secrets, value, depth + 1)
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
