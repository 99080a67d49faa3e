import { MailError } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sealWith } from '../src/message/encryption/seal.ts'
import { writeHead } from '../src/message/head-octets.ts'
import { SmallContent } from '../src/message/small-content.ts'
import { ID, octetsOf, pack, unpack, type Kept } from './packed.ts'
import { unpackMessage } from '../src/message/unpack-message.ts'

const seal = sealWith({ keys: { a: Buffer.alloc(32, 1) } })
const message = toMessage({
  from: 'ann@sender.example',
  to: 'bob@rcpt.example',
  text: 'Hi',
  transportData: { at: new Date(0) },
  attachments: [{ content: 'small' }, { content: Buffer.alloc(200_000, 'x'), filename: 'a.bin' }],
})

/** What a worker would send: its octets, or the failure. Anything else fails the test. */
async function outcome(kept: Kept, own?: typeof seal): Promise<string | MailError> {
  try {
    return await octetsOf(unpack(kept, own))
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
}

describe.each([
  ['in clear', undefined],
  ['encrypted', seal],
])('a message that was kept %s', (_, own) => {
  it('is never sent with changed octets', async () => {
    const kept = await pack(message, own)
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (inHead, at, flip) => {
        const { head, body } = { head: Buffer.from(kept.head), body: Buffer.from(kept.body) }
        const changed = inHead ? head : body
        changed[at % changed.length]! ^= flip
        const result = await outcome({ head, body }, own)
        expect(result).toMatchObject({ code: 'submit/storage', delivered: 'none' })
      }),
      { numRuns: 300 },
    )
  })

  it('is never sent without its end', async () => {
    const kept = await pack(message, own)
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.nat(), async (inHead, at) => {
        const { head, body } = kept
        const cut = inHead
          ? { head: head.subarray(0, at % head.length), body }
          : { head, body: body.subarray(0, at % body.length) }
        expect(await outcome(cut, own)).toMatchObject({ code: 'submit/storage', permanence: 'permanent' })
      }),
      { numRuns: 100 },
    )
  })

  it('any other octets are a failure', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(1, 2, 3),
        async (octets, format) => {
          const head = Buffer.from([format, ...octets])
          expect(await outcome({ head, body: Buffer.alloc(0) }, own)).toMatchObject({
            code: 'submit/storage',
          })
        },
      ),
      { numRuns: 300 },
    )
  })

  it('any other JSON is a failure, or a message', () => {
    const field = fc.constantFrom(
      'envelope',
      'fields',
      'date',
      'text',
      'raw',
      'attachments',
      'transportData',
      'body',
    )
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), (json) => {
        const head = writeHead(JSON.stringify(json), new SmallContent())
        try {
          expect(unpack({ head, body: Buffer.alloc(0) }, own).replayable).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'submit/storage' })
        }
      }),
    )
  })
})

it('JSON that is nested very deeply is a failure', () => {
  const value = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
  const json = `{"envelope":{"from":"","to":[]},"fields":{},"transportData":${value}}`
  expect(() => unpack({ head: writeHead(json, new SmallContent()), body: Buffer.alloc(0) })).toThrow(
    expect.objectContaining({ code: 'submit/storage' }),
  )
})

it('content that is not there is a failure', () => {
  const json = '{"envelope":{"from":"","to":[]},"fields":{},"text":{"in":"head","from":0,"size":1}}'
  expect(() => unpack({ head: writeHead(json, new SmallContent()), body: Buffer.alloc(0) })).toThrow(
    'too short',
  )
})

it('a field cannot change the prototype of a message', () => {
  const json = '{"envelope":{"from":"","to":[]},"fields":{"__proto__":{}}}'
  expect(() => unpack({ head: writeHead(json, new SmallContent()), body: Buffer.alloc(0) })).toThrow(
    'submit/storage',
  )
})

it('a message of a later version waits for that version', () => {
  expect(() => unpackMessage(ID, Buffer.from([3, 1, 2]), () => message.envelope as never)).toThrow(
    expect.objectContaining({
      code: 'submit/storage',
      scope: 'transport',
      permanence: 'transient',
      hint: expect.stringContaining('later version'),
    }),
  )
})

it('a message that was dropped is a failure', () => {
  expect(() => unpack({ head: Buffer.alloc(0), body: Buffer.alloc(0) })).toThrow('its content was removed')
})
