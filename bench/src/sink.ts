// A server that discards all mail. It offers PIPELINING and CHUNKING, and writes all replies of a turn at once. With the
// argument `secure` it offers STARTTLS and, after that, AUTH, and takes mail only after the right password. It runs in its
// own process.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'

const OK = '250 ok\r\n'
const OFFERS = ['PIPELINING', 'CHUNKING', '8BITMIME', 'SMTPUTF8']
const greetingOf = (...more: readonly string[]): string =>
  `250-sink\r\n${[...OFFERS, ...more].map((offer, index, all) => `250${index < all.length - 1 ? '-' : ' '}${offer}\r\n`).join('')}`
const secure = process.argv[2] === 'secure' ? await import('./login.ts') : undefined
const secureContext = secure && createSecureContext(secure.KEY_PAIR)
const right =
  secure && Buffer.from(`\0${secure.LOG_IN.auth.user}\0${secure.LOG_IN.auth.pass}`).toString('base64')
const [plainGreeting, greeting] = secure
  ? [greetingOf('STARTTLS'), greetingOf('AUTH PLAIN')]
  : [greetingOf(), greetingOf()]
const END = Buffer.from('\r\n.\r\n')

let messages = 0

/** One connection, and what it expects to read next. */
class Session {
  #socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  #inData = false
  #inChunk = false
  /** The remaining octets of a chunk. */
  #chunk = 0
  #isLastChunk = false
  #replies = ''
  #isEncrypted = false
  #hasLoggedIn = !secure

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    this.#listen(socket)
    socket.write('220 sink\r\n')
  }

  #listen(socket: Socket): void {
    socket.on('error', () => socket.destroy()).on('data', (bytes) => this.#read(bytes))
  }

  #startTls(): void {
    const plain = this.#socket
    plain.removeAllListeners('data').write('220 go on\r\n')
    this.#isEncrypted = true
    this.#socket = new TLSSocket(plain, { isServer: true, secureContext: secureContext! })
    this.#listen(this.#socket)
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
    } else if (verb === 'DATA' && this.#hasLoggedIn) {
      this.#inData = true
      this.#replies += '354 go on\r\n'
      // Includes the line end, so that a lone dot on the first line is found as well.
      return end - 1
    } else if (verb === 'QUIT') this.#socket.end(`${this.#replies}221 bye\r\n`)
    else if (verb === 'EHLO') this.#replies += this.#isEncrypted ? greeting : plainGreeting
    else if (verb === 'STAR') this.#startTls()
    else if (verb === 'AUTH') this.#logIn(line)
    else this.#replies += this.#hasLoggedIn ? OK : '530 5.7.0 log in first\r\n'
    return end + 1
  }

  #logIn(line: string): void {
    this.#hasLoggedIn = this.#isEncrypted && line === `AUTH PLAIN ${right}`
    this.#replies += this.#hasLoggedIn ? '235 2.7.0 ok\r\n' : '535 5.7.8 no\r\n'
  }
}

const server = createServer((socket) => new Session(socket))
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('message', () => process.send!({ messages }))
process.on('disconnect', () => process.exit())
