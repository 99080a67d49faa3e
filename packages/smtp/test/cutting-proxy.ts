import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Where a connection is cut: after so many octets in one direction, counted over all its connections. */
export interface Cut {
  readonly direction: 'to-server' | 'to-client'
  readonly after: number
}

export interface CuttingProxy extends AsyncDisposable {
  readonly port: number
  /** Octets that went through so far. */
  readonly passed: { 'to-server': number; 'to-client': number }
}

/** Passes bytes on until the cut, then resets both sides. Without a cut it only counts. */
export async function cuttingProxy(target: number, cut?: Cut): Promise<CuttingProxy> {
  const passed = { 'to-server': 0, 'to-client': 0 }
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket
      .on('error', () => {})
      .on('close', () => sockets.delete(socket))
      .setNoDelay(true)
  }
  const server = createServer((client) => {
    keep(client)
    const upstream = keep(connect(target, '127.0.0.1'))
    const reset = (): void => {
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }
    const pass = (from: Socket, to: Socket, direction: Cut['direction']): void => {
      from.on('data', (bytes) => {
        const left = cut?.direction === direction ? cut.after - passed[direction] : Infinity
        const part = bytes.subarray(0, Math.max(left, 0))
        passed[direction] += part.length
        // The reset comes once the other side has what was let through.
        if (part.length > 0) to.write(part, () => part.length >= left && setImmediate(reset))
        else if (left <= 0) reset()
      })
      from.on('end', () => to.end())
    }
    pass(client, upstream, 'to-server')
    pass(upstream, client, 'to-client')
    if (cut?.after === 0) reset()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
