import { createSocket } from 'node:dgram'
import dns from 'node:dns'
import { once } from 'node:events'

/** The addresses of a name. */
type Records = Readonly<Record<string, { readonly A?: readonly string[]; readonly AAAA?: readonly string[] }>>

const TYPES = { A: 1, AAAA: 28 } as const

/** A DNS server on loopback that this process asks until it is disposed. With `silent` it never answers. */
export async function nameServer(
  records: Records | 'silent',
): Promise<{ readonly asked: readonly string[] } & AsyncDisposable> {
  const asked: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionOf(query)
    asked.push(name)
    if (records !== 'silent')
      socket.send(answerTo(query.subarray(0, end), records[name], type), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const before = dns.getServers()
  dns.setServers([`127.0.0.1:${socket.address().port}`])
  return {
    asked,
    async [Symbol.asyncDispose]() {
      dns.setServers(before)
      socket.close()
      await once(socket, 'close')
    },
  }
}

/** RFC 1035 section 4.1.2: labels with their lengths, then the type and the class. */
function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function answerTo(question: Buffer, found: Records[string] | undefined, type: number): Buffer {
  const addresses = (type === TYPES.A ? found?.A : type === TYPES.AAAA ? found?.AAAA : undefined) ?? []
  const head = Buffer.from(question)
  // An answer, recursion available; code 3 if the name does not exist.
  head.writeUInt16BE(found ? 0x8180 : 0x8183, 2)
  head.writeUInt16BE(addresses.length, 6)
  head.writeUInt32BE(0, 8)
  return Buffer.concat([head, ...addresses.map((address) => recordOf(address, type))])
}

function recordOf(address: string, type: number): Buffer {
  const data = type === TYPES.A ? Buffer.from(address.split('.').map(Number)) : octetsOfIPv6(address)
  const record = Buffer.alloc(12)
  // A pointer to the name in the question.
  record.writeUInt16BE(0xc00c, 0)
  record.writeUInt16BE(type, 2)
  record.writeUInt16BE(1, 4)
  record.writeUInt32BE(60, 6)
  record.writeUInt16BE(data.length, 10)
  return Buffer.concat([record, data])
}

function octetsOfIPv6(address: string): Buffer {
  const [before = '', after = ''] = address.split('::')
  const groups = (text: string): string[] => text.split(':').filter(Boolean)
  const zeros = Array.from({ length: 8 - groups(before).length - groups(after).length }, () => '0')
  const all = [...groups(before), ...zeros, ...groups(after)]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
