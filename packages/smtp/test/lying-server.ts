import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'

/** One connection to a server that does not keep to what it offers. */
export interface Connection {
  readonly id: number
  readonly socket: Socket
  readonly say: (reply: string) => void
}

export interface LyingServer extends AsyncDisposable {
  readonly port: number
  /** The subjects of the messages that it took. */
  readonly taken: string[]
  /** The commands of each connection. */
  readonly commands: string[][]
}

/** How a server lies. */
export interface Lies {
  readonly offers: readonly string[]
  /** Gets the commands that came in one piece, and returns those that the server works on. */
  commands?: ((lines: readonly string[], connection: Connection) => readonly string[]) | undefined
  /** Gets a chunk. Returns whether it did all that the server does about it. */
  chunk?: ((command: string, connection: Connection) => boolean) | undefined
}

/** A server that reads commands piece by piece, as they come from the network. */
export async function lyingServer({ offers, ...lies }: Lies): Promise<LyingServer> {
  const taken: string[] = []
  const commands: string[][] = []
  const server = createServer((socket) => {
    const own: string[] = []
    const connection: Connection = {
      id: commands.push(own),
      socket,
      say: (reply) => void (socket.writable && socket.write(`${reply}\r\n`)),
    }
    const { say } = connection
    let rest = ''
    let content = ''
    let inData = false
    let hasSender = false
    let hasRecipient = false
    const take = (): void => {
      taken.push(/^Subject: (.*)$/m.exec(content)![1]!.trim())
      content = ''
      hasSender = false
      hasRecipient = false
      say('250 2.0.0 Taken')
    }
    const perform = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'EHLO')
        say(
          ['mx.example', ...offers]
            .map((text, at) => `250${at === offers.length ? ' ' : '-'}${text}`)
            .join('\r\n'),
        )
      else if (verb === 'MAIL') {
        hasSender = true
        say('250 2.1.0 Ok')
      } else if (verb === 'RCPT') {
        hasRecipient ||= hasSender
        say(hasSender ? '250 2.1.5 Ok' : '503 5.5.1 MAIL first')
      } else if (verb === 'DATA') {
        inData = hasRecipient
        say(hasRecipient ? '354 Go on' : '503 5.5.1 RCPT first')
      } else if (verb === 'RSET') {
        hasSender = hasRecipient = false
        say('250 2.0.0 Ok')
      } else if (verb === 'QUIT') socket.end('221 2.0.0 Bye\r\n')
      else say('500 5.5.2 Unknown command')
    }
    socket.on('error', () => {})
    say('220 mx.example ESMTP')
    socket.on('data', (bytes: Buffer) => {
      rest += bytes.toString('latin1')
      while (rest !== '') {
        if (inData) {
          const end = rest.indexOf('\r\n.\r\n')
          if (end < 0) return
          content = rest.slice(0, end)
          rest = rest.slice(end + 5)
          inData = false
          take()
          continue
        }
        const chunk = /^BDAT (\d+)( LAST)?\r\n/i.exec(rest)
        if (chunk) {
          const size = chunk[0].length + Number(chunk[1])
          if (rest.length < size) return
          own.push(chunk[0].trim())
          const octets = rest.slice(chunk[0].length, size)
          rest = rest.slice(size)
          if (lies.chunk?.(chunk[0].trim(), connection)) continue
          content += octets
          if (chunk[2]) take()
          else say('250 2.0.0 Go on')
          continue
        }
        const end = rest.search(/^BDAT /im)
        const piece = end > 0 ? rest.slice(0, end) : rest
        const last = piece.lastIndexOf('\r\n')
        if (last < 0) return
        rest = rest.slice(last + 2)
        const lines = piece.slice(0, last).split('\r\n')
        own.push(...lines)
        for (const line of lies.commands?.(lines, connection) ?? lines) perform(line)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    taken,
    commands,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
