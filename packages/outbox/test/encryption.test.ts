import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { MailError } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { describe, expect, it } from 'vitest'
import type { EncryptionOptions } from '../src/message/encryption/keys.ts'
import { sealWith } from '../src/message/encryption/seal.ts'
import { openSealedBody, sealBody } from '../src/message/encryption/sealed-body.ts'
import { unpackMessage } from '../src/message/unpack-message.ts'
import { ID, octetsOf, pack, unpack } from './packed.ts'

const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const message = toMessage({
  from: 'ann@sender.example',
  to: 'bob@rcpt.example',
  subject: 'Invoice 4711',
  text: 'the total is 100',
  attachments: [{ filename: 'secret.bin', content: Buffer.from('0123456789abcdef'.repeat(20_000)) }],
})

function failureOf(run: () => unknown): MailError {
  try {
    run()
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('a key may be', () => {
  it.each<[string, EncryptionOptions['keys'][string]]>([
    ['bytes', new Uint8Array(one)],
    ['base64', one.toString('base64')],
    ['base64 as `openssl rand -base64 32` prints it', `${one.toString('base64')}\n`],
    ['base64url', one.toString('base64url')],
    ['hexadecimal', one.toString('hex')],
    ['a KeyObject', createSecretKey(one)],
  ])('%s', async (_, key) => {
    const kept = await pack(message, sealWith({ keys: { a: one } }))
    expect(await octetsOf(unpack(kept, sealWith({ keys: { a: key } })))).toContain('the total is 100')
  })
})

describe('wrong options are refused, and the failure shows no key', () => {
  const password = 'correct horse battery staple'
  it.each<[string, unknown, string]>([
    ['a password', { keys: { a: password } }, 'keys["a"] is not 32 octets'],
    ['a short key', { keys: { a: one.subarray(1) } }, 'keys["a"] is not 32 octets'],
    ['no octets', { keys: { a: Buffer.alloc(0) } }, 'keys["a"] is not 32 octets'],
    [
      '31 octets in base64',
      { keys: { a: one.subarray(1).toString('base64') } },
      'keys["a"] is not 32 octets',
    ],
    ['nothing', { keys: { a: undefined } }, 'keys["a"] is not 32 octets'],
    ['a public key', { keys: { a: generateKeyPairSync('ed25519').publicKey } }, 'keys["a"] is not 32 octets'],
    ['a key as name', { keys: { [one.toString('base64')]: 'a' } }, 'keys has a wrong name'],
    ['a password as name', { keys: { [password]: one } }, 'keys has a wrong name'],
    ['no keys', { keys: {} }, 'keys is empty'],
    ['a key instead of keys', { keys: password }, 'keys must be an object with names and keys'],
    [
      'several keys without a current one',
      { keys: { a: one, b: two } },
      'current must name the key for new messages',
    ],
    [
      'a current key that is missing',
      { keys: { a: one }, current: password },
      'current is not one of the names',
    ],
    ['an option that does not exist', { key: password, keys: {} }, 'has no option "key"'],
  ])('%s', (_, options, summary) => {
    const error = failureOf(() => sealWith(options as EncryptionOptions))
    expect(error).toMatchObject({ code: 'config/invalid-config', summary: expect.stringContaining(summary) })
    const shown = inspect(error, { depth: 9 }) + JSON.stringify(error)
    for (const secret of [password, one.toString('base64'), one.toString('hex')])
      expect(shown).not.toContain(secret)
  })

  it('a password gets advice', () => {
    expect(failureOf(() => sealWith({ keys: { a: password } })).hint).toContain('openssl rand -base64 32')
  })
})

it('nothing of the content can be read without the key', async () => {
  const { head, body } = await pack(message, sealWith({ keys: { a: one } }))
  const octets = Buffer.concat([head, body]).toString('latin1')
  for (const secret of [
    'Invoice',
    'total',
    'secret.bin',
    '0123456789',
    'rcpt.example',
    one.toString('latin1'),
  ])
    expect(octets).not.toContain(secret)
  expect(octets).toContain('\x01a')
})

it('the same message is never encrypted to the same octets', async () => {
  const seal = sealWith({ keys: { a: one } })
  const [first, second] = [await pack(message, seal), await pack(message, seal)]
  expect(first.head.subarray(-40)).not.toEqual(second.head.subarray(-40))
  expect(first.body.subarray(0, 40)).not.toEqual(second.body.subarray(0, 40))
})

it('the keys are in nothing that can be printed', () => {
  const seal = sealWith({ keys: { a: one.toString('base64') } })
  const shown = inspect(seal, { depth: 9, showHidden: true })
  expect(shown).not.toContain(one.toString('base64'))
  expect(shown).not.toContain('01 01 01 01')
})

describe('after a rotation', () => {
  const before = sealWith({ keys: { old: one } })
  const after = sealWith({ keys: { old: one, new: two }, current: 'new' })

  it('messages with the old key are read, and new ones have the new key', async () => {
    const kept = await pack(message, before)
    expect(await octetsOf(unpack(kept, after))).toContain('the total is 100')
    const next = await pack(message, after)
    expect(await octetsOf(unpack(next, sealWith({ keys: { new: two } })))).toContain('the total is 100')
  })

  it('messages that were kept in clear are read', async () => {
    expect(await octetsOf(unpack(await pack(message), after))).toContain('the total is 100')
  })

  const waiting = { code: 'submit/storage', scope: 'transport', permanence: 'transient', delivered: 'none' }
  it.each<[string, EncryptionOptions | undefined, string]>([
    ['a missing key', { keys: { new: two } }, 'the key "old", which is missing'],
    [
      'another key of the same name',
      { keys: { old: two } },
      'another key than the one that is called "old" now',
    ],
    ['no encryption at all', undefined, 'it is encrypted'],
  ])('%s is a failure, and the message waits', async (_, options, summary) => {
    const kept = await pack(message, before)
    const error = failureOf(() => unpack(kept, options && sealWith(options)))
    expect(error).toMatchObject({ ...waiting, summary: expect.stringContaining(summary) })
    expect(error.hint).not.toBe('')
  })
})

describe('encrypted octets', () => {
  const seal = sealWith({ keys: { a: one } })

  it('of another entry are refused', async () => {
    const kept = await pack(message, seal)
    const error = failureOf(() => unpackMessage('another', kept.head, () => message.envelope as never, seal))
    expect(error).toMatchObject({ code: 'submit/storage', permanence: 'permanent' })
  })

  it('of the body of another entry are refused', async () => {
    const [first, second] = [await pack(message, seal), await pack(message, seal)]
    await expect(octetsOf(unpack({ head: first.head, body: second.body }, seal))).rejects.toMatchObject({
      code: 'submit/storage',
    })
  })

  const SEALED = 65_536 + 16
  it.each<[string, (body: Buffer) => Buffer]>([
    [
      'in another order',
      (body) =>
        Buffer.concat([
          body.subarray(SEALED, SEALED * 2),
          body.subarray(0, SEALED),
          body.subarray(SEALED * 2),
        ]),
    ],
    ['without a segment', (body) => Buffer.concat([body.subarray(0, SEALED), body.subarray(SEALED * 2)])],
    ['without the last segment', (body) => body.subarray(0, SEALED * Math.floor(body.length / SEALED))],
    ['with a segment twice', (body) => Buffer.concat([body.subarray(0, SEALED), body])],
    ['with a last segment that is too short', (body) => body.subarray(0, -1)],
    [
      'with less than a tag at the end',
      (body) => body.subarray(0, SEALED * Math.floor(body.length / SEALED) + 5),
    ],
  ])('%s are refused', async (_, change) => {
    const { head, body } = await pack(message, seal)
    await expect(octetsOf(unpack({ head, body: change(body) }, seal))).rejects.toMatchObject({
      code: 'submit/storage',
      permanence: 'permanent',
    })
  })
})

describe('an encrypted body', () => {
  it.each([1, 65_535, 65_536, 65_537, 131_072, 131_073, 300_000])(
    'of %d octets can be opened anywhere',
    async (size) => {
      const content = Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 7919) >> 5))
      const sealed = await all(sealBody(chunksOf(content), one, ID))
      const open = openSealedBody((from) => chunksOf(sealed.subarray(from)), one, ID, size)
      for (const from of [0, 1, 65_535, 65_536, 65_537, 131_072, size - 1].filter((each) => each < size))
        expect((await all(open(from))).equals(content.subarray(from))).toBe(true)
    },
  )
})

it('a body that was cut between two segments is not taken for a shorter one', async () => {
  const sealed = await all(sealBody(chunksOf(Buffer.alloc(131_072)), one, ID))
  const open = openSealedBody((from) => chunksOf(sealed.subarray(from, 65_552)), one, ID, 65_536)
  await expect(all(open(0))).rejects.toMatchObject({ code: 'submit/storage' })
})

async function* chunksOf(octets: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += 9_999) yield octets.subarray(at, at + 9_999)
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Buffer[] = []
  for await (const chunk of chunks) found.push(Buffer.from(chunk))
  return Buffer.concat(found)
}
