/** The text is not read further, in characters. */
const MOST_TEXT = 262_144
/** And no reason is longer. */
const MOST_REASON = 500

/**
 * Two servers tell why only in the text for people. Exim writes it below the address, further to the right, and OpenSMTPD
 * on the same line:
 *
 *     nobody@example.com
 *       Unrouteable address
 *
 *     nobody@example.com: 550 5.1.1 User unknown
 *
 * @returns the reasons by address, as it is written there
 */
export function reasonsInText(text: string): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>()
  let address: string | undefined
  let indent = 0
  for (const line of text.slice(0, MOST_TEXT).split(/\r?\n/)) {
    const words = line.trim()
    const own = line.length - line.trimStart().length
    if (address !== undefined && words !== '' && own > indent) {
      const before = reasons.get(address)
      reasons.set(address, `${before === undefined ? '' : `${before} `}${words}`.slice(0, MOST_REASON))
      continue
    }
    const [, here, why] = own === 0 ? (/^(\S{1,320}@\S{1,255}): (.+)$/.exec(words) ?? []) : []
    if (here !== undefined && !reasons.has(here)) reasons.set(here, why!.slice(0, MOST_REASON))
    address = own > 0 && /^\S{1,320}@\S{1,255}$/.test(words) && !reasons.has(words) ? words : undefined
    indent = own
  }
  return reasons
}
