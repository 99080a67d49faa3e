import { connect, type Socket } from 'node:net'
import { HandshakeFailure } from './handshake-failure.ts'
import type { Settings } from '../options.ts'

/**
 * Opens a connection through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6) or a SOCKS5 proxy (RFC 1928).
 *
 * @throws HandshakeFailure `connect/proxy` or `connect/timeout`
 */
export async function throughProxy(proxy: URL, settings: Settings): Promise<Socket> {
  return proxy.protocol === 'http:' ? throughHttp(proxy, settings) : throughSocks(proxy, settings)
}

async function throughSocks(proxy: URL, { host, port, timeouts, localAddress }: Settings): Promise<Socket> {
  // Few programs need it, and loading it costs more than the rest of this package.
  const { SocksClient } = await import('socks')
  try {
    const { socket } = await SocksClient.createConnection({
      command: 'connect',
      timeout: timeouts.connect,
      destination: { host, port },
      // Its host and port give way to the proxy's.
      ...(localAddress !== undefined && { socket_options: { localAddress, host, port } }),
      proxy: {
        host: bareHost(proxy),
        port: Number(proxy.port || 1080),
        type: 5,
        ...(proxy.username !== '' && {
          userId: decodeURIComponent(proxy.username),
          password: decodeURIComponent(proxy.password),
        }),
      },
    })
    socket.setNoDelay(true)
    return socket
  } catch (error) {
    // The library's error carries its options, password and all: only its words are kept.
    const words = error instanceof Error ? error.message : 'unknown'
    if (words === 'Proxy connection timed out')
      throw new HandshakeFailure({ stage: 'connect', kind: 'timeout' })
    throw refused(words)
  }
}

function throughHttp(proxy: URL, { host, port, timeouts, localAddress }: Settings): Promise<Socket> {
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  const authorization =
    proxy.username === ''
      ? ''
      : `Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n`
  const socket = connect({
    host: bareHost(proxy),
    port: Number(proxy.port || 80),
    noDelay: true,
    ...(localAddress !== undefined && { localAddress }),
  })
  return new Promise((resolve, reject) => {
    let head = ''
    const fail = (failure: HandshakeFailure): void => {
      clearTimeout(timer)
      socket.on('error', () => {}).destroy()
      reject(failure)
    }
    const timer = setTimeout(
      () => fail(new HandshakeFailure({ stage: 'connect', kind: 'timeout' })),
      timeouts.connect,
    )
    const onError = (error: Error): void => fail(refused(error.message))
    const onEnd = (): void => fail(refused('it closed the connection'))
    const onData = (bytes: Buffer): void => {
      head += bytes.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return head.length > 16_384 ? fail(refused('its answer has no end')) : undefined
      const status = /^HTTP\/1\.[01] (\d{3})([^\r\n]{0,200})/.exec(head)
      if (status?.[1]?.[0] !== '2')
        return fail(refused(status ? `HTTP ${status[1]}${status[2]}` : 'it does not speak HTTP'))
      clearTimeout(timer)
      socket.off('data', onData).off('error', onError).off('end', onEnd).pause()
      // What came behind the head is already the server's.
      if (head.length > end + 4) socket.unshift(Buffer.from(head.slice(end + 4), 'latin1'))
      resolve(socket)
    }
    socket.on('data', onData).once('error', onError).once('end', onEnd)
    socket.once('connect', () =>
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`),
    )
  })
}

function bareHost(proxy: URL): string {
  return proxy.hostname.replaceAll(/^\[|\]$/g, '')
}

function refused(words: string): HandshakeFailure {
  return new HandshakeFailure({
    stage: 'connect',
    kind: 'proxy',
    summary: `the proxy refused the connection: ${words}`,
  })
}
