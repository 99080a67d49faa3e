import { hostname } from 'node:os'
import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { addressLiteral } from '../src/opening/client-name.ts'
import { httpProxy } from './tiny-proxies.ts'
import { message, scene } from './scene.ts'

it.each([
  ['192.0.2.1', '[192.0.2.1]'],
  ['::ffff:192.0.2.1', '[192.0.2.1]'],
  ['2001:db8::1', '[IPv6:2001:db8::1]'],
  ['::1', '[IPv6:::1]'],
  ['fe80::1%eth0', '[IPv6:fe80::1]'],
  [undefined, '[127.0.0.1]'],
])('a client at %s without a name calls itself %s', (localAddress, literal) =>
  expect(addressLiteral({ localAddress } as Socket, false)).toBe(literal),
)

// A host name with a dot is used instead.
it.skipIf(hostname().includes('.'))('EHLO has the address that the connection comes from', async () => {
  await using here = await scene({}, { localAddress: '127.0.0.2' })
  await here.transport.send(message())
  expect(here.server.connections[0]!.lines[0]).toBe('EHLO [127.0.0.2]')
})

it.skipIf(hostname().includes('.'))('behind a proxy, the address is not told', async () => {
  await using proxy = await httpProxy(() => undefined)
  await using here = await scene({}, { localAddress: '127.0.0.2', proxy: `http://127.0.0.1:${proxy.port}` })
  await here.transport.send(message())
  expect(here.server.connections[0]!.lines[0]).toBe('EHLO [127.0.0.1]')
})

it('a name that is given is used', async () => {
  await using here = await scene({}, { localAddress: '127.0.0.2', name: 'client.example' })
  await here.transport.send(message())
  expect(here.server.connections[0]!.lines[0]).toBe('EHLO client.example')
})
