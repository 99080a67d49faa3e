import { describe, expect, it } from 'vitest'
import { Exchange } from '../src/transport.ts'
import { toThree } from './scripted.ts'
import { toldExchange, type Told } from './told-exchange.ts'

const OK = '250 2.0.0 Ok'
const NO = '550 5.1.1 Nobody'
const LATER = '450 4.2.0 Later'
const CLOSING = '421 4.3.2 Closing'
const agreed = { mail: OK, rcpt: [OK, OK, OK], data: '354 Go on' }

describe('how far a message got', () => {
  it('begins with nothing asked and nothing answered', () => {
    const nothing = { mail: undefined, rcpt: [], data: undefined, final: [], lostCount: false, accepted: 0 }
    expect(new Exchange(toThree(), 'smtp', { written: 0 })).toMatchObject(nothing)
  })

  it.each<[string, Told, string]>([
    ['nothing was answered', {}, 'asked'],
    ['the sender was refused', { mail: NO }, 'asked'],
    ['the sender was accepted', { mail: OK }, 'agreed'],
    ['a recipient was accepted', { rcpt: [NO, OK] }, 'agreed'],
    ['a part of the content was written', agreed, 'agreed'],
    ['the end of the content was put together', { ...agreed, octets: 99 }, 'buffered'],
    ['the last octet of the content was written', { ...agreed, octets: 100 }, 'written'],
    ['more than the content was written', { ...agreed, octets: 101 }, 'written'],
    ['the content was written before anything was answered', { octets: 100, chunks: true }, 'written'],
    ['the content was accepted', { ...agreed, octets: 100, final: OK }, 'answered'],
    ['the content was refused', { ...agreed, octets: 100, final: NO }, 'answered'],
    [
      'one of three still waits for an answer (LMTP)',
      { ...agreed, octets: 100, protocol: 'lmtp', final: [OK, NO] },
      'written',
    ],
    [
      'each of three has an answer (LMTP)',
      { ...agreed, octets: 100, protocol: 'lmtp', final: [OK, NO, OK] },
      'answered',
    ],
    [
      'who was refused needs no answer (LMTP)',
      { ...agreed, rcpt: [OK, NO, OK], octets: 100, protocol: 'lmtp', final: [OK, undefined, OK] },
      'answered',
    ],
    ['the content follows a refused sender', { mail: NO, octets: 100, chunks: true }, 'answered'],
    [
      'the content follows recipients who were all refused',
      { mail: OK, rcpt: [NO, NO, NO], octets: 100, chunks: true },
      'answered',
    ],
    ['the content follows a refused DATA', { ...agreed, data: NO, octets: 100 }, 'answered'],
  ])('%s', (_title, told, progress) => {
    const exchange = toldExchange(told)
    expect(exchange.progress).toBe(progress)
    expect(exchange.isInDoubt).toBe(progress === 'written')
    expect(exchange.isWritten).toBe(progress === 'written' || progress === 'answered')
  })
})

describe('a message may begin anew on another connection', () => {
  it.each<[string, Told, boolean]>([
    ['where nothing was answered', {}, true],
    ['where the server closes the connection instead', { mail: CLOSING }, true],
    ['where the content was put together and not written', { octets: 99, chunks: true }, true],
    ['not where the content was written', { octets: 100, chunks: true }, false],
    [
      'not where the server closes after the content was written',
      { mail: CLOSING, octets: 100, chunks: true },
      false,
    ],
    ['not where the sender was accepted', { mail: OK }, false],
    ['not where the sender was refused', { mail: NO }, false],
    ['not where the sender was refused for now', { mail: LATER }, false],
    ['not where a recipient was accepted', { rcpt: [NO, OK] }, false],
  ])('%s', (_title, told, may) => expect(toldExchange(told).isUntouched).toBe(may))
})

describe('another attempt could deliver a message twice', () => {
  it.each<[string, Told, boolean]>([
    ['where its outcome is unknown', { ...agreed, octets: 100 }, true],
    ['where the server accepted it', { ...agreed, octets: 100, final: OK }, true],
    [
      'where one of three has it (LMTP)',
      { ...agreed, octets: 100, protocol: 'lmtp', final: [NO, OK, NO] },
      true,
    ],
    ['not where the server refused it', { ...agreed, octets: 100, final: NO }, false],
    ['not where it was not written', { ...agreed, octets: 99 }, false],
  ])('%s', (_title, told, could) => expect(toldExchange(told).mayBeDelivered).toBe(could))
})

describe('the answer to the content', () => {
  const rcpt = [OK, NO, OK]

  it('is for everybody whom the server had accepted', () => {
    const { final } = toldExchange({ ...agreed, rcpt, octets: 100, final: OK })
    expect(Array.from(final, (answer) => answer?.code)).toEqual([250, undefined, 250])
  })

  it('is for one recipient at a time (LMTP)', () => {
    const { final } = toldExchange({
      ...agreed,
      rcpt,
      octets: 100,
      protocol: 'lmtp',
      final: [undefined, undefined, NO],
    })
    expect(Array.from(final, (answer) => answer?.code)).toEqual([undefined, undefined, 550])
  })
})

describe('what the server has to answer next', () => {
  it.each<[string, Told]>([
    ['mail-from', {}],
    ['rcpt-to', { mail: OK }],
    ['rcpt-to', { mail: OK, rcpt: [OK, OK] }],
    ['rcpt-to', { mail: OK, rcpt: [OK, undefined, OK] }],
    ['data', { mail: OK, rcpt: [OK, OK, OK] }],
    ['body', agreed],
    ['body', { mail: OK, rcpt: [OK, OK, OK], chunks: true }],
  ])('is %s: %j', (stage, told) => expect(toldExchange(told).stage).toBe(stage))
})

describe('how many recipients were accepted', () => {
  it.each<[number, Told]>([
    [0, {}],
    [0, { rcpt: [NO, LATER, '354 Odd'] }],
    [2, { rcpt: [OK, NO, '251 2.1.5 Forwarded'] }],
    [1, { rcpt: ['299 Odd', '300 Odd', '199 Odd'] }],
  ])('is %i: %j', (accepted, told) => expect(toldExchange(told).accepted).toBe(accepted))
})

describe('the first refusal of a command', () => {
  it.each<[string, Told, string | undefined]>([
    ['there is none', agreed, undefined],
    ['of the sender', { mail: NO, rcpt: [LATER, LATER, LATER] }, NO],
    ['of a recipient', { mail: OK, rcpt: [OK, LATER, NO], data: NO }, LATER],
    ['of DATA', { ...agreed, data: '554 5.5.1 No valid recipients' }, '554 5.5.1 No valid recipients'],
  ])('%s', (_, told, expected) => {
    expect(toldExchange(told).refusal?.text).toBe(expected)
  })

  it('is searched for once, however many recipients follow', () => {
    const exchange = toldExchange({ mail: OK, rcpt: [OK, OK, NO] })
    const first = exchange.refusal
    let reads = 0
    const counted = { get: () => (reads++, first) }
    Object.defineProperties(exchange.rcpt, { 0: counted, 1: counted })
    for (let position = 3; position < 100; position++) expect(exchange.refusal).toBe(first)
    expect(reads).toBe(0)
  })
})
