const PLACE = '<redacted>'

/** Removes every known secret from a text, in every encoding that a mail conversation uses. */
export type Redact = (text: string) => string

/**
 * Creates a function that replaces the given secrets by `<redacted>`: as they are, percent-encoded, escaped as in JSON, and
 * in base64 and hex. In base64 they are found at any offset, so also inside a SASL response.
 *
 * @param secrets passwords and tokens; empty ones are ignored
 */
export function redactor(secrets: Iterable<string | undefined>): Redact {
  const needles = new Set<string>()
  for (const secret of secrets) if (secret) for (const form of forms(secret)) needles.add(form)
  if (needles.size === 0) return (text) => text
  // The longest first, so that a shorter form does not leave the rest of a longer one in the text.
  const sorted = [...needles].toSorted((a, b) => b.length - a.length)
  const pattern = new RegExp(sorted.map(escapeForRegExp).join('|'), 'g')
  return (text) => text.replaceAll(pattern, PLACE)
}

function* forms(secret: string): Generator<string> {
  yield secret
  yield encodeURIComponent(secret.toWellFormed())
  yield JSON.stringify(secret).slice(1, -1)
  const bytes = Buffer.from(secret, 'utf8')
  // A reply that is not UTF-8 is read as Latin-1.
  yield bytes.toString('latin1')
  yield bytes.toString('hex')
  yield bytes.toString('hex').toUpperCase()
  // Inside base64 text, the secret starts at one of three bit offsets. The characters at its ends depend on the
  // neighbours; the ones between are always the same.
  for (let offset = 0; offset < 3; offset++) {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor((padded.length * 8) / 6)
    const core = padded.toString('base64').slice(first, last)
    if (core.length >= 4) {
      yield core
      yield core.replaceAll('+', '-').replaceAll('/', '_')
    }
  }
  yield bytes.toString('base64')
  yield bytes.toString('base64url')
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}

/** Removes the user and password from any URL in a text. */
export function redactUrls(text: string): string {
  // The pattern does not include the scheme, so that the time grows only linearly with the text.
  return text.replaceAll(/:\/\/[^\s/?#:]*:[^\s/?#]*@/gu, `://${PLACE}@`)
}
