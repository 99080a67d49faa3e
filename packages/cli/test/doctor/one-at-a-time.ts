import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

const REPLIES: Readonly<Record<string, string>> = {
  EHLO: '250-one.example\r\n250 PIPELINING',
  DATA: '354 Go ahead',
  QUIT: '221 Bye',
}

/** A server that offers PIPELINING, and refuses every command that comes together with one before it. */
export async function oneAtATime(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer((socket) => {
    let inContent = false
    socket.on('error', () => {}).write('220 one.example ESMTP\r\n')
    socket.on('data', (bytes) => {
      const text = bytes.toString()
      if (inContent) {
        if (text.endsWith('\r\n.\r\n')) {
          inContent = false
          socket.write('250 Taken\r\n')
        }
        return
      }
      const [first = '', ...others] = text.split('\r\n').filter((line) => line !== '')
      const verb = first.slice(0, 4).toUpperCase()
      inContent = verb === 'DATA'
      socket.write(`${REPLIES[verb] ?? '250 Ok'}\r\n`)
      for (const _ of others) socket.write('503 5.5.1 Error: improper command pipelining\r\n')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}
