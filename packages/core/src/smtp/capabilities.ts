/** What a server offers, as its EHLO reply lists it (RFC 5321 section 4.1.1.1). */
export interface Capabilities {
  /** Whether the server offers an extension. */
  has(keyword: string): boolean
  /** SASL mechanisms, in upper case. */
  readonly mechanisms: readonly string[]
  /** The largest message in octets (RFC 1870); undefined if there is no limit, or the server does not give one. */
  readonly maxSize: number | undefined
}

/**
 * What only a keyword line can say. Some servers begin their EHLO reply with one, and not with their name. A name or a
 * greeting never looks like this.
 */
const KEYWORD_LINE =
  /^(?:STARTTLS|PIPELINING|8BITMIME|CHUNKING|BINARYMIME|SMTPUTF8|DSN|ENHANCEDSTATUSCODES|REQUIRETLS|SIZE \d+|AUTH[ =](?:[A-Z0-9_-]+ )*(?:PLAIN|LOGIN|CRAM-MD5|SCRAM-[A-Z0-9-]+|XOAUTH2|OAUTHBEARER|NTLM|GSSAPI)(?: [A-Z0-9_-]+)*)$/

/** @param lines the lines of the EHLO reply, with their codes; the first is usually the greeting */
export function capabilitiesOf(lines: readonly string[]): Capabilities {
  const keywords = new Map<string, string>()
  const mechanisms = new Set<string>()
  for (const [index, line] of lines.entries()) {
    const text = line.slice(4).trim().toUpperCase()
    if (index === 0 && !KEYWORD_LINE.test(text.replaceAll(/\s+/g, ' '))) continue
    // Some old servers write `AUTH=LOGIN`.
    const [keyword = '', ...parameters] = text.split(/[\s=]+/)
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
