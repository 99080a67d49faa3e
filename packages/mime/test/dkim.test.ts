import { generateKeyPairSync } from 'node:crypto'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { describe, expect, it } from 'vitest'
import type { MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose, dkimSigner, type DkimOptions } from '@loudmail/mime'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed25519 = generateKeyPairSync('ed25519')
const RECORDS: Readonly<Record<string, string>> = {
  'rsa._domainkey.example.com': `v=DKIM1; k=rsa; p=${rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
  'ed._domainkey.example.com': `v=DKIM1; k=ed25519; p=${ed25519.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`,
}
const withRsa = dkimSigner({ domain: 'example.com', selector: 'rsa', privateKey: rsa.privateKey })
const withEd25519 = dkimSigner({
  domain: 'example.com',
  selector: 'ed',
  privateKey: ed25519.privateKey.export({ type: 'pkcs8', format: 'pem' }),
})
const both = [withRsa, withEd25519]

const base = { from: 'a@example.com', to: 'b@example.com' } as const
const noise = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, index) => (index * index) >> 5))

async function signed(input: Partial<MessageInput>): Promise<Buffer> {
  const message = 'raw' in input ? { ...input, envelope: base } : { ...base, ...input }
  const { bytes, chunks } = compose(toMessage(message), { dkim: both, eightBitMime: true })
  if (bytes) return bytes
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

const resolver = (name: string) => Promise.resolve([[RECORDS[name] ?? '']])

async function verdicts(bytes: Buffer): Promise<string[]> {
  const { results } = await dkimVerify(bytes, { resolver })
  return results.map(({ status }: { status: { result: string; comment?: string } }) => status.result)
}

describe('a DKIM signature', () => {
  const once = async function* () {
    yield noise
  }
  it.each<[string, Partial<MessageInput>]>([
    ['a short text', { text: 'Hi', subject: 'Grüße '.repeat(30) }],
    ['an empty text', { text: '' }],
    ['blank lines and blanks everywhere', { text: '\n\n a  b\t \n\t\n x \n\n \n\n' }],
    ['blank lines alone', { text: '\n \n\n' }],
    [
      'text, html and a file',
      { text: 'ü', html: '<b>ü</b>', attachments: [{ filename: 'ü', content: noise }] },
    ],
    [
      'many recipients',
      { text: '', to: Array.from({ length: 100 }, (_, index) => `R ${index} <r${index}@example.com>`) },
    ],
    ['an address beyond ASCII', { to: 'ü@example.com', text: 'x' }],
    ['fields that come twice', { text: '', headers: { 'List-Help': ['<a>', '<b>'], 'X-A': 'x' } }],
    ['a file that is opened again', { attachments: [{ filename: 'a', content: () => once() }] }],
    ['a stream that can be read once', { attachments: [{ filename: 'a', content: once() }] }],
    [
      'a file and a stream',
      { attachments: [{ content: () => once() }, { content: once() }, { content: () => once() }] },
    ],
    ['a raw message', { raw: 'From: a@example.com\nSubject:  x \n  y\nSubject: z\n\nhi  there \n\n\n' }],
    ['a raw message with a field that ends in octet A0', { raw: 'From: a@example.com\nSubject: voilà\n\nx' }],
    [
      'a raw stream that can be read once',
      {
        raw: (async function* () {
          yield 'From: a@example.com\r\n\r\nHi'
        })(),
      },
    ],
    ['a raw message without a body', { raw: 'From: a@example.com\nSubject: x\n' }],
    [
      'a raw stream',
      {
        raw: () =>
          (async function* () {
            yield 'From: a@exa'
            yield 'mple.com\r\n\r'
            yield '\n hi \r\n '
            yield '\r\n\r'
            yield '\nx'
          })(),
      },
    ],
  ])('of %s is verified by others', async (_, input) => {
    expect(await verdicts(await signed(input))).toEqual(['pass', 'pass'])
  })

  it('is valid for a file that a transform changes in a different way each time', async () => {
    let times = 0
    const transform = () => Buffer.from(`Content-Type: application/x-sealed\r\n\r\nsealed ${++times}`)
    const message = toMessage({ ...base, attachments: [{ content: () => once() }] })
    const { chunks } = compose(message, { dkim: both, transform })
    const all: Buffer[] = []
    for await (const chunk of chunks!) all.push(chunk)
    expect(await verdicts(Buffer.concat(all))).toEqual(['pass', 'pass'])
    expect(times).toBe(1)
  })

  it('fails to verify after any change', async () => {
    const bytes = await signed({ text: 'Good morning', subject: 'x' })
    const changes: [string, string][] = [
      ['Good morning', 'Good evening'],
      ['Subject: x', 'Subject: y'],
      ['MIME-Version', 'From: c@example.com\r\nMIME-Version'],
    ]
    for (const [one, other] of changes) {
      const changed = Buffer.from(bytes.toString('latin1').replace(one, other), 'latin1')
      expect(await verdicts(changed)).not.toContain('pass')
    }
  })

  it.each(
    [
      [
        'Subject',
        'From',
        'To',
        'Cc',
        'Reply-To',
        'Date',
        'Message-ID',
        'Sender',
        'In-Reply-To',
        'References',
      ],
      [
        'MIME-Version',
        'Content-Type',
        'Content-Transfer-Encoding',
        'List-Unsubscribe',
        'List-Unsubscribe-Post',
      ],
    ].flat(),
  )('fails to verify after a second %s is added in front or at the end', async (name) => {
    const headers = {
      'List-Unsubscribe': '<https://example.com/u>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    }
    const more = {
      sender: 's@example.com',
      replyTo: 'r@example.com',
      cc: 'c@example.com',
      inReplyTo: '<i@x>',
      references: '<i@x>',
    }
    const bytes = await signed({ text: 'x', subject: 'x', headers, ...more })
    expect(await verdicts(bytes)).toEqual(['pass', 'pass'])
    const field = `${name}: added\r\n`
    expect(await verdicts(Buffer.concat([Buffer.from(field), bytes]))).not.toContain('pass')
    const end = bytes.indexOf('\r\n\r\n') + 2
    const last = Buffer.concat([bytes.subarray(0, end), Buffer.from(field), bytes.subarray(end)])
    expect(await verdicts(last)).not.toContain('pass')
  })

  it.each(['Subject', 'Cc', 'Reply-To', 'Content-Type', 'Content-Transfer-Encoding'])(
    'fails to verify after a first %s is added',
    async (name) => {
      const bytes = await signed({ raw: 'From: a@example.com\r\nDate: x\r\n\r\nHi\r\n' })
      expect(await verdicts(Buffer.concat([Buffer.from(`${name}: added\r\n`), bytes]))).not.toContain('pass')
    },
  )

  it.each(['Date', 'Message-ID', 'Sender', 'Received', 'List-Id', 'List-Unsubscribe', 'MIME-Version'])(
    'stays valid after a relay or a list added the %s that was missing',
    async (name) => {
      const bytes = await signed({ raw: 'From: a@example.com\r\n\r\nHi\r\n' })
      expect(await verdicts(Buffer.concat([Buffer.from(`${name}: added\r\n`), bytes]))).toEqual([
        'pass',
        'pass',
      ])
    },
  )

  it('keeps the message in 7bit, which no relay changes', async () => {
    expect((await signed({ text: 'ü' })).every((octet) => octet < 128)).toBe(true)
  })

  it('covers the chosen fields', () => {
    const dkim = dkimSigner({
      domain: 'example.com',
      selector: 'rsa',
      privateKey: rsa.privateKey,
      headers: ['From', 'Subject', 'X-None'],
    })
    const { bytes } = compose(toMessage({ ...base, subject: 'x' }), { dkim })
    expect(bytes!.toString()).toContain(' h=from: subject: x-none;')
  })

  it.each([
    ['neither', ['From', 'Subject']],
    ['one', ['From', 'LIST-UNSUBSCRIBE', 'Subject', 'List-Unsubscribe']],
  ])('covers one-click unsubscribing, also if %s of its fields is chosen', async (_which, headers) => {
    const dkim = dkimSigner({ domain: 'example.com', selector: 'rsa', privateKey: rsa.privateKey, headers })
    const listUnsubscribe = { url: 'https://example.com/u' }
    const { bytes } = compose(toMessage({ ...base, text: 'x', listUnsubscribe }), { dkim })
    const mail = bytes!.toString()
    expect(await verdicts(bytes!)).toEqual(['pass'])
    for (const changed of [
      mail.replace('https://example.com/u', 'https://evil.example/u'),
      mail.replace('From:', 'List-Unsubscribe: <https://evil.example/u>\r\nFrom:'),
      mail.replace('=One-Click', '=One-click'),
      mail.replace('From:', 'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFrom:'),
    ]) {
      expect(changed).not.toBe(mail)
      expect(await verdicts(Buffer.from(changed))).not.toContain('pass')
    }
  })

  it('covers no other List-Unsubscribe than was chosen', () => {
    const dkim = dkimSigner({
      domain: 'example.com',
      selector: 'rsa',
      privateKey: rsa.privateKey,
      headers: ['From'],
    })
    const listUnsubscribe = { mailto: 'leave@example.com' }
    const { bytes } = compose(toMessage({ ...base, text: 'x', listUnsubscribe }), { dkim })
    expect(bytes!.toString()).toContain(' h=from;')
  })

  it('of a stream that changes before it is sent fails before the end is sent', async () => {
    let opened = 0
    const content = async function* () {
      yield `version ${opened++}`
    }
    const { chunks } = compose(toMessage({ ...base, attachments: [{ filename: 'a', content }] }), {
      dkim: withRsa,
    })
    const reading = async () => {
      for await (const chunk of chunks!) expect(chunk.length).toBeGreaterThan(0)
    }
    await expect(reading()).rejects.toMatchObject({ code: 'compose/attachment' })
  })
})

describe('a signer', () => {
  const right = { domain: 'example.com', selector: 'rsa', privateKey: rsa.privateKey }
  it.each<[string, Partial<Record<keyof DkimOptions | 'selektor', unknown>>]>([
    ['domain', { domain: 'bücher.example' }],
    ['domain', { domain: 'example.com; d=evil.example' }],
    ['selector', { selector: '' }],
    ['privateKey', { privateKey: 'secret words' }],
    ['privateKey', { privateKey: rsa.publicKey }],
    ['privateKey', { privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
    ['privateKey', { privateKey: generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey }],
    ['headers', { headers: ['subject'] }],
    ['selektor', { selektor: 'x' }],
  ])('is refused for a wrong %s, without showing it', (name, options) => {
    const making = () => dkimSigner({ ...right, ...options } as DkimOptions)
    expect(making).toThrow(
      expect.objectContaining({ code: 'config/invalid-config', message: expect.stringContaining(name) }),
    )
    expect(making).not.toThrow('secret words')
  })
})
