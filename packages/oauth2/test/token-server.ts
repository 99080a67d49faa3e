import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A token request as it arrived. */
export interface TokenRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly form: Readonly<Record<string, string>>
}

/** What to answer: a JSON body, with its status; or a function that writes the response itself. */
export type TokenReply =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown }
  | ((response: ServerResponse, request: TokenRequest) => void)

export interface TokenServer extends AsyncDisposable {
  readonly url: string
  readonly tokenUrl: string
  readonly requests: TokenRequest[]
  /** The answers to come; the last one stays. */
  replies: TokenReply[]
  /** The next request. */
  asked(): Promise<TokenRequest>
}

/** A scripted token server on loopback. Without replies it gives the tokens `token-1`, `token-2`, ... for an hour. */
export async function startTokenServer(...replies: TokenReply[]): Promise<TokenServer> {
  const requests: TokenRequest[] = []
  const waiting: ((request: TokenRequest) => void)[] = []
  const server = createServer(async (incoming, response) => {
    let text = ''
    for await (const chunk of incoming.setEncoding('utf8')) text += chunk
    const form = Object.fromEntries(new URLSearchParams(text))
    const request = { path: incoming.url!, headers: incoming.headers, form }
    requests.push(request)
    const reply = (scripted.replies.length > 1 ? scripted.replies.shift() : scripted.replies[0]) ?? {
      body: grant(`token-${requests.length}`),
    }
    if (typeof reply === 'function') reply(response, request)
    else
      response
        .writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
        .end(JSON.stringify(reply.body))
    for (const resolve of waiting.splice(0)) resolve(request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const scripted: TokenServer = {
    url,
    tokenUrl: `${url}/token`,
    requests,
    replies,
    asked: () => new Promise((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return scripted
}

/** The answer of a provider that gives a token. */
export function grant(token: string, more: Record<string, unknown> = { expires_in: 3_600 }): object {
  return { token_type: 'Bearer', access_token: token, ...more }
}
