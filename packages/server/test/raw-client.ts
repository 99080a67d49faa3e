import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { certificates, type SmtpServer } from '@loudmail/server'

/** A client that says exactly what it is told, and gives back exactly what it hears. */
export class RawClient implements Disposable {
  socket: Socket
  heard = Buffer.alloc(0)
  ended = false
  error: (Error & { code?: string }) | undefined
  #wake = (): void => undefined

  constructor(socket: Socket) {
    this.socket = socket
    this.#listen()
  }

  /** Sends text unchanged. */
  write(text: string | Buffer): void {
    this.socket.write(text)
  }

  /** The next reply with all its lines, without the last line end. */
  async reply(): Promise<string> {
    const found = await this.until(/^(?:\d{3}-.*\r?\n)*\d{3}(?: .*)?\r?\n/)
    return found.replaceAll('\r\n', '\n').slice(0, -1)
  }

  /** Sends a line and returns the reply. */
  ask(line: string): Promise<string> {
    this.write(`${line}\r\n`)
    return this.reply()
  }

  /** Sends lines one by one and returns the last reply. */
  async askAll(...lines: string[]): Promise<string> {
    let last = ''
    for (const line of lines) last = await this.ask(line)
    return last
  }

  /** Waits until the received text begins with a match, and removes it; rejects if the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.heard.toString('latin1'))
      if (found) {
        this.heard = this.heard.subarray(found.index + found[0].length)
        return found[0]
      }
      if (this.ended) throw new Error(`Ended after ${JSON.stringify(this.heard.toString('latin1'))}`)
      await this.#more()
    }
  }

  /** How the connection ends: 'fin', or the code of its error. */
  async end(): Promise<string> {
    while (!this.ended) await this.#more()
    return this.error?.code ?? 'fin'
  }

  /** Continues over TLS. */
  async secure(options: ConnectionOptions = {}): Promise<void> {
    this.socket.removeAllListeners()
    const secure = connectTls({
      socket: this.socket,
      servername: 'localhost',
      ca: certificates.ca,
      ...options,
    })
    this.socket = secure
    secure.on('error', () => undefined)
    await once(secure, 'secureConnect')
    this.#listen()
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve))
  }

  #listen(): void {
    this.socket.on('data', (bytes: Buffer) => {
      this.heard = Buffer.concat([this.heard, bytes])
      this.#wake()
    })
    this.socket.on('error', (error) => (this.error = error))
    for (const event of ['end', 'close']) {
      this.socket.on(event, () => {
        this.ended = true
        this.#wake()
      })
    }
  }
}

/** Connects in the clear and says nothing. */
export async function connectTo(server: Pick<SmtpServer, 'host' | 'port'>): Promise<RawClient> {
  const socket = connect(server.port, server.host)
  await once(socket, 'connect')
  return new RawClient(socket)
}

/** Connects, hears the greeting and says EHLO. */
export async function greeted(server: SmtpServer): Promise<RawClient> {
  const client = await connectTo(server)
  await client.reply()
  await client.ask('EHLO client.example')
  return client
}

/** Connects and goes as far as an accepted recipient. */
export async function addressed(server: SmtpServer, ...recipients: string[]): Promise<RawClient> {
  const client = await greeted(server)
  await client.ask('MAIL FROM:<alice@sender.example>')
  for (const recipient of recipients.length > 0 ? recipients : ['bob@rcpt.example']) {
    await client.ask(`RCPT TO:<${recipient}>`)
  }
  return client
}

/** Connects and goes as far as the 354. */
export async function atBody(server: SmtpServer, ...recipients: string[]): Promise<RawClient> {
  const client = await addressed(server, ...recipients)
  await client.ask('DATA')
  return client
}

export const content = 'Subject: Hello\r\n\r\nHi Bob\r\n'
