import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import {
  webhook,
  type MailNews,
  type OnNews,
  type WebhookOptions,
  type WebhookReport,
  type WebhookSource,
} from '../src/index.ts'

const servers = new Set<Server>()
afterEach(async () => {
  await Promise.all([...servers].map((server) => stop(server)))
  servers.clear()
})

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** Starts a server on loopback, which the test's end stops. @returns its address */
export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.add(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** A server with a webhook, and what it told. */
export interface HookServer {
  readonly url: string
  readonly told: MailNews[]
  readonly reports: WebhookReport[]
  readonly post: (request: {
    headers?: Record<string, string>
    body?: string | Buffer
  }) => Promise<HookAnswer>
}

export interface HookAnswer {
  readonly status: number
  readonly body: string
  readonly headers: Headers
}

/** @param onNews is called after the news was noted in `told` */
export async function hookServer(
  source: WebhookSource,
  onNews: OnNews = () => {},
  options: WebhookOptions = {},
): Promise<HookServer> {
  const told: MailNews[] = []
  const reports: WebhookReport[] = []
  const note: OnNews = (news) => {
    told.push(news)
    return onNews(news)
  }
  const url = await listen(
    webhook(source, note, { onProblem: (report) => void reports.push(report), ...options }),
  )
  return { url, told, reports, post: (request) => post(url, request) }
}

export async function post(
  url: string,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string | Buffer },
): Promise<HookAnswer> {
  const answer = await fetch(url, { method: 'POST', headers, body: body as string })
  return { status: answer.status, body: await answer.text(), headers: answer.headers }
}

/** Posts in chunks, without a length, for as long as the server takes it. @returns the status */
export function postChunks(
  url: string,
  headers: Record<string, string>,
  chunks: Iterable<Buffer>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', headers, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
    request.on('error', reject)
    const rest = chunks[Symbol.iterator]()
    const write = (): void => {
      for (;;) {
        const { value, done } = rest.next()
        if (done) return void request.end()
        if (!request.write(value)) return void request.once('drain', write)
      }
    }
    write()
  })
}
