import { STATUS_CODES } from 'node:http'
import type { HttpAnswer } from './http-action.ts'

/**
 * The octets of an answer as the server writes them: status line, headers and body. The same answer always gives the
 * same octets, so a test can cut it at each of them.
 */
export function answerOctets(answer: HttpAnswer): Uint8Array {
  const { status, reason = STATUS_CODES[status] ?? '', headers = {}, chunked = false } = answer
  const { octets, type } = bodyOctets(answer.body)
  const lines = [`HTTP/1.1 ${status} ${reason}`]
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  for (const [name, value] of Object.entries(headers)) {
    for (const each of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${each}`)
  }
  if (type !== undefined && !given.has('content-type')) lines.push(`Content-Type: ${type}`)
  const bodiless = status === 204 || status === 304
  if (chunked !== false) lines.push('Transfer-Encoding: chunked')
  else if (!bodiless && !given.has('content-length')) lines.push(`Content-Length: ${octets.length}`)
  if (!given.has('connection')) lines.push('Connection: keep-alive')
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
  if (bodiless) return head
  if (chunked === false) return Buffer.concat([head, octets])
  return Buffer.concat([head, ...inChunks(octets, chunked === true ? 16 : chunked)])
}

function bodyOctets(body: unknown): { octets: Buffer; type?: string } {
  if (body === undefined) return { octets: Buffer.alloc(0) }
  if (typeof body === 'string') return { octets: Buffer.from(body), type: 'text/plain; charset=utf-8' }
  if (body instanceof Uint8Array) return { octets: Buffer.from(body), type: 'application/octet-stream' }
  return { octets: Buffer.from(JSON.stringify(body)), type: 'application/json' }
}

function* inChunks(octets: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < octets.length; at += size) {
    const chunk = octets.subarray(at, at + size)
    yield Buffer.from(`${chunk.length.toString(16)}\r\n`)
    yield chunk
    yield Buffer.from('\r\n')
  }
  yield Buffer.from('0\r\n\r\n')
}
