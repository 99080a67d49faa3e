import { MailError } from '../failure/mail-error.ts'

interface Alphabet {
  /** The first character that does not belong to it. */
  readonly stranger: RegExp
  /** All of it, without white space. */
  readonly whole: RegExp
}

const ALPHABETS: Readonly<Record<string, Alphabet>> = {
  base64: { stranger: /[^A-Za-z\d+/=\s]/, whole: /^[^=]*={0,2}$/ },
  base64url: { stranger: /[^A-Za-z\d_=\s-]/, whole: /^[^=]*={0,2}$/ },
  hex: { stranger: /[^\dA-Fa-f\s]/, whole: /^/ },
}

/**
 * The bytes that a text in base64, base64url, hexadecimal or UTF-8 stands for. White space does not matter, and the padding
 * may be missing (RFC 4648).
 *
 * @throws MailError `compose/invalid-message` if it is broken. The error says where, and never repeats the text
 */
export function decodedText(text: string, encoding: string, what: string): Buffer {
  if (encoding === 'utf8' || encoding === 'utf-8') return Buffer.from(text)
  const alphabet = Object.hasOwn(ALPHABETS, encoding) ? ALPHABETS[encoding] : undefined
  if (!alphabet)
    throw invalid(
      `the encoding of ${what} must be 'utf8', 'base64', 'base64url' or 'hex'`,
      'Pass other content as bytes: `content: Buffer.from(text, encoding)`.',
    )
  const stranger = text.search(alphabet.stranger)
  if (stranger >= 0)
    throw invalid(
      `${what} is not ${encoding}: character ${stranger + 1} of ${text.length} does not belong to it`,
      text.startsWith('data:')
        ? 'This is a data: URL. Pass it as `path`, without `encoding`.'
        : `Pass text without \`encoding\`, or check where the ${encoding} comes from.`,
    )
  const compact = /\s/.test(text) ? text.replaceAll(/\s+/g, '') : text
  if (!alphabet.whole.test(compact))
    throw invalid(
      `${what} is not ${encoding}: it goes on after the padding at character ${text.indexOf('=') + 1} of ${text.length}`,
      'If these are several values, decode each of them and join their bytes.',
    )
  if (!isComplete(compact, encoding))
    throw invalid(
      `${what} is not ${encoding}: it ends at character ${text.length} within an octet`,
      'Check whether it was cut off on its way.',
    )
  return Buffer.from(compact, encoding as BufferEncoding)
}

/** Four characters of base64 are three octets. The last group may be shorter, with the right padding or none. */
function isComplete(text: string, encoding: string): boolean {
  if (encoding === 'hex') return text.length % 2 === 0
  return text.endsWith('=') ? text.length % 4 === 0 : text.length % 4 !== 1
}

function invalid(summary: string, hint: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary, hint })
}
