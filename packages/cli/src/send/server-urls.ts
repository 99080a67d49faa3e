import { memory, transportFromUrl, type Schemes } from '@loudmail/core'

/** The schemes whose URLs name a host. */
export const HOST_SCHEMES = ['smtp', 'smtps', 'lmtp']

/**
 * The URLs in a transport URL: several in `failover(smtp://a smtp://b)`. Nothing is created or connected.
 *
 * @throws MailError `config/invalid-config` that does not repeat the URL
 */
export function serverUrls(text: string): readonly URL[] {
  const urls: URL[] = []
  const look = (url: URL): ReturnType<typeof memory> => {
    urls.push(url)
    return memory()
  }
  const names = [...HOST_SCHEMES, 'debug', 'discard', 'memory']
  transportFromUrl(text, Object.fromEntries(names.map((name) => [name, look])) satisfies Schemes)
  return urls
}

/** Whether a URL names a user, but no password. */
export function lacksPassword(url: URL): boolean {
  return isOfHost(url) && url.username !== '' && url.password === ''
}

/** Whether a URL names a host. */
export function isOfHost(url: URL): boolean {
  return HOST_SCHEMES.includes(url.protocol.slice(0, -1))
}
