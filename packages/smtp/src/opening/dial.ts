import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connectToAny, type ConnectAttempts } from '@loudmail/core/transport'
import type { Settings } from '../options.ts'
import type { Opening } from './opening.ts'
import { throughProxy } from './proxy.ts'

/** Replies are short; longer ones need several reads. */
const READ_BUFFER = 16_384

/** In Deno, TLS hangs on a socket that was opened with `onread`. There, every socket gives its bytes as events. */
const IS_DENO = process.versions.deno !== undefined

/**
 * Opens a TCP connection, through the proxy if there is one. Without a proxy and without implicit TLS, `read` gets the
 * bytes in one buffer that is reused.
 *
 * @throws OpeningFailure at `dns` or `connect`
 */
export async function dial(
  settings: Settings,
  read: (bytes: Buffer) => void,
  opening: Opening,
): Promise<{ socket: Socket; givesData: boolean }> {
  const { proxy, host, port, timeouts, localAddress, lookup } = settings
  if (proxy) return { socket: await throughProxy(proxy, settings, opening), givesData: true }
  const givesData = settings.tls === 'implicit' || IS_DENO
  const first = isIP(host) ? 'connect' : 'dns'
  const onread = givesData ? {} : { onread: intoOneBuffer(read) }
  const local = localAddress === undefined ? {} : { localAddress }
  const open = (address: string): Socket =>
    connectTcp({ host: address, port, noDelay: true, ...local, ...onread })
  let attempts: ConnectAttempts | undefined
  const socket = await opening.step<Socket>(
    first,
    timeouts[first],
    (step) => {
      attempts = connectToAny({ host, localAddress, lookup }, open, {
        resolved: () => opening.stage === 'dns' && step.enter('connect', timeouts.connect),
        connected: (connected) => {
          opening.handle = connected
          step.done(connected)
        },
        failed: (why) => step.fail(why),
      })
      opening.handle = attempts
      return () => attempts?.stop()
    },
    // If the name server does not answer in time, that is a temporary failure of DNS.
    (stage) => (stage === 'dns' ? { kind: 'dns-temporary' } : { kind: 'timeout', cause: attempts?.cause }),
  )
  return { socket, givesData }
}

function intoOneBuffer(read: (bytes: Buffer) => void): {
  buffer: Buffer
  callback: (length: number) => boolean
} {
  const buffer = Buffer.allocUnsafeSlow(READ_BUFFER)
  return {
    buffer,
    callback(length) {
      read(buffer.subarray(0, length))
      return true
    },
  }
}
