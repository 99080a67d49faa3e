// A server that discards all mail. It offers PIPELINING and CHUNKING, and writes all replies of a turn at once. It runs in
// its own process.
import { createServer, type AddressInfo, type Socket } from 'node:net'

const OK = '250 ok\r\n'
const GREETING = '250-sink\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n'
const END = Buffer.from('\r\n.\r\n')

let messages = 0

/** One connection, and what it expects to read next. */
class Session {
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  #inData = false
  #inChunk = false
  /** The remaining octets of a chunk. */
  #chunk = 0
  #isLastChunk = false
  #replies = ''

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true).on('error', () => socket.destroy())
    socket.on('data', (bytes) => this.#read(bytes))
    socket.write('220 sink\r\n')
  }

  #read(bytes: Buffer): void {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes
    let at = 0
    for (let next = this.#step(data, 0); next >= 0; next = at < data.length ? this.#step(data, at) : -1)
      at = next
    // Content is dropped, except for octets that may be the start of its end.
    if (this.#inData) at = Math.max(at, data.length - END.length + 1)
    this.#rest = data.subarray(at)
    if (this.#replies !== '') this.#socket.write(this.#replies)
    this.#replies = ''
  }

  /** Where the next step begins; -1 if more data has to arrive first. */
  #step(data: Buffer, at: number): number {
    if (this.#inChunk) return this.#skip(data, at)
    if (this.#inData) {
      const end = data.indexOf(END, at)
      if (end < 0) return -1
      this.#inData = false
      this.#accept(true)
      return end + END.length
    }
    const end = data.indexOf(0x0a, at)
    if (end < 0) return -1
    const next = this.#command(data.toString('latin1', at, end - 1), end)
    return this.#inChunk ? this.#skip(data, next) : next
  }

  #skip(data: Buffer, at: number): number {
    const taken = Math.min(this.#chunk, data.length - at)
    this.#chunk -= taken
    this.#inChunk = this.#chunk > 0
    if (!this.#inChunk) this.#accept(this.#isLastChunk)
    return at + taken
  }

  #accept(isWhole: boolean): void {
    if (isWhole) messages++
    this.#replies += OK
  }

  /** Where the data after the command begins. `end` is where the line of the command ends. */
  #command(line: string, end: number): number {
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'BDAT') {
      this.#inChunk = true
      this.#chunk = Number.parseInt(line.slice(5), 10)
      this.#isLastChunk = line.toUpperCase().endsWith(' LAST')
    } else if (verb === 'DATA') {
      this.#inData = true
      this.#replies += '354 go on\r\n'
      // Includes the line end, so that a lone dot on the first line is found as well.
      return end - 1
    } else if (verb === 'QUIT') this.#socket.end(`${this.#replies}221 bye\r\n`)
    else this.#replies += verb === 'EHLO' ? GREETING : OK
    return end + 1
  }
}

const server = createServer((socket) => new Session(socket))
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('message', () => process.send!({ messages }))
process.on('disconnect', () => process.exit())
