import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Kind } from '@loudmail/core'
import { diagnoseConnectionError } from '@loudmail/core/transport'
import { HandshakeFailure } from './handshake-failure.ts'
import type { Progress } from './handshake.ts'
import type { Settings } from '../options.ts'
import { throughProxy } from './proxy.ts'

/** Replies are short; what does not fit comes with the next read. */
const READ_BUFFER = 16_384

/**
 * Opens a TCP connection, through the proxy where there is one. Without a proxy and without TLS from the start, bytes
 * come to `read` from one buffer that is used again.
 *
 * @throws HandshakeFailure at `dns` or `connect`
 */
export async function dial(
  settings: Settings,
  read: (bytes: Buffer) => void,
  progress: Progress,
): Promise<{ socket: Socket; givesData: boolean }> {
  const { proxy, host, port, timeouts, localAddress, lookup } = settings
  if (proxy) return { socket: await throughProxy(proxy, settings), givesData: true }
  const buffer = Buffer.allocUnsafeSlow(READ_BUFFER)
  const onread = {
    buffer,
    callback(length: number): boolean {
      read(buffer.subarray(0, length))
      return true
    },
  }
  const giveData = settings.tls === 'implicit'
  const socket = connectTcp({
    host,
    port,
    noDelay: true,
    ...(localAddress !== undefined && { localAddress }),
    ...(lookup && { lookup }),
    ...(!giveData && { onread }),
  })
  await new Promise<void>((resolve, reject) => {
    let stage: 'dns' | 'connect' = isIP(host) ? 'connect' : 'dns'
    progress.stage = stage
    progress.stop = () => fail(undefined, 'aborted')
    const fail = (cause: unknown, kind?: 'aborted' | 'dns-temporary' | 'timeout'): void => {
      clearTimeout(timer)
      socket.destroy()
      const found = kind ? undefined : diagnoseConnectionError(cause)
      reject(
        new HandshakeFailure({
          stage: found?.stage ?? stage,
          kind: kind ?? found?.kind ?? 'unreachable',
          cause,
        }),
      )
    }
    // A name server that does not answer is what the look-up waits for.
    const onTimeout = (): void => fail(undefined, stage === 'dns' ? 'dns-temporary' : 'timeout')
    let timer = setTimeout(onTimeout, timeouts[stage])
    socket.once('lookup', (error) => {
      if (error || stage === 'connect') return
      stage = progress.stage = 'connect'
      clearTimeout(timer)
      timer = setTimeout(onTimeout, timeouts.connect)
    })
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve()
    })
  })
  return { socket, givesData: giveData }
}

/**
 * Puts TLS around a connected socket. Opportunistic encryption is not verified (RFC 7435).
 *
 * @throws HandshakeFailure at `tls`
 */
export async function encrypt(socket: Socket, settings: Settings): Promise<TLSSocket> {
  const { host, timeouts, tlsOptions, tls } = settings
  const secure = begin(
    () =>
      connectTls({
        ...(isIP(host) ? {} : { servername: host }),
        ...(tls === 'opportunistic' && { rejectUnauthorized: false }),
        ...tlsOptions,
        host,
        socket,
      }),
    socket,
  )
  await new Promise<void>((resolve, reject) => {
    const fail = (cause?: Error, timedOut = false): void => {
      clearTimeout(timer)
      const kind = timedOut ? 'timeout' : cause ? handshakeKind(cause, secure) : 'connection-lost'
      secure.on('error', () => {}).destroy()
      socket.on('error', () => {}).destroy()
      reject(new HandshakeFailure({ stage: 'tls', kind, cause }))
    }
    const onClose = (): void => fail()
    const timer = setTimeout(() => fail(undefined, true), timeouts.tls)
    secure.once('error', fail).once('close', onClose)
    secure.once('secureConnect', () => {
      clearTimeout(timer)
      secure.off('error', fail).off('close', onClose)
      resolve()
    })
  })
  return secure
}

/** Options that TLS cannot use make it throw at once; the socket must not be left behind. */
function begin(connect: () => TLSSocket, socket: Socket): TLSSocket {
  try {
    return connect()
  } catch (cause) {
    socket.on('error', () => {}).destroy()
    throw new HandshakeFailure({
      stage: 'tls',
      kind: 'invalid-config',
      summary: 'smtp() tlsOptions cannot be used',
      cause,
    })
  }
}

/** A TLS 1.2 server says no more than that the handshake failed: after its own certificate, it is ours it wants. */
function handshakeKind(cause: Error, secure: TLSSocket): Kind {
  const kind = diagnoseConnectionError(cause)?.kind ?? 'not-tls'
  if (kind !== 'protocol-version') return kind
  return Object.keys(secure.getPeerCertificate() ?? {}).length > 0 ? 'client-certificate-required' : kind
}
