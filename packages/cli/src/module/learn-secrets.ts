import type { Secrets } from '@loudmail/core/transport'
import { urlSecrets } from '../terminal/url-secrets.ts'

const NAMES = /(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:api|private|access)_?key|^key)$/i
/** The working directory. */
const NOT_SECRET = /^(?:old)?pwd$/i
/** Lists of folders have colons, and npx's has an @. */
const LIST_OF_FOLDERS = /path$/i
const DEEPEST = 3

/** Remembers what looks like a secret in options: values with such a name, and the passwords of URLs. */
export function learnSecrets(secrets: Secrets, value: unknown, depth = 0): void {
  if (typeof value === 'string') for (const secret of urlSecrets(value)) secrets.add(secret)
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return
  for (const [name, inner] of Object.entries(value)) {
    if (LIST_OF_FOLDERS.test(name)) continue
    if (typeof inner === 'string' && NAMES.test(name) && !NOT_SECRET.test(name)) secrets.add(inner)
    if (typeof inner === 'object' || (typeof inner === 'string' && /:\/\/|:.*@/s.test(inner)))
      learnSecrets(secrets, inner, depth + 1)
  }
}
