import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { certificates } from '@loudmail/server'

/** What went over one connection, octet for octet, without the encryption around it. */
export interface Recording {
  client: Buffer
  server: Buffer
}

export interface RecordingProxy extends AsyncDisposable {
  readonly port: number
  readonly recordings: readonly Recording[]
}

const secureContext = createSecureContext(certificates.good)
const STARTTLS = 'STARTTLS\r\n'

/**
 * Passes bytes on to a server that speaks no TLS, and writes down every one. TLS ends here: from the first byte with
 * `implicit`; with `starttls` the proxy answers that command itself.
 */
export async function recordingProxy(
  target: number,
  tls: 'none' | 'starttls' | 'implicit',
): Promise<RecordingProxy> {
  const recordings: Recording[] = []
  const sockets = new Set<Socket>()
  const keep = <S extends Socket>(socket: S): S => {
    sockets.add(socket.setNoDelay(true).on('error', () => {}))
    return socket
  }
  const server = createServer((accepted) => {
    const recording: Recording = { client: Buffer.alloc(0), server: Buffer.alloc(0) }
    recordings.push(recording)
    const upstream = keep(connect(target, '127.0.0.1'))
    const encrypted = (socket: Socket): TLSSocket =>
      keep(new TLSSocket(socket, { isServer: true, secureContext }))
    let client: Socket = keep(accepted)
    const say = (bytes: Buffer): void => {
      recording.server = Buffer.concat([recording.server, bytes])
      client.write(bytes)
    }
    const hear = (bytes: Buffer): void => {
      recording.client = Buffer.concat([recording.client, bytes])
      if (tls !== 'starttls' || client instanceof TLSSocket || !bytes.toString('latin1').endsWith(STARTTLS))
        return void upstream.write(bytes)
      say(Buffer.from('220 2.0.0 Ready\r\n'))
      client.off('data', hear)
      client = encrypted(client).on('data', hear)
    }
    if (tls === 'implicit') client = encrypted(client)
    client.on('data', hear)
    upstream.on('data', say).on('end', () => client.end())
    accepted.on('close', () => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    recordings,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
