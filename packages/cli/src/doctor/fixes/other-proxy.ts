import type { Family } from './candidate.ts'

/** Without the proxy, or with another protocol to it. */
export const otherProxy: Family = ({ options, failure: { stage, kind } }) => {
  const { proxy, ...direct } = options
  if (proxy === undefined || stage !== 'connect' || !['proxy', 'timeout', 'unreachable'].includes(kind))
    return []
  const other = proxy.startsWith('http:')
    ? proxy.replace(/^http:/, 'socks5:')
    : proxy.replace(/^socks5:/, 'http:')
  const isHttp = other.startsWith('http:')
  return [
    {
      change: `The proxy speaks ${isHttp ? 'HTTP CONNECT' : 'SOCKS5'}: write its URL with \`${isHttp ? 'http' : 'socks5'}://\`.`,
      options: { ...options, proxy: other },
    },
    {
      change: 'Connect without the proxy: leave out `proxy`.',
      options: direct,
    },
  ]
}
