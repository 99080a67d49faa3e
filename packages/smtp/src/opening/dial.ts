import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { diagnoseConnectionError } from '@loudmail/core/transport'
import type { Settings } from '../options.ts'
import type { Opening } from './opening.ts'
import { throughProxy } from './proxy.ts'

/** Replies are short; longer ones need several reads. */
const READ_BUFFER = 16_384

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
  const givesData = settings.tls === 'implicit'
  const first = isIP(host) ? 'connect' : 'dns'
  const socket = await opening.step<Socket>(first, timeouts[first], (step) => {
    const connecting = connectTcp({
      host,
      port,
      noDelay: true,
      ...(localAddress !== undefined && { localAddress }),
      ...(lookup && { lookup }),
      ...(!givesData && { onread: intoOneBuffer(read) }),
    })
    opening.handle = connecting
    connecting.once('lookup', (error) => {
      if (!error && opening.stage === 'dns') step.enter('connect', timeouts.connect)
    })
    const onError = (cause: unknown): void => {
      const { stage = opening.stage, kind } = diagnoseConnectionError(cause) ?? { kind: 'unreachable' }
      step.fail({ stage, kind, cause })
    }
    connecting.once('error', onError)
    connecting.once('connect', () => {
      connecting.off('error', onError)
      step.done(connecting)
    })
    return () => connecting.on('error', () => {}).destroy()
  })
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
