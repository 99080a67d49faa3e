import type { Reply } from '../failure/recipient-outcome.ts'

/**
 * Reads the lines of one whole reply, without line ends: the basic code of the first line, or of the first line that
 * refuses, the first enhanced code from there on, and all the text. Undefined if a line is not a reply, or its code is not
 * 200 to 599.
 *
 * @see RFC 5321 section 4.2, RFC 2034 section 4
 */
export function parseReply(lines: readonly string[], protocol: 'smtp' | 'lmtp' = 'smtp'): Reply | undefined {
  let code: number | undefined
  let enhanced: string | undefined
  const text: string[] = []
  for (const line of lines) {
    const match = /^([2-5]\d\d)(?:[ -](.*))?$/s.exec(line)
    if (!match) return undefined
    const own = Number(match[1])
    if (code === undefined || (code < 400 && own >= 400)) {
      code = own
      enhanced = undefined
    }
    const rest = match[2] ?? ''
    const status = /^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)/.exec(rest)
    // If its class differs from the basic code, it is part of the text (RFC 2034).
    if (status && status[1]![0] === line[0]) {
      enhanced ??= status[1]
      text.push(rest.slice(status[0].length))
    } else text.push(rest)
  }
  return code === undefined ? undefined : { protocol, code, enhanced, text: text.join('\n') }
}
