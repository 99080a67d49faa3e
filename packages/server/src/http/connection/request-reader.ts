import type { Wire } from '../../session/wire.ts'
import type { RequestHead } from './http-request.ts'

const longestHead = 65_536
const endOfHead = Buffer.from('\r\n\r\n')

/** A request that is not HTTP/1.1 (RFC 9112), or too large to be a real one. */
export class BadRequest extends Error {}

/** Waits for the first octets of a request. False if the client ended the connection. */
export async function requestBegins(wire: Wire): Promise<boolean> {
  for (;;) {
    // RFC 9112 section 2.2: an empty line before a request is ignored.
    while (wire.incoming.length >= 2) {
      const first = wire.incoming.takeBytes(2)
      if (first.toString('latin1') === '\r\n') continue
      wire.incoming.putBack(first)
      return true
    }
    if (!(await wire.more())) return wire.incoming.length > 0
  }
}

/** Reads the request line and the headers. Undefined if the connection ended before their end. */
export async function readHead(wire: Wire): Promise<RequestHead | undefined> {
  for (;;) {
    const octets = wire.incoming.takeBytes()
    const end = octets.indexOf(endOfHead)
    if (end >= 0) {
      wire.incoming.putBack(octets.subarray(end + endOfHead.length))
      return parseHead(octets.subarray(0, end).toString('latin1'))
    }
    if (octets.length > longestHead) throw new BadRequest('The head of the request is too long')
    wire.incoming.putBack(octets)
    if (!(await wire.more())) return undefined
  }
}

function parseHead(text: string): RequestHead {
  const [first = '', ...lines] = text.split('\r\n')
  const [, method, target] = /^([!#$%&'*+.^_`|~\w-]+) ([^ ]+) HTTP\/1\.[01]$/.exec(first) ?? []
  if (method === undefined || target === undefined) {
    throw new BadRequest(`"${first.slice(0, 100)}" is not the first line of an HTTP/1.1 request`)
  }
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new BadRequest('A line of the head is not a header')
    const key = name.toLowerCase()
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value
  }
  return { method, target, headers }
}

/**
 * Reads the body as its headers frame it, and hands its octets on as they arrive. False if the connection ended before
 * its end, or if `enough` said to stop.
 */
export async function readBody(
  wire: Wire,
  headers: RequestHead['headers'],
  add: (octets: Buffer) => void,
  most = Infinity,
): Promise<boolean> {
  let left = most
  const take = async (count: number): Promise<boolean> => {
    for (let missing = count; missing > 0;) {
      const octets = wire.incoming.takeBytes(Math.min(missing, left))
      if (octets.length > 0) add(octets)
      missing -= octets.length
      left -= octets.length
      if (missing > 0 && (left === 0 || (wire.incoming.length === 0 && !(await wire.more())))) return false
    }
    return true
  }
  if (headers['transfer-encoding'] === undefined) {
    const length = headers['content-length'] ?? '0'
    if (!/^\d{1,15}$/.test(length)) throw new BadRequest('Content-Length is not a number')
    return take(Number(length))
  }
  if (headers['transfer-encoding'].toLowerCase() !== 'chunked') {
    throw new BadRequest('The only Transfer-Encoding that this server reads is chunked')
  }
  for (;;) {
    const line = await readLine(wire)
    if (line === undefined) return false
    const [size] = /^[\da-f]{1,8}(?=[ \t]*(?:;|$))/i.exec(line) ?? []
    if (size === undefined) throw new BadRequest('The size of a chunk is not a number')
    const octets = Number.parseInt(size, 16)
    if (octets === 0) break
    if (!(await take(octets))) return false
    if ((await readLine(wire)) !== '') throw new BadRequest('A chunk is longer than its size')
  }
  for (;;) {
    const trailer = await readLine(wire)
    if (trailer === undefined) return false
    if (trailer === '') return true
  }
}

async function readLine(wire: Wire): Promise<string | undefined> {
  for (;;) {
    const line = wire.incoming.takeLine()
    if (line === null) throw new BadRequest('A line of the body is too long')
    if (line !== undefined) return line
    if (!(await wire.more())) return undefined
  }
}
