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
}

/** A scripted token server on loopback. Without replies it gives the tokens `token-1`, `token-2`, ... for an hour. */
export async function startTokenServer(...replies: TokenReply[]): Promise<TokenServer> {
  const requests: TokenRequest[] = []
  const answer = (request: TokenRequest, response: ServerResponse): void => {
    requests.push(request)
    const reply = (scripted.replies.length > 1 ? scripted.replies.shift() : scripted.replies[0]) ?? {
      body: grant(`token-${requests.length}`),
    }
    if (typeof reply === 'function') return reply(response, request)
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
    response.end(JSON.stringify(reply.body))
  }
  const server = createServer((incoming, response) => {
    let text = ''
    incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    incoming.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(text))
      answer({ path: incoming.url!, headers: incoming.headers, form }, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const scripted: TokenServer = {
    url,
    tokenUrl: `${url}/token`,
    requests,
    replies,
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
