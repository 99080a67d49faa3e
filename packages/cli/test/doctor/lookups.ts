import { isIP, type LookupFunction } from 'node:net'

/** A look-up that knows these addresses, whatever the name. */
export function lookupTo(...addresses: string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, _options, callback) => callback(null, found)
}

/** A look-up that fails with a code of the system. */
export function lookupFailing(code: string): LookupFunction {
  const error = Object.assign(new Error(`getaddrinfo ${code} mail.example.com`), { code })
  return (_host, _options, callback) => callback(error, '')
}

/** A look-up that never answers. */
export const lookupSilent: LookupFunction = () => {}
