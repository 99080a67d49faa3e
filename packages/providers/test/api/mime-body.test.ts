import { Readable } from 'node:stream'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { dkimSigner } from '@loudmail/mime'
import { expect, it } from 'vitest'
import { mimeBody, mimeOptionsOf } from '../../src/api/mime-body.ts'

const base: MessageInput = {
  from: 'Tea shop <tea@sender.example>',
  to: ['Bob <bob@rcpt.example>', 'carol@rcpt.example'],
  cc: 'dave@rcpt.example',
  bcc: 'erin@rcpt.example',
  subject: 'Grüße',
  text: 'Hello',
}
const options = { signal: undefined }
const byHeader = { signal: undefined, recipientsInHeader: 'Gmail' }

function rawInput(header: string, to: readonly string[]): MessageInput {
  return {
    raw: `From: tea@sender.example\r\n${header}\r\n\r\nHello\r\nBcc: in the text\r\n`,
    envelope: { from: 'tea@sender.example', to },
  }
}

it('composes without Bcc', async () => {
  const { bytes, smtputf8 } = await mimeBody(toMessage(base), options)
  expect(String(bytes)).toMatch(
    /^To: Bob <bob@rcpt\.example>, carol@rcpt\.example\r\nCc: dave@rcpt\.example\r$/m,
  )
  expect(String(bytes)).not.toContain('erin')
  expect(smtputf8).toBe(false)
})

it('writes Bcc in front for an API that reads the recipients from the header', async () => {
  const { bytes } = await mimeBody(
    toMessage({ ...base, bcc: ['erin@rcpt.example', 'frank@rcpt.example'] }),
    byHeader,
  )
  expect(String(bytes)).toMatch(/^Bcc: erin@rcpt\.example,\r\n frank@rcpt\.example\r\nDate: /)
})

it('leaves those out of the header who already have the message', async () => {
  const message = toMessage(base).forRecipients(['carol@rcpt.example', 'erin@rcpt.example'])
  const { bytes } = await mimeBody(message, byHeader)
  expect(String(bytes)).toMatch(/^Bcc: erin@rcpt\.example\r\n[^]*^To: carol@rcpt\.example\r\nSubject/m)
  expect(String(bytes)).not.toMatch(/bob@|dave@/)
})

it('keeps a raw message octet for octet', async () => {
  const input = rawInput('To: bob@rcpt.example', ['bob@rcpt.example'])
  expect(String((await mimeBody(toMessage(input), options)).bytes)).toBe(input.raw)
  expect(String((await mimeBody(toMessage(input), byHeader)).bytes)).toBe(input.raw)
})

it('writes the Bcc of a raw message anew', async () => {
  const header =
    'To: Bob <BOB@rcpt.example>,\r\n carol@RCPT.example\r\nBcc: x@rcpt.example,\r\n y@rcpt.example\r\nCc:'
  const message = toMessage(rawInput(header, ['BOB@rcpt.example', 'carol@rcpt.example', 'erin@rcpt.example']))
  expect(String((await mimeBody(message, byHeader)).bytes)).toBe(
    [
      'Bcc: erin@rcpt.example',
      'From: tea@sender.example',
      'To: Bob <BOB@rcpt.example>,',
      ' carol@RCPT.example',
      'Cc:',
      '',
      'Hello',
      'Bcc: in the text',
      '',
    ].join('\r\n'),
  )
})

it.each([
  ['To: bob@rcpt.example, mallory@rcpt.example', /names 1 that its envelope does not/],
  ['To: bob@rcpt.example\r\nCc: a@x.example, b@x.example', /names 2 that/],
  ['Resent-To: mallory@rcpt.example', /names 1 that/],
  ['To: Bob <bob@rcpt.example', /the field To of the raw message cannot be read/],
])('refuses a raw message that would reach others: %s', async (header, summary) => {
  await expect(mimeBody(toMessage(rawInput(header, ['bob@rcpt.example'])), byHeader)).rejects.toMatchObject({
    code: 'compose/invalid-message',
    summary: expect.stringMatching(summary) as string,
  })
})

it('reads a raw message that is nothing but a header', async () => {
  const raw = 'From: tea@sender.example\r\nTo: bob@rcpt.example\r\nBcc: bob@rcpt.example'
  const message = toMessage({ raw, envelope: { from: 'tea@sender.example', to: 'bob@rcpt.example' } })
  expect(String((await mimeBody(message, byHeader)).bytes)).toBe(
    'From: tea@sender.example\r\nTo: bob@rcpt.example\r\n',
  )
})

it('takes somebody whom the header names twice for one', async () => {
  const input = rawInput('To: bob@rcpt.example, Bob <bob@rcpt.example>\r\nCc: bob@rcpt.example', [
    'bob@rcpt.example',
  ])
  expect(String((await mimeBody(toMessage(input), byHeader)).bytes)).toBe(input.raw)
  const { bytes } = await mimeBody(
    toMessage({ ...base, cc: 'Bob <bob@rcpt.example>', bcc: undefined }),
    byHeader,
  )
  expect(String(bytes)).toMatch(
    /^To: Bob <bob@rcpt\.example>, carol@rcpt\.example\r\nCc: Bob <bob@rcpt\.example>\r$/m,
  )
})

it('knows a group without members', async () => {
  const message = toMessage(rawInput('To: undisclosed-recipients:;', ['bob@rcpt.example']))
  expect(String((await mimeBody(message, byHeader)).bytes)).toMatch(/^Bcc: bob@rcpt\.example\r\nFrom/)
})

it('reads files and streams into memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loudmail-'))
  try {
    const content = Buffer.alloc(200_000, 'content ')
    await writeFile(join(folder, 'a.bin'), content)
    const file = { path: join(folder, 'a.bin') }
    const stream = { filename: 'b.bin', content: () => Readable.from([content]) }
    const base64 = content.toString('base64').replaceAll(/.{76}/g, '$&\r\n')
    for (const attachments of [
      [file],
      [stream],
      [file, { filename: 'c.bin', content: Readable.from([content]) }],
    ]) {
      const { bytes } = await mimeBody(toMessage({ ...base, attachments }), byHeader)
      expect(String(bytes).split(base64)).toHaveLength(attachments.length + 1)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('signs, also a stream that is read once', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const dkim = dkimSigner({ domain: 'sender.example', selector: 's', privateKey })
  const attachments = [{ filename: 'b.bin', content: Readable.from([Buffer.alloc(100_000)]) }]
  const { bytes } = await mimeBody(toMessage({ ...base, attachments }), { ...byHeader, dkim })
  expect(String(bytes)).toMatch(/^Bcc: erin@rcpt\.example\r\nDKIM-Signature: /)
  expect(String(bytes)).toMatch(/--\r\n$/)
})

it('says that an address needs SMTPUTF8', async () => {
  const { smtputf8 } = await mimeBody(toMessage({ ...base, to: 'jörg@rcpt.example' }), options)
  expect(smtputf8).toBe(true)
})

it('refuses what is no signer and no function', () => {
  expect(() => mimeOptionsOf('ses()', { dkim: {} as never })).toThrow(/ses\(\) dkim must be a signer/)
  expect(() => mimeOptionsOf('ses()', { transform: 'x' as never })).toThrow(
    /ses\(\) transform must be a function/,
  )
})
