import { once } from 'node:events'
import { connect, createServer, Socket, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { connectToAny, type ConnectAttempts, type Destination, type Unreached } from '../src/transport.ts'

/** A server on 127.0.0.1 alone: every other loopback address refuses its port. */
async function listening(): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Race {
  readonly opened: [address: string, socket: Socket][]
  readonly result: Promise<Socket | Unreached>
  readonly attempts: ConnectAttempts
}

function race(destination: Partial<Destination>, open: (address: string) => Socket): Race {
  const { promise, resolve } = Promise.withResolvers<Socket | Unreached>()
  const opened: [string, Socket][] = []
  const tracked = (address: string): Socket => {
    const socket = open(address)
    opened.push([address, socket])
    return socket
  }
  const attempts = connectToAny({ host: 'mail.example', ...destination }, tracked, {
    resolved: () => {},
    connected: resolve,
    failed: resolve,
  })
  return { opened, result: promise, attempts }
}

const giving = (...addresses: string[]): Partial<Destination> => ({
  lookup: (_host, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    ),
})

it('an address that is slow to accept is still waited for when the next one has failed', async () => {
  await using server = await listening()
  const slow = new Socket()
  const { opened, result } = race(giving('127.0.0.1', '127.0.0.2'), (address) => {
    if (address === '127.0.0.1') return slow
    // It begins to connect only once the other address has refused.
    return connect(server.port, address).once('error', () => slow.connect(server.port, '127.0.0.1'))
  })
  expect(await result).toBe(slow)
  expect(opened.map(([address]) => address)).toEqual(['127.0.0.1', '127.0.0.2'])
  slow.destroy()
})

it('the first that connects is used, and the others are closed', async () => {
  await using server = await listening()
  const { opened, result } = race(giving('127.0.0.5', '127.0.0.1', '127.0.0.6'), (address) =>
    address === '127.0.0.1' ? connect(server.port, address) : new Socket(),
  )
  const socket = (await result) as Socket
  expect(socket.remoteAddress).toBe('127.0.0.1')
  expect(opened).toHaveLength(2)
  expect(opened.map(([, each]) => each.destroyed)).toEqual([true, false])
  socket.destroy()
})

it('the families take turns, and no address is tried twice', async () => {
  await using server = await listening()
  const { opened, result } = race(
    giving('::1', '::1', '::2', '::3', '127.0.0.2', '127.0.0.3', '127.0.0.2'),
    () => connect(server.port, '127.0.0.9'),
  )
  expect(await result).toMatchObject({ kind: 'connection-refused' })
  expect(opened.map(([address]) => address)).toEqual(['::1', '127.0.0.2', '::2', '127.0.0.3', '::3'])
})

it('the cause lists every address that was tried, also one that does not answer', async () => {
  await using server = await listening()
  const refused = Promise.withResolvers<void>()
  const { attempts, result } = race(giving('127.0.0.2', '127.0.0.3'), (address) =>
    address === '127.0.0.2'
      ? connect(server.port, address).once('error', () => refused.resolve())
      : new Socket(),
  )
  await refused.promise
  const { errors, message } = attempts.cause as AggregateError
  expect(errors).toMatchObject([{ code: 'ECONNREFUSED', address: '127.0.0.2' }, { code: 'ETIMEDOUT' }])
  expect(message).toMatch(/127\.0\.0\.2.*; connect 127\.0\.0\.3: no answer in time/)
  attempts.stop()
  await expect(Promise.race([result, Promise.resolve('nothing')])).resolves.toBe('nothing')
})

it('after it was stopped, a look-up that comes late opens nothing', async () => {
  let answer: (() => void) | undefined
  const { attempts, opened } = race(
    { lookup: (_host, _options, done) => (answer = () => done(null, '127.0.0.1', 4)) },
    () => new Socket(),
  )
  attempts.stop()
  answer!()
  expect(opened).toEqual([])
})
