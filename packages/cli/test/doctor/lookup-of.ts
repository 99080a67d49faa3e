import type { LookupFunction } from 'node:net'

/** A look-up that knows only these names. A name may have several addresses. */
export function lookupOf(known: Readonly<Record<string, string | readonly string[]>>): LookupFunction {
  return (host, _, done) => {
    const found = [known[host] ?? []]
      .flat()
      .map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    if (found.length > 0) return done(null, found)
    done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), [])
  }
}
