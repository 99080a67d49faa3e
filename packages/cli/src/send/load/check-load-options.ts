import { bareHost, isLoopback } from '@loudmail/core/transport'
import { UsageError } from '../../usage-error.ts'
import type { SendOptions } from '../send-options.ts'
import { isOfHost } from '../server-urls.ts'

/**
 * Checks the options of a load check. It is refused for servers that are not on this machine, unless their owner says that
 * it is allowed.
 *
 * @throws UsageError
 */
export function checkLoadOptions(urls: readonly URL[], options: SendOptions): void {
  const { repeat, rate, connections, iOwnThisServer } = options
  if (repeat === undefined) {
    if (rate !== undefined) throw new UsageError('--rate needs --repeat: it is for load checks')
    if (connections !== undefined) throw new UsageError('--connections needs --repeat: it is for load checks')
    return
  }
  if (options.transcript) throw new UsageError('--transcript and --repeat cannot be used together')
  const stranger = urls.find((url) => !isOnThisMachine(url))
  if (stranger === undefined || iOwnThisServer) return
  throw new UsageError(
    `${stranger.host} is not this machine${stranger.searchParams.has('proxy') ? ', because a proxy is in between' : ''}. A load check can take a mail server down, and its addresses can end up on blocklists. If the server is yours, add --i-own-this-server. Nothing was sent`,
  )
}

/** Through a proxy, `localhost` is the proxy's machine. */
function isOnThisMachine(url: URL): boolean {
  return !isOfHost(url) || (isLoopback(bareHost(url.hostname)) && !url.searchParams.has('proxy'))
}
