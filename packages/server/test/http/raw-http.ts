import type { HttpServer } from '@loudmail/server/http'
import { connectTo, type RawClient } from '../raw-client.ts'

/** The octets of a POST request. */
export function post(body: string, path = '/', headers: Readonly<Record<string, string>> = {}): string {
  const all = { host: 'api.example', 'content-length': String(Buffer.byteLength(body)), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

/** Sends a request on a connection of its own. Returns everything that comes back until the end, and what the end is. */
export async function exchange(server: HttpServer, request: string): Promise<{ heard: Buffer; end: string }> {
  using client = await connectTo(server)
  client.write(request)
  const end = await client.end()
  return { heard: client.heard, end }
}

/** The status line of the next answer on a connection, which has a Content-Length; takes the whole answer. */
export async function nextAnswer(client: RawClient): Promise<{ status: number; body: string }> {
  const head = await client.until(/^HTTP\/1\.1 [\s\S]*?\r\n\r\n/)
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
  const body = await client.until(new RegExp(`^[\\s\\S]{${length}}`))
  return { status: Number(head.slice(9, 12)), body }
}
