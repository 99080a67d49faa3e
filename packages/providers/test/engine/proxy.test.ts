import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { certificates, closedPort } from '@loudmail/server'
import { startHttpServer } from '@loudmail/server/http'
import { expect, it } from 'vitest'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACCEPTED } from './scene.ts'

const CHILD = fileURLToPath(new URL('proxy-child.ts', import.meta.url))

/** What a program that sends through a proxy prints. Node reads these variables when it starts. */
async function sendThrough(proxy: string, url: string): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'loudmail-'))
  const ca = join(folder, 'ca.pem')
  await writeFile(ca, certificates.ca)
  const { VITEST: _, NO_PROXY: __, no_proxy: ___, ...rest } = process.env
  const env = {
    ...rest,
    NODE_USE_ENV_PROXY: '1',
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
    NODE_EXTRA_CA_CERTS: ca,
  }
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@loudmail/source', CHILD, url],
      { env },
    )
    return JSON.parse(stdout) as Record<string, string>
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function startProxy(
  onConnect: (socket: Socket, request: IncomingMessage) => void,
): Promise<{ url: string; server: Server } & AsyncDisposable> {
  const server = createServer((_, response) => response.writeHead(400).end())
  server.on('connect', (request, socket) => onConnect(socket as Socket, request))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

it('a message goes through the proxy of the environment', async () => {
  await using server = await startHttpServer(ACCEPTED, { tls: true })
  const targets: (string | undefined)[] = []
  await using proxy = await startProxy((socket, request) => {
    targets.push(request.url)
    const [host, port] = request.url!.split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  expect(await sendThrough(proxy.url, server.url)).toEqual({ state: 'sent' })
  expect(targets).toEqual([`127.0.0.1:${server.port}`])
})

it.each([403, 407, 502])('a proxy that refuses with %d is named, and nothing was sent', async (status) => {
  await using proxy = await startProxy((socket) => {
    socket.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\n\r\n`)
  })
  expect(
    await sendThrough(
      proxy.url.replace('http://', 'http://user:S3cr3t-Pr0xy@'),
      'https://api.provider.example',
    ),
  ).toEqual({
    code: 'connect/proxy',
    delivered: 'none',
    permanence: 'permanent',
    hint: expect.stringContaining('HTTPS_PROXY') as string,
    summary: `the proxy answered ${status}`,
  })
})

it.each([
  ['only hangs up', undefined],
  ['speaks something else', '220 mail.example ESMTP\r\n'],
])('a proxy that %s is named, and nothing was sent', async (_what, words) => {
  await using proxy = await startProxy((socket) => {
    if (words === undefined) socket.destroy()
    else socket.end(words)
  })
  expect(await sendThrough(proxy.url, 'https://api.provider.example')).toMatchObject({
    code: 'connect/proxy',
    delivered: 'none',
  })
})

it('a proxy that is not there has sent nothing', async () => {
  expect(
    await sendThrough(`http://127.0.0.1:${await closedPort()}`, 'https://api.provider.example'),
  ).toMatchObject({
    code: 'connect/connection-refused',
    delivered: 'none',
    permanence: 'transient',
    hint: expect.stringContaining('HTTPS_PROXY') as string,
  })
})
