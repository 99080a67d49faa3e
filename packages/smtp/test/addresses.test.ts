import type { LookupFunction } from 'node:net'
import { describe, expect, it } from 'vitest'
import { smtp } from '../src/index.ts'
import { failure, failureOf, message, scene, thrownBy, type Scene } from './scene.ts'

/** The server listens on 127.0.0.1 alone: every other loopback address refuses its port. */
const to = (lookup: unknown, more: object = {}): Promise<Scene> =>
  scene({}, { host: 'mail.example', lookup: lookup as LookupFunction, ...more })

type Done = (error: unknown, result?: unknown, family?: number) => void
type Look = (host: string, options: { all?: boolean; family?: number }, done: Done) => void
const all = (...addresses: string[]): { address: string; family: number }[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
const later =
  (...addresses: string[]): Look =>
  (_host, _options, done) =>
    void setImmediate(done, null, all(...addresses))
const coded = (code: string): Error => Object.assign(new Error(`query ${code}`), { code })

describe.concurrent('a host is reached', () => {
  it.each<[string, Look, object?]>([
    ['at its second address', later('127.0.0.2', '127.0.0.1')],
    ['at its last of many addresses', later('127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.1')],
    ['at its IPv4 address, if nothing listens on IPv6', later('::1', '127.0.0.1')],
    ['at its first address, with another family behind it', later('127.0.0.1', '::1')],
    ['from a local address', later('127.0.0.2', '127.0.0.1'), { localAddress: '127.0.0.7' }],
    [
      'from a local address, which IPv6 does not fit',
      later('::1', '127.0.0.1'),
      { localAddress: '127.0.0.7' },
    ],
    [
      'by a look-up that answers at once',
      (_host, _options, done) => done(null, all('127.0.0.2', '127.0.0.1')),
    ],
    ['by a look-up that answers with one address', (_host, _options, done) => done(null, '127.0.0.1', 4)],
    [
      'by a look-up that answers with strings',
      (_host, _options, done) => done(null, ['127.0.0.2', '127.0.0.1']),
    ],
    [
      'by a look-up that answers twice',
      (_host, _options, done) => {
        done(null, all('127.0.0.1'))
        done(null, all('127.0.0.2'))
        done(coded('ENOTFOUND'))
      },
    ],
    [
      'by a look-up that answers and then throws',
      (_host, _options, done) => {
        done(null, all('127.0.0.1'))
        throw new Error('too late')
      },
    ],
    [
      'by a look-up with something useless in its answer',
      (_host, _options, done) => done(null, [null, 'x', {}, ...all('127.0.0.1')]),
    ],
  ])('%s', async (_, lookup, more) => {
    await using here = await to(lookup, more)
    await here.transport.send(message())
    await here.transport.verify!()
    expect(here.server.messages).toHaveLength(1)
  })
})

describe.concurrent('a look-up', () => {
  it.each<[string, Look, object]>([
    [
      'that finds no such name',
      (_host, _options, done) => done(coded('ENOTFOUND')),
      { code: 'dns/host-not-found' },
    ],
    [
      'whose name server fails',
      (_host, _options, done) => done(coded('ESERVFAIL')),
      { code: 'dns/dns-temporary' },
    ],
    [
      'whose name server is not there',
      (_host, _options, done) => done(coded('ECONNREFUSED')),
      { code: 'dns/dns-temporary' },
    ],
    [
      'whose name server is too slow',
      (_host, _options, done) => done(coded('ETIMEOUT')),
      { code: 'dns/dns-temporary' },
    ],
    [
      'that fails without a code',
      (_host, _options, done) => done(new Error('no cache')),
      { code: 'dns/dns-temporary' },
    ],
    [
      'that throws',
      () => {
        throw coded('ENOTFOUND')
      },
      { code: 'dns/host-not-found' },
    ],
    [
      'that throws nothing',
      () => {
        throw undefined
      },
      { code: 'dns/dns-temporary' },
    ],
    ['that gives an empty list', (_host, _options, done) => done(null, []), { code: 'dns/host-not-found' }],
    ['that gives nothing', (_host, _options, done) => done(null), { code: 'dns/host-not-found' }],
    [
      'that gives no address',
      (_host, _options, done) => done(null, 'mail.example', 4),
      { code: 'dns/host-not-found' },
    ],
  ])('%s fails at dns', async (_, lookup, wanted) => {
    await using here = await to(lookup)
    expect(await failure(here.transport)).toMatchObject({ ...wanted, delivered: 'none' })
    expect(await failureOf(here.transport.verify!())).toMatchObject(wanted)
  })

  it('is asked for all addresses, and for the family of the local address', async () => {
    const asked: unknown[] = []
    const lookup: Look = (host, { all: isAll, family }, done) => {
      asked.push([host, isAll, family])
      done(null, all('127.0.0.1'))
    }
    for (const localAddress of [undefined, '127.0.0.7']) {
      await using here = await to(lookup, localAddress === undefined ? {} : { localAddress })
      await here.transport.send(message())
    }
    expect(asked).toEqual([
      ['mail.example', true, 0],
      ['mail.example', true, 4],
    ])
  })
})

describe.concurrent('if no address answers', () => {
  it('the failure lists each', async () => {
    await using here = await to(later('127.0.0.2', '127.0.0.3', '::1'))
    const error = await failure(here.transport)
    expect(error).toMatchObject({ code: 'connect/connection-refused', permanence: 'transient' })
    const { errors, message: said } = error.cause as AggregateError
    expect(errors).toHaveLength(3)
    expect(said).toContain('127.0.0.2')
    expect(said).toContain('127.0.0.3')
  })

  it('the failure of a single one is its own', async () => {
    await using here = await to(later('127.0.0.2'))
    expect(await failure(here.transport)).toMatchObject({
      code: 'connect/connection-refused',
      cause: { code: 'ECONNREFUSED' },
    })
  })

  it.each<[string, string, object]>([
    ['::1', 'mail.example', { localAddress: '127.0.0.7' }],
    ['127.0.0.1', 'mail.example', { localAddress: '::1' }],
    ['', '127.0.0.1', { localAddress: '::1' }],
  ])('because %s%s does not fit the local address, the failure says so', async (found, host, options) => {
    await using here = await to(later(found), { host, ...options })
    const error = await failure(here.transport)
    expect(error.code).toBe('connect/unreachable')
    expect(error.summary).toMatch(/^the host has no IPv[46] address, and localAddress is one$/)
  })
})

it.each([
  ['bücher.example', 'xn--bcher-kva.example'],
  ['BÜCHER.example', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['mail.example.com.', 'mail.example.com.'],
  ['MAIL.example', 'MAIL.example'],
])('the host %s is looked up as %s', async (host, wanted) => {
  const asked: string[] = []
  const lookup: Look = (name, _options, done) => {
    asked.push(name)
    done(null, all('127.0.0.1'))
  }
  await using here = await to(lookup, { host })
  await here.transport.send(message())
  expect(asked).toEqual([wanted])
})

it.each(['a b.example', 'a/b.example', 'ä\u0000.example', '\u00ad', 'ä%.example'])('%j is no host', (host) =>
  expect(thrownBy(() => smtp({ host })).summary).toBe('smtp() host must be a host name or an IP address'),
)

it('TLS asks for a host without the dot at its end', async () => {
  const asked: string[] = []
  const SNICallback = (name: string, done: (error: null) => void): void => {
    asked.push(name)
    done(null)
  }
  await using here = await scene(
    { tls: 'implicit', tlsOpts: { SNICallback } },
    { host: 'localhost.', lookup: (_host, _options, done) => done(null, all('127.0.0.1')) },
  )
  await here.transport.send(message())
  expect(asked).toEqual(['localhost'])
})
