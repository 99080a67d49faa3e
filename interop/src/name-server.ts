import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What a name server answers to every query (RFC 1035 section 4.1.1). `answer` is the address 127.0.0.1. */
export type Behaviour = 'silent' | 'SERVFAIL' | 'NXDOMAIN' | 'no address' | 'answer'

const RESPONSE_CODES: Partial<Record<Behaviour, number>> = { SERVFAIL: 2, NXDOMAIN: 3 }
const ADDRESS = '127.0.0.77'
const HEADER_OCTETS = 12
const TYPE_A = 1
/** The name of the question, type A, class IN, 60 s, four octets. */
const ANSWER = Buffer.from([0xc0, HEADER_OCTETS, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1])

/** A name server for one program, which runs in a mount namespace of its own. It needs root. */
export interface NameServer extends AsyncDisposable {
  behaviour: Behaviour
  /** Runs a Node program that asks this name server. Returns what it prints. */
  run(...args: readonly string[]): Promise<string>
}

export async function startNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4').bind(53, ADDRESS)
  await once(socket, 'listening')
  const folder = mkdtempSync(join(tmpdir(), 'loudmail-names-'))
  const configuration = join(folder, 'resolv.conf')
  writeFileSync(configuration, `nameserver ${ADDRESS}\noptions timeout:2 attempts:2\n`)
  const server: NameServer = {
    behaviour: 'silent',
    async run(...args) {
      const inside = `mount --bind ${configuration} /etc/resolv.conf && exec "$0" "$@"`
      const command = ['--mount', 'sh', '-c', inside, process.execPath, ...args]
      return (await promisify(execFile)('unshare', command)).stdout
    },
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true })
      socket.close()
      await once(socket, 'close')
    },
  }
  socket.on('message', (query, { port, address }) => {
    if (server.behaviour !== 'silent') socket.send(responseTo(query, server.behaviour), port, address)
  })
  return server
}

/** The reply has the question and the answer, and nothing else of the query (EDNS). */
function responseTo(query: Buffer, behaviour: Behaviour): Buffer {
  const questionEnd = query.indexOf(0, HEADER_OCTETS) + 5
  const isForA = query.readUInt16BE(questionEnd - 4) === TYPE_A
  const answers = behaviour === 'answer' && isForA ? [ANSWER] : []
  const response = Buffer.concat([query.subarray(0, questionEnd), ...answers])
  response.writeUInt16BE(0x8180 | (RESPONSE_CODES[behaviour] ?? 0), 2)
  response.writeUInt16BE(answers.length, 6)
  response.writeUInt32BE(0, 8)
  return response
}
