import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface TinyProxy extends AsyncDisposable {
  readonly port: number
  /** What each client asked for: the head of the CONNECT request, or the SOCKS5 target. */
  readonly asked: string[]
}

async function listen(asked: string[], serve: (client: Socket) => void): Promise<TinyProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    sockets.add(client.on('error', () => {}))
    serve(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function join(client: Socket, host: string, port: number, connected: () => void): void {
  const upstream = connect(port, host, () => {
    connected()
    client.pipe(upstream).pipe(client)
  })
  upstream.on('error', () => client.destroy())
  client.on('close', () => upstream.destroy())
}

/** An HTTP proxy that knows CONNECT; `answer` decides in its place, as bytes, or by `undefined` that all is well. */
export function httpProxy(answer: (head: string, client: Socket) => string | undefined): Promise<TinyProxy> {
  const asked: string[] = []
  return listen(asked, (client) => {
    let head = ''
    const onData = (bytes: Buffer): void => {
      head += bytes.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      client.off('data', onData)
      asked.push(head)
      const reply = answer(head, client)
      if (reply !== undefined) return void client.write(reply)
      const [, host, port] = /^CONNECT \[?([^\s\]]+?)\]?:(\d+) /.exec(head)!
      join(client, host!, Number(port), () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'))
    }
    client.on('data', onData)
  })
}

/** A SOCKS5 proxy (RFC 1928, RFC 1929): with `login` it wants user and password; `status` is its answer. */
export function socksProxy({
  login,
  status = 0,
}: { login?: string; status?: number } = {}): Promise<TinyProxy> {
  const asked: string[] = []
  return listen(asked, (client) => {
    let step: 'methods' | 'login' | 'request' = 'methods'
    client.on('data', (bytes: Buffer) => {
      if (step === 'methods') {
        const method = login === undefined ? 0 : 2
        const offered = bytes.subarray(2, 2 + bytes[1]!).includes(method)
        step = login === undefined ? 'request' : 'login'
        client.write(Buffer.from([5, offered ? method : 255]))
      } else if (step === 'login') {
        const user = bytes.subarray(2, 2 + bytes[1]!).toString()
        const password = bytes.subarray(3 + bytes[1]!, 3 + bytes[1]! + bytes[2 + bytes[1]!]!).toString()
        step = 'request'
        const right = `${user}:${password}` === login
        client.write(Buffer.from([1, right ? 0 : 1]), () => right || client.end())
      } else {
        client.removeAllListeners('data')
        const named = bytes[3] === 3
        const length = named ? bytes[4]! : 4
        const address = bytes.subarray(named ? 5 : 4, (named ? 5 : 4) + length)
        const host = named ? address.toString() : [...address].join('.')
        const port = bytes.readUInt16BE((named ? 5 : 4) + length)
        asked.push(`${host}:${port}`)
        const reply = Buffer.from([5, status, 0, 1, 0, 0, 0, 0, 0, 0])
        if (status === 0) join(client, host, port, () => client.write(reply))
        else client.end(reply)
      }
    })
  })
}
