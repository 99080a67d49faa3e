import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'

/** The addresses of each name. */
export type Zone = Readonly<Record<string, readonly string[]>>

/** A name server at 127.0.0.53. The system's resolver asks it. */
export interface Names extends AsyncDisposable {
  zone: Zone
  isSilent: boolean
}

const HEADER_OCTETS = 12
const TYPE_A = 1
const TYPE_AAAA = 28
const NXDOMAIN = 3

export async function startNames(): Promise<Names> {
  const socket = createSocket('udp4').bind(53, '127.0.0.53')
  await once(socket, 'listening')
  const names: Names = {
    zone: {},
    isSilent: false,
    async [Symbol.asyncDispose]() {
      socket.close()
      await once(socket, 'close')
    },
  }
  socket.on('message', (query, { port, address }) => {
    if (!names.isSilent) socket.send(responseTo(query, names.zone), port, address)
  })
  return names
}

/** The reply has the question and the answers, and nothing else of the query (RFC 1035 section 4.1). */
function responseTo(query: Buffer, zone: Zone): Buffer {
  const nameEnd = query.indexOf(0, HEADER_OCTETS)
  const addresses = zone[nameIn(query, nameEnd)]
  const type = query.readUInt16BE(nameEnd + 1)
  const fitting = (addresses ?? []).filter((each) => type === (isIPv6(each) ? TYPE_AAAA : TYPE_A))
  const answers = fitting.map((each) => answer(type, isIPv6(each) ? octets6(each) : octets4(each)))
  const response = Buffer.concat([query.subarray(0, nameEnd + 5), ...answers])
  response.writeUInt16BE(0x8180 | (addresses ? 0 : NXDOMAIN), 2)
  response.writeUInt16BE(answers.length, 6)
  response.writeUInt32BE(0, 8)
  return response
}

function nameIn(query: Buffer, end: number): string {
  const labels: string[] = []
  for (let at = HEADER_OCTETS; at < end; at += query[at]! + 1)
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!))
  return labels.join('.').toLowerCase()
}

/** The name of the question, class IN, 60 s. */
function answer(type: number, octets: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0xc0, HEADER_OCTETS, 0, type, 0, 1, 0, 0, 0, 60, 0, octets.length]),
    octets,
  ])
}

function octets4(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

function octets6(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((hex) => parseInt(hex, 16))
  const [first, last] = [groups(head), groups(tail)]
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}
