const PLACE = '<redacted>'

/** Takes every known secret, in every encoding a mail conversation uses, out of a text. */
export type Redact = (text: string) => string

/**
 * Makes a function that replaces the given secrets by `<redacted>`: each as it is, percent-encoded, as JSON holds
 * it, and in base64 and hex at any offset, so that a SASL response that holds it in its middle is found as well.
 *
 * @param secrets passwords and tokens; empty ones are passed over
 */
export function redactor(secrets: Iterable<string | undefined>): Redact {
  const needles = new Set<string>()
  for (const secret of secrets) if (secret) for (const form of forms(secret)) needles.add(form)
  if (needles.size === 0) return (text) => text
  // The longest first, so that no shorter form leaves the rest of a longer one standing.
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
  // Where base64 text holds the secret, it starts at one of three bit offsets; the characters at either end that
  // are shared with a neighbour differ, the ones between are always the same.
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

/** Takes the user and password out of any URL in a text. */
export function redactUrls(text: string): string {
  // Without the scheme in front, the time this takes grows no faster than the text.
  return text.replaceAll(/:\/\/[^\s/?#:]*:[^\s/?#]*@/gu, `://${PLACE}@`)
}
