import { connect, type Socket } from 'node:net'
import { connectToAny } from '@loudmail/core/transport'
import type { Settings } from '../options.ts'
import type { OpeningFailure } from './opening-failure.ts'
import type { Opening, Step } from './opening.ts'

const LONGEST_HEAD = 16_384

/**
 * Opens a connection through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6) or a SOCKS5 proxy (RFC 1928).
 *
 * @throws OpeningFailure `connect/proxy` or `connect/timeout`
 */
export async function throughProxy(proxy: URL, settings: Settings, opening: Opening): Promise<Socket> {
  // Few programs need it, and it takes longer to load than the rest of this package.
  const socks = proxy.protocol === 'http:' ? undefined : await import('socks')
  const { localAddress } = settings
  const target = { host: hostOf(proxy), localAddress }
  const local = localAddress === undefined ? {} : { localAddress }
  const open = (address: string): Socket =>
    connect({ host: address, port: portOf(proxy), noDelay: true, ...local })
  return opening.step<Socket>('connect', settings.timeouts.connect, (step) => {
    let socket: Socket | undefined
    const attempts = connectToAny(target, open, {
      resolved: () => {},
      connected: (connected) => {
        socket = connected
        opening.handle = socket
        if (socks) askSocks(socks.SocksClient, socket, proxy, settings, step)
        else askHttp(socket, proxy, settings, step)
      },
      failed: ({ summary, cause }) => step.fail(refused(summary ?? (cause as Error).message)),
    })
    opening.handle = attempts
    return () => {
      attempts.stop()
      socket?.on('error', () => {}).destroy()
    }
  })
}

function hostOf(proxy: URL): string {
  return proxy.hostname.replaceAll(/^\[|\]$/g, '')
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'http:' ? 80 : 1080))
}

function askSocks(
  client: typeof import('socks').SocksClient,
  socket: Socket,
  proxy: URL,
  { host, port, timeouts }: Settings,
  step: Step<Socket>,
): void {
  const asked = client.createConnection({
    command: 'connect',
    existing_socket: socket,
    timeout: timeouts.connect,
    destination: { host, port },
    proxy: {
      host: hostOf(proxy),
      port: portOf(proxy),
      type: 5,
      ...(proxy.username !== '' && {
        userId: decodeURIComponent(proxy.username),
        password: decodeURIComponent(proxy.password),
      }),
    },
  })
  asked.then(
    () => step.done(socket),
    // The library's error holds its options with the password: only its message is kept.
    (error: unknown) => step.fail(refused(error instanceof Error ? error.message : 'unknown')),
  )
}

function askHttp(socket: Socket, proxy: URL, { host, port }: Settings, step: Step<Socket>): void {
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  const authorization =
    proxy.username === ''
      ? ''
      : `Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}\r\n`
  let head = ''
  const onError = (error: Error): void => step.fail(refused(error.message))
  const onEnd = (): void => step.fail(refused('it closed the connection'))
  const onData = (bytes: Buffer): void => {
    head += bytes.toString('latin1')
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return head.length > LONGEST_HEAD ? step.fail(refused('its answer is too long')) : undefined
    const status = /^HTTP\/1\.[01] (\d{3})([^\r\n]{0,200})/.exec(head)
    if (status?.[1]?.[0] !== '2')
      return step.fail(refused(status ? `HTTP ${status[1]}${status[2]}` : 'it does not speak HTTP'))
    socket.off('data', onData).off('error', onError).off('end', onEnd).pause()
    // Bytes after the head come from the server.
    if (head.length > end + 4) socket.unshift(Buffer.from(head.slice(end + 4), 'latin1'))
    step.done(socket)
  }
  socket.on('data', onData).once('error', onError).once('end', onEnd)
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`)
}

function refused(words: string): OpeningFailure['init'] {
  return { stage: 'connect', kind: 'proxy', summary: `the proxy refused the connection: ${words}` }
}
