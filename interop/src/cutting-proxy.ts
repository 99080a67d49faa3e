import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Stands between a client and PostgreSQL, and loses answers. */
export interface CuttingProxy extends AsyncDisposable {
  readonly port: number
  /** How many more commits, or changes in one statement, the server makes, and the client never hears of: their connections are cut. */
  cuts: number
}

export async function cuttingProxy(port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const behind = connect(port, '127.0.0.1')
    let isCut = false
    for (const socket of [client, behind]) {
      sockets.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket)
          client.destroy()
          behind.destroy()
        })
    }
    client.on('data', (octets) => {
      if (proxy.cuts > 0 && (octets.includes('COMMIT\0') || octets.includes('WITH changed AS'))) {
        proxy.cuts--
        isCut = true
      }
      behind.write(octets)
    })
    behind.on('data', (octets) => {
      if (isCut) client.destroy()
      else client.write(octets)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const proxy: CuttingProxy = {
    port: (server.address() as AddressInfo).port,
    cuts: 0,
    async [Symbol.asyncDispose]() {
      const closed = once(server.close(), 'close')
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  return proxy
}
