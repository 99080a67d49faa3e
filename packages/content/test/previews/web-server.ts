import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { KeyPair } from '@loudmail/server'

/** A web server on loopback, and what it was asked. */
export interface WebServer extends AsyncDisposable {
  readonly url: string
  readonly asked: {
    readonly method: string
    readonly url: string
    readonly headers: NodeJS.Dict<string | string[]>
  }[]
}

export async function webServer(answer: RequestListener, pair?: KeyPair): Promise<WebServer> {
  const asked: WebServer['asked'] = []
  const listener: RequestListener = (request, response) => {
    asked.push({ method: request.method!, url: request.url!, headers: request.headers })
    answer(request, response)
  }
  const server: Server = pair
    ? createTlsServer({ key: pair.key, cert: pair.cert }, listener)
    : createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http${pair ? 's' : ''}://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
