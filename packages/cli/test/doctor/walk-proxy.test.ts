import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { closedPort, startServer, type SmtpServer } from '@loudmail/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { walked } from './walked.ts'

/** An HTTP proxy that gives this answer to CONNECT, or goes on to the port that is asked for. */
async function proxy(
  answer?: string,
): Promise<{ readonly url: string; readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    sockets.add(client.on('error', () => {}))
    client.once('data', (head) => {
      if (answer !== undefined) {
        client.end(answer)
        return
      }
      const port = Number(/^CONNECT \S+:(\d+) /.exec(String(head))![1])
      const onward = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        client.pipe(onward).pipe(client)
      })
      sockets.add(onward.on('error', () => {}))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://ann:proxy-s3cret@127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

describe('through a proxy, the doctor', () => {
  let server: SmtpServer
  beforeAll(async () => {
    server = await startServer({ caps: ['AUTH PLAIN'] })
  })
  afterAll(() => server.close())
  const options = (url: string) =>
    ({ host: 'mail.example.com', port: server.port, tls: 'none', proxy: url }) as const

  it('connects to the proxy first, and leaves the name of the server to it', async () => {
    await using way = await proxy()
    const { step, told, failure } = await walked({ options: options(way.url) })
    expect(failure).toBeUndefined()
    expect(told.slice(0, 5)).toEqual([
      'skip name look-up',
      'skip proxy name look-up',
      `pass proxy TCP to 127.0.0.1:${way.port}`,
      'pass proxy',
      'pass greeting',
    ])
    expect(step('proxy').detail).toBe(
      `The proxy 127.0.0.1:${way.port} connects to mail.example.com:${server.port}.`,
    )
  })

  it('says what the proxy answered', async () => {
    await using way = await proxy('HTTP/1.1 403 Forbidden by the rules\r\n\r\n')
    const { step, failure, steps } = await walked({ options: options(way.url) })
    expect(failure?.code).toBe('connect/proxy')
    expect(step('proxy')).toMatchObject({ stage: 'connect', verdict: 'fail' })
    expect(step('proxy').detail).toContain('HTTP 403 Forbidden by the rules')
    expect(JSON.stringify(steps)).not.toContain('proxy-s3cret')
  })

  it('says that the proxy cannot be reached', async () => {
    const port = await closedPort()
    const { step, failure, steps } = await walked({ options: options(`socks5://127.0.0.1:${port}`) })
    expect(step(`proxy TCP to 127.0.0.1:${port}`).verdict).toBe('fail')
    expect(failure?.code).toBe('connect/proxy')
    expect(steps.filter(({ verdict }) => verdict === 'fail')).toHaveLength(1)
  })

  it('warns that the password and the mail go unencrypted to another machine', async () => {
    await using way = await proxy()
    const auth = { user: 'ann@example.com', pass: 's3cret-word' }
    const { step } = await walked({ options: { ...options(way.url), auth, allowInsecureAuth: true } })
    expect(step('TLS')).toMatchObject({ verdict: 'warn' })
    expect(step('log-in')).toMatchObject({ verdict: 'warn' })
    expect(step('log-in').detail).toContain('The password goes over the network without encryption.')
  })
})
