import type { Action, ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import type { SmtpOptions } from '../src/index.ts'
import { failure, failureOf, message, scene } from './scene.ts'

const GO = { raw: '220 2.0.0 Ready to start TLS\r\n' }
const auth = { user: 'ann', pass: 'secret' }

const BROKEN: [string, Action][] = [
  ['closes', { seq: [GO, { close: 'fin' }] }],
  ['resets', { seq: [GO, { close: 'rst' }] }],
  ['speaks plain', { starttls: { garbage: '500 5.5.1 unrecognized\r\n' } }],
  ['sends garbage', { starttls: { garbage: '\u0001\u0002\u0003\u0004\u0005\u0006\u0007' } }],
  ['sends an alert', { starttls: { garbage: '\u0015\u0003\u0003\u0000\u0002\u0002\u0028' } }],
  ['sends an alert about itself', { starttls: { garbage: '\u0015\u0003\u0003\u0000\u0002\u0002\u0050' } }],
  ['says nothing more', { starttls: { stall: true } }],
  ['does not answer STARTTLS', { stall: true }],
  ['closes instead of an answer', { close: 'fin' }],
  ['answers STARTTLS with garbage', { raw: 'what?\r\n' }],
]

const offering = (action: Action): ServerScript => ({
  caps: ['STARTTLS', 'AUTH PLAIN', 'PIPELINING'],
  on: { STARTTLS: action },
})
/** As without any option: opportunistic on this machine. */
const plain: Partial<SmtpOptions> = { tls: undefined, timeouts: { tls: 300 } }

describe.concurrent('a server on this machine that offers STARTTLS and then', () => {
  it.each(BROKEN)('%s gets the mail without it, on a fresh connection', async (_, action) => {
    await using here = await scene(offering(action), { ...plain, auth, pool: { connections: 1 } })
    await here.transport.verify!()
    for (const subject of ['one', 'two']) await here.transport.send(message({ subject }))
    expect(here.server.messages.map(({ tls }) => tls)).toEqual([false, false])
    // It is tried once in the life of the transport.
    const asked = here.server.connections.filter(({ commands }) => commands.includes('STARTTLS'))
    expect(asked).toHaveLength(1)
  })

  it.each(BROKEN)('%s fails if TLS is required, and the hint says how to go without', async (_, action) => {
    await using here = await scene(offering(action), { ...plain, tls: 'starttls' })
    for (const error of [await failure(here.transport), await failureOf(here.transport.verify!())]) {
      expect(error.stage).toBe('tls')
      expect(error.hint).toContain('?tls=none')
    }
    expect(here.server.messages).toEqual([])
  })

  it('refuses it gets the mail on the same connection, and is asked again next time', async () => {
    await using here = await scene(offering('454 4.7.0 Not now'), plain)
    await here.transport.verify!()
    await here.transport.send(message())
    expect(here.server.connections.map(({ commands }) => commands.includes('STARTTLS'))).toEqual([true, true])
    expect(here.server.messages).toHaveLength(1)
  })

  it('sends something in front of the handshake is not trusted', async () => {
    await using here = await scene(offering({ starttls: { inject: '250 x\r\n' } }), plain)
    expect((await failure(here.transport)).code).toBe('tls/response-injection')
    expect(here.server.messages).toEqual([])
  })

  it('works is used with TLS', async () => {
    await using here = await scene(offering({ pass: true }), plain)
    await here.transport.send(message())
    expect(here.server.messages[0]!.tls).toBe(true)
  })
})

describe.concurrent('a server elsewhere whose STARTTLS is broken', () => {
  // To the client it is another machine: only its look-up leads here.
  const elsewhere: Partial<SmtpOptions> = {
    ...plain,
    host: 'mail.example',
    tls: 'opportunistic',
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  }
  const [, action] = BROKEN[2]!

  it('gets nothing in the clear', async () => {
    await using here = await scene(offering(action), elsewhere)
    const error = await failure(here.transport)
    expect(error.code).toBe('tls/not-tls')
    expect(error.hint).toContain('?tls=none')
    expect(here.server.messages).toEqual([])
  })

  it('gets the mail in the clear if credentials may go so', async () => {
    await using here = await scene(offering(action), { ...elsewhere, auth, allowInsecureAuth: true })
    await here.transport.send(message())
    expect(here.server.messages[0]).toMatchObject({ tls: false })
  })

  it('fails without advice against TLS if TLS is required', async () => {
    await using here = await scene(offering(action), { ...elsewhere, tls: 'starttls' })
    expect((await failure(here.transport)).hint).not.toContain('tls=none')
  })
})

it('the transcript shows both connections, and why there are two', async () => {
  await using here = await scene(
    { ...offering(BROKEN[2]![1]), on: { STARTTLS: BROKEN[2]![1], MAIL: '550 5.7.1 No' } },
    plain,
  )
  const said = (await failure(here.transport)).transcript!.entries.map(({ text }) => text)
  const at = said.indexOf('STARTTLS does not work (tls/not-tls): going on without it')
  expect(said.slice(0, at)).toContain('STARTTLS')
  expect(said.slice(at + 1)).toContain('STARTTLS is not used: it did not work before')
  expect(said.slice(at + 1)).not.toContain('STARTTLS')
})
