/** The URL of a proxy, with `PASSWORD` for its password (or for a user without one, which is a token). */
export function proxyWithoutSecret(proxy: string): string {
  if (!URL.canParse(proxy)) return 'http://PROXY'
  const url = new URL(proxy)
  if (url.password !== '') url.password = 'PASSWORD'
  else if (url.username !== '') url.username = 'PASSWORD'
  return url.href.replace(/\/$/, '')
}
