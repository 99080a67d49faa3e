import type { PathParameters } from '../message/captured-message.ts'

/** The path of MAIL or RCPT with its parameters. */
export interface Path {
  /** The mailbox, without brackets; empty for the null path. */
  readonly address: string
  /** What follows the path, such as SIZE. */
  readonly parameters: PathParameters
  /** Whether the address was in angle brackets, as it must be. */
  readonly bracketed: boolean
}

const shape = /^(from|to):\s*(?:<((?:"(?:[^"\\]|\\.)*"|[^>"])*)>|([^\s<>]+))\s*(.*)$/i
const atom = /[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+/u.source
const quoted = /"(?:[^"\\]|\\.)*"/u.source
const label = /[a-z\d\u0080-\u{10ffff}](?:[a-z\d\u0080-\u{10ffff}-]*[a-z\d\u0080-\u{10ffff}])?/u.source
const literal = /\[[^[\]\s]+\]/u.source
const mailbox = new RegExp(
  `^(?:${atom}(?:\\.${atom})*|${quoted})@(?:${label}(?:\\.${label})*|${literal})$`,
  'iu',
)

/** Parses the argument of MAIL (`from`) or RCPT (`to`) leniently; `undefined` if it does not have that form. */
export function parsePath(argument: string, keyword: 'from' | 'to'): Path | undefined {
  const [, found, inBrackets, bare, rest] = shape.exec(argument) ?? []
  if (found?.toLowerCase() !== keyword) return undefined
  const parameters: Record<string, string | true> = {}
  for (const word of (rest ?? '').split(/\s+/).filter(Boolean)) {
    const [, name, value] = /^([a-z\d][a-z\d-]*)(?:=(.+))?$/i.exec(word) ?? []
    if (name === undefined) return undefined
    parameters[name.toUpperCase()] = value ?? true
  }
  const address = (inBrackets ?? bare ?? '').replace(/^@[^:]*:/, '')
  return { address, parameters, bracketed: inBrackets !== undefined }
}

/** Whether a path is well formed (RFC 5321 section 4.1.2, RFC 6531): a mailbox in brackets, or `<>` and `<Postmaster>`. */
export function isStrictPath(path: Path, keyword: 'from' | 'to'): boolean {
  if (!path.bracketed) return false
  if (keyword === 'from' && path.address === '') return true
  if (keyword === 'to' && /^postmaster$/i.test(path.address)) return true
  return mailbox.test(path.address)
}
