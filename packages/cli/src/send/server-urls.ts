import { memory, transportFromUrl, type Schemes } from '@loudmail/core'
import { readSmtpUrl } from '@loudmail/core/transport'

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

/** Every password in a URL, decoded: that of the server and that of its proxy. */
export function passwordsIn(url: URL): readonly string[] {
  if (!isOfHost(url)) return []
  const { auth, parameters } = readSmtpUrl(url)
  return [auth?.pass ?? '', proxyPassword(parameters.proxy)].filter((password) => password !== '')
}

/** Whether a URL names a user, but no password. */
export function lacksPassword(url: URL): boolean {
  return isOfHost(url) && url.username !== '' && url.password === ''
}

/** Whether a URL names a host. */
export function isOfHost(url: URL): boolean {
  return HOST_SCHEMES.includes(url.protocol.slice(0, -1))
}

function proxyPassword(proxy: string | undefined): string {
  if (proxy === undefined || !URL.canParse(proxy)) return ''
  const { password } = new URL(proxy)
  try {
    return decodeURIComponent(password)
  } catch {
    return password
  }
}
