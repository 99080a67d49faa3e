/** A text to look for. */
export interface Form {
  readonly text: string
  /** Parts of it are no secret: only the whole of it is. */
  readonly whole: boolean
}

/** Shorter secrets would blank innocent words, and everybody could see from the blanks what they are. */
export const SHORTEST = 4

/** SASL responses that begin with the user's name, which is no secret: of PLAIN, XOAUTH2, OAUTHBEARER and CRAM-MD5. */
// oxlint-disable-next-line no-control-regex
const HAS_USER = /[\0\u0001]|^\S.* [\da-f]{32}$/

/** A secret as it is, in base64 and in hex, and in the ways that servers change text. Escapes are decoded elsewhere. */
export function* formsOf(secret: string): Generator<Form> {
  const whole = HAS_USER.test(secret)
  const written = [secret, secret.normalize('NFC'), secret.normalize('NFD'), secret.normalize('NFKC')]
  const texts = new Set(written.flatMap((text) => [text, text.toUpperCase(), text.toLowerCase()]))
  for (const text of texts) {
    yield { text, whole }
    // A reply that is not UTF-8 is read as Latin-1, and escaped octets are read one by one.
    yield { text: Buffer.from(text, 'utf8').toString('latin1'), whole }
  }
  // oxlint-disable-next-line no-control-regex
  const isLatin1 = !/[^\0-\xFF]/.test(secret)
  yield* octetForms(Buffer.from(secret, 'utf8'))
  if (isLatin1) yield* octetForms(Buffer.from(secret, 'latin1'))
}

function* octetForms(bytes: Buffer): Generator<Form> {
  // A short text in base64 is recognised by its padding.
  yield { text: bytes.toString('base64'), whole: false }
  if (bytes.length < SHORTEST) return
  yield { text: bytes.toString('base64url'), whole: false }
  yield { text: bytes.toString('hex'), whole: false }
  // Inside base64 text, the secret starts at one of three bit offsets. The characters at its ends depend on the
  // neighbours; the ones between are always the same.
  for (let offset = 0; offset < 3; offset++) {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor((padded.length * 8) / 6)
    yield { text: padded.toString('base64').slice(first, last), whole: false }
  }
}
