import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { startServer, type EventName, type SmtpServer } from '@loudmail/server'
import { echoesOf } from './forms-of-secret.ts'

/** The replies with which a server can refuse, by the event. */
const REFUSALS = {
  CONNECT: 554,
  EHLO: 550,
  AUTH: 535,
  MAIL: 550,
  RCPT: 550,
  DATA: 554,
  DOT: 451,
} as const satisfies { readonly [event in EventName]?: number }

/** Where the server refuses. */
export type RefusedAt = keyof typeof REFUSALS

/** A server that knows the password, and repeats it in every form in each of its replies. */
export interface EchoingServer extends SmtpServer {
  /** The passwords and tokens that programs logged in with. */
  readonly given: readonly string[]
}

/** @param refusedAt where it refuses what it is asked for; it accepts everything if that is undefined */
export async function echoingServer(secret: string, refusedAt?: RefusedAt): Promise<EchoingServer> {
  const given: string[] = []
  const echo = (event: RefusedAt, code: number): string =>
    reply(event === refusedAt ? REFUSALS[event] : code, secret)
  const server = await startServer({
    caps: [
      'PIPELINING',
      '8BITMIME',
      'AUTH PLAIN LOGIN XOAUTH2',
      `X-ECHO ${secret}`,
      `X-ECHO ${encodeURIComponent(secret)}`,
    ],
    on: {
      CONNECT: echo('CONNECT', 220),
      ...(refusedAt === 'EHLO' && { EHLO: echo('EHLO', 550), HELO: echo('EHLO', 550) }),
      AUTH: ({ credentials }) => {
        given.push(credentials?.password ?? credentials?.token ?? '')
        return echo('AUTH', 235)
      },
      MAIL: echo('MAIL', 250),
      RCPT: ({ envelope }) => (envelope ? echo('RCPT', 250) : undefined),
      ...(refusedAt === 'DATA' && { DATA: echo('DATA', 354) }),
      DOT: echo('DOT', 250),
      RSET: reply(250, secret),
      QUIT: reply(221, secret),
    },
  })
  return Object.assign(server, { given })
}

/** A running HTTP proxy. */
export interface EchoingProxy extends AsyncDisposable {
  readonly port: number
  /** What programs gave it as Proxy-Authorization. */
  readonly given: readonly string[]
}

/** An HTTP proxy that repeats the password in its status line, its header and its page, and does not connect. */
export async function echoingProxy(secret: string): Promise<EchoingProxy> {
  const given: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    sockets.add(client.on('error', () => {}))
    client.once('data', (head) => {
      const authorization = /^Proxy-Authorization: (.*)$/im.exec(String(head))?.[1]?.trim() ?? ''
      given.push(authorization)
      const echoes = [authorization, ...echoesOf(secret)]
      client.end(
        `HTTP/1.1 407 Not with ${echoes.join(' or ')}\r\nX-Echo: ${echoes.join(', ')}\r\n\r\nNo ${echoes.join('\n')}\n`,
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    given,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Every form of the password in a reply of several lines. */
function reply(code: number, secret: string): string {
  const lines = echoesOf(secret).map((echo) => `you said ${echo} and`)
  return lines.map((line, index) => `${code}${index < lines.length - 1 ? '-' : ' '}${line}`).join('\r\n')
}

/** Sends lines to a server as they are, each after a reply, and waits for its end. */
export async function talk(port: number, lines: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'data')
  for (const line of lines) {
    socket.write(`${line}\r\n`)
    await once(socket, 'data')
  }
  socket.destroy()
}
