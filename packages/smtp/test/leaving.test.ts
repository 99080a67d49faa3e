import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { ServerScript } from '@loudmail/server'
import { expect, it } from 'vitest'
import { smtp, type SmtpOptions } from '../src/index.ts'
import { failure, failureOf, message, scene } from './scene.ts'

const auth = { user: 'ann', pass: 'secret' }

const REFUSED: [string, ServerScript, Partial<SmtpOptions>, code: string][] = [
  ['the greeting is 554', { on: { CONNECT: '554 5.7.1 No service here' } }, {}, 'greeting/policy'],
  ['the greeting is 421', { on: { CONNECT: '421 4.3.2 Too busy' } }, {}, 'greeting/service-unavailable'],
  ['EHLO and HELO are refused', { on: { EHLO: '550 No', HELO: '550 No' } }, {}, 'ehlo/rejected'],
  ['EHLO is refused for now', { on: { EHLO: '451 4.3.0 Later' } }, {}, 'ehlo/service-unavailable'],
  ['LHLO is refused', { lmtp: true, on: { LHLO: '550 No' } }, { lmtp: true }, 'ehlo/rejected'],
  ['STARTTLS is not offered', {}, { tls: 'starttls' }, 'tls/starttls-not-offered'],
  [
    'STARTTLS is refused',
    { caps: ['STARTTLS'], on: { STARTTLS: '454 4.7.0 Later' } },
    { tls: 'starttls' },
    'tls/tls-unavailable',
  ],
  ['AUTH is not offered', { caps: [] }, { auth }, 'auth/auth-not-offered'],
  ['no mechanism fits', { caps: ['AUTH GSSAPI'] }, { auth }, 'auth/auth-mechanism'],
  [
    'the password is wrong',
    { caps: ['AUTH PLAIN'], users: { ann: 'other' } },
    { auth },
    'auth/bad-credentials',
  ],
  [
    'the password is wrong inside TLS',
    { caps: ['STARTTLS'], capsTls: ['AUTH PLAIN'], users: { ann: 'other' } },
    { tls: 'starttls', auth },
    'auth/bad-credentials',
  ],
]

it.concurrent.each(REFUSED)('when %s, the server gets QUIT', async (_, script, options, code) => {
  await using here = await scene(script, options)
  for (const error of [await failure(here.transport), await failureOf(here.transport.verify!())]) {
    expect(error.code).toBe(code)
    expect(error.transcript!.entries.at(-1)).toMatchObject({ from: 'client', text: 'QUIT' })
  }
  // A connection that is reset, or never closed, is not recorded as ended by both sides.
  await here.server.waitFor('close', ({ id }) => id === here.server.connections[1]!.id)
  for (const { commands } of here.server.connections) expect(commands.at(-1)).toBe('QUIT')
})

it.concurrent.each<[string, ServerScript, Partial<SmtpOptions>]>([
  ['is no SMTP server', { on: { CONNECT: { raw: 'SSH-2.0-OpenSSH\r\n' } } }, {}],
  ['breaks the protocol', { on: { EHLO: { raw: 'what?\r\n' } } }, {}],
  [
    'may be somebody else',
    { caps: ['STARTTLS'], on: { STARTTLS: { starttls: { inject: '250 x\r\n' } } } },
    { tls: 'starttls' },
  ],
  [
    'sends a part of a reply too early',
    { caps: ['STARTTLS'], on: { STARTTLS: { raw: '220 Go on\r\n250 ' } } },
    { tls: 'starttls' },
  ],
  ['owes a reply', { on: { EHLO: { stall: true } } }, { timeoutMs: 200 }],
])('who %s gets no QUIT', async (_, script, options) => {
  await using here = await scene({ keep: 'wire', ...script }, options)
  await failure(here.transport)
  await here.server.waitFor('close')
  expect(here.server.connections[0]!.received.toString('latin1')).not.toContain('QUIT')
})

it.concurrent('the answer to QUIT is read before the connection is closed, so that nothing is reset', async () => {
  const ends: string[] = []
  const ended = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.write('220 mail.example ESMTP\r\n')
    socket.on('error', (error) => ends.push(error.message))
    socket.on('close', () => {
      ends.push('closed')
      ended.resolve()
    })
    socket.on('data', (line: Buffer) => {
      if (!line.toString().startsWith('QUIT')) return socket.write('250 ok\r\n')
      // Two packets: the second would meet a socket that was closed after the first.
      socket.write('221-2.0.0 Bye\r\n')
      return setTimeout(() => socket.end('221 2.0.0 Bye\r\n'), 20)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await smtp({ host: '127.0.0.1', port, tls: 'none' }).verify!()
  await ended.promise
  expect(ends).toEqual(['closed'])
  server.close()
})

it.concurrent('a server that does not answer QUIT holds up nobody', async () => {
  await using here = await scene({ on: { QUIT: { stall: true } } })
  const started = performance.now()
  await here.transport.verify!()
  await here.transport.send(message())
  await here.transport.close!()
  expect(performance.now() - started).toBeLessThan(1_900)
})
