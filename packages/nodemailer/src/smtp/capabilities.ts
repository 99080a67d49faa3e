/** What a server offered in its answer to EHLO (RFC 5321 section 4.1.1.1): keywords in upper case, with their parameters. */
export type Capabilities = ReadonlyMap<string, readonly string[]>

/** Reads the lines of an answer to EHLO; the first one is a greeting. `AUTH=LOGIN`, as old servers write it, counts as well. */
export function parseCapabilities(lines: readonly string[]): Capabilities {
  const capabilities = new Map<string, string[]>()
  for (const line of lines.slice(1)) {
    const [keyword = '', ...parameters] = line
      .slice(4)
      .trim()
      .toUpperCase()
      .split(/[\s=]+/)
    if (keyword) capabilities.set(keyword, [...(capabilities.get(keyword) ?? []), ...parameters])
  }
  return capabilities
}
