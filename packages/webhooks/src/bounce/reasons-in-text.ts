/** The text is not read further, in characters. */
const MOST_TEXT = 262_144
/** And no reason is longer. */
const MOST_REASON = 500

/**
 * Exim tells why only in the text for people, as lines below the address that stand further to the right:
 *
 *     nobody@example.com
 *       Unrouteable address
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
    address = own > 0 && /^\S{1,320}@\S{1,255}$/.test(words) && !reasons.has(words) ? words : undefined
    indent = own
  }
  return reasons
}
