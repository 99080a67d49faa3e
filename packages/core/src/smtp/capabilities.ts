/** What a server offers, as its EHLO reply lists it (RFC 5321 section 4.1.1.1). */
export interface Capabilities {
  has(keyword: string): boolean
  /** SASL mechanisms, in upper case. */
  readonly mechanisms: readonly string[]
  /** The largest message in octets (RFC 1870); undefined if there is no limit, or the server does not give one. */
  readonly maxSize: number | undefined
}

/** @param lines the lines of the EHLO reply, with their codes; the first is the greeting */
export function capabilitiesOf(lines: readonly string[]): Capabilities {
  const keywords = new Map<string, string>()
  const mechanisms = new Set<string>()
  for (const line of lines.slice(1)) {
    // Some old servers write `AUTH=LOGIN`.
    const [keyword = '', ...parameters] = line
      .slice(4)
      .trim()
      .toUpperCase()
      .split(/[\s=]+/)
    keywords.set(keyword, parameters[0] ?? '')
    if (keyword === 'AUTH') for (const mechanism of parameters) mechanisms.add(mechanism)
  }
  const size = Number(keywords.get('SIZE') ?? '')
  return {
    has: (keyword) => keywords.has(keyword),
    mechanisms: [...mechanisms],
    maxSize: Number.isSafeInteger(size) && size > 0 ? size : undefined,
  }
}

/** What a server offers that only knows HELO. */
export const NO_CAPABILITIES: Capabilities = capabilitiesOf([])
