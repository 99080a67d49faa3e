import { describe, expect, it } from 'vitest'
import { isLoopback, protectCredentials, tlsModeOf, type TlsMode } from '../src/transport.ts'

const invalid = expect.objectContaining({ code: 'config/invalid-config' })

describe('how a connection is encrypted', () => {
  it.each<[unknown, number | undefined, boolean, TlsMode]>([
    [undefined, undefined, false, 'starttls'],
    [undefined, 25, false, 'starttls'],
    [undefined, 587, false, 'starttls'],
    [undefined, 465, false, 'implicit'],
    [undefined, 465, true, 'implicit'],
    [undefined, undefined, true, 'opportunistic'],
    ['implicit', 25, true, 'implicit'],
    ['starttls', 465, true, 'starttls'],
    ['opportunistic', 465, false, 'opportunistic'],
    ['none', 465, false, 'none'],
  ])('tls %s on port %s, own host %s: %s', (tls, port, isOwn, mode) =>
    expect(tlsModeOf(tls, port, isOwn)).toBe(mode),
  )

  it.each(['', 'ssl', 'NONE', true, false, null, 0])('%j is refused', (tls) =>
    expect(() => tlsModeOf(tls, 25, true)).toThrow(invalid),
  )
})

it.each([
  ['localhost', true],
  ['LocalHost', true],
  ['127.0.0.1', true],
  ['127.255.1.23', true],
  ['::1', true],
  ['127.0.0', false],
  ['127.0.0.1.example.com', false],
  ['127.0.0.1234', false],
  ['1127.0.0.1', false],
  ['128.0.0.1', false],
  ['localhost.example.com', false],
  ['notlocalhost', false],
  ['::11', false],
  ['1::1', false],
  ['::', false],
  ['0.0.0.0', false],
  ['', false],
])('whether %j is this machine: %s', (host, isOwn) => expect(isLoopback(host)).toBe(isOwn))

describe('credentials', () => {
  it.each<[TlsMode, boolean, boolean | undefined]>([
    ['implicit', false, undefined],
    ['starttls', false, undefined],
    ['starttls', false, false],
    ['opportunistic', true, undefined],
    ['none', true, false],
    ['opportunistic', false, true],
    ['none', false, true],
  ])('may go with tls %s, own host %s, allowInsecureAuth %s', (tls, isOwn, allow) =>
    expect(() => protectCredentials(tls, isOwn, allow)).not.toThrow(),
  )

  it.each<[TlsMode, boolean | undefined]>([
    ['opportunistic', undefined],
    ['none', undefined],
    ['none', false],
  ])('may not go with tls %s to another host, allowInsecureAuth %s', (tls, allow) =>
    expect(() => protectCredentials(tls, false, allow)).toThrow(invalid),
  )
})
