import { generateKeyPairSync } from 'node:crypto'
import { MailError } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import {
  brevoWebhook,
  handleWebRequest,
  mailgunWebhook,
  memorySeen,
  postmarkWebhook,
  readWebhook,
  resendWebhook,
  sendgridWebhook,
  webhook,
} from '../src/index.ts'
import { RESEND_SECRET, SENDGRID_KEY } from './signers.ts'

const SECRET = 'S3cret-Value~x'
const ec = (namedCurve: string): string =>
  generateKeyPairSync('ec', { namedCurve }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

type Make = (options: never) => unknown
type Case = [make: Make, options: unknown, kind: 'invalid-config' | 'missing-credentials', names: string]

const WRONG: Case[] = [
  [resendWebhook, undefined, 'invalid-config', 'resendWebhook()'],
  [resendWebhook, {}, 'missing-credentials', 'secret'],
  [resendWebhook, { secret: undefined }, 'missing-credentials', 'secret'],
  [resendWebhook, { secret: '' }, 'missing-credentials', 'secret'],
  [resendWebhook, { secret: [] }, 'missing-credentials', 'secret'],
  [resendWebhook, { secret: [RESEND_SECRET, ''] }, 'missing-credentials', 'secret'],
  [resendWebhook, { secret: SECRET }, 'invalid-config', 'whsec_'],
  [resendWebhook, { secret: `whsec_${SECRET}` }, 'invalid-config', 'whsec_'],
  [resendWebhook, { secret: 'whsec_' }, 'invalid-config', 'whsec_'],
  [resendWebhook, { secret: ` ${RESEND_SECRET}` }, 'invalid-config', 'white space'],
  [resendWebhook, { secret: 12_345_678 }, 'invalid-config', 'secret'],
  [resendWebhook, { secret: RESEND_SECRET, signingKey: SECRET }, 'invalid-config', 'signingKey'],
  [resendWebhook, { secret: RESEND_SECRET, toleranceMs: -1 }, 'invalid-config', 'toleranceMs'],
  [resendWebhook, { secret: RESEND_SECRET, toleranceMs: Number.NaN }, 'invalid-config', 'toleranceMs'],
  [sendgridWebhook, {}, 'missing-credentials', 'publicKey'],
  [sendgridWebhook, { publicKey: [undefined] }, 'missing-credentials', 'publicKey'],
  [sendgridWebhook, { publicKey: SECRET }, 'invalid-config', 'P-256'],
  [sendgridWebhook, { publicKey: ec('secp384r1') }, 'invalid-config', 'P-256'],
  [sendgridWebhook, { publicKey: privateKey }, 'invalid-config', 'publicKey'],
  [sendgridWebhook, { publicKey: SENDGRID_KEY, toleranceMs: '5' }, 'invalid-config', 'toleranceMs'],
  [mailgunWebhook, {}, 'missing-credentials', 'signingKey'],
  [mailgunWebhook, { signingKey: `${SECRET}\n` }, 'invalid-config', 'white space'],
  [mailgunWebhook, { apiKey: SECRET }, 'invalid-config', 'apiKey'],
  [postmarkWebhook, {}, 'missing-credentials', 'user'],
  [postmarkWebhook, { user: 'shop' }, 'missing-credentials', 'password'],
  [postmarkWebhook, { user: 'a:b', password: SECRET }, 'invalid-config', 'colon'],
  [postmarkWebhook, { user: ['shop', 'other'], password: SECRET }, 'invalid-config', 'one string'],
  [postmarkWebhook, { token: `${SECRET}\u00E9`, header: 'X' }, 'invalid-config', 'ASCII'],
  [postmarkWebhook, { token: SECRET }, 'invalid-config', 'header'],
  [postmarkWebhook, { token: SECRET, header: 'X Y' }, 'invalid-config', 'header'],
  [postmarkWebhook, { token: undefined, header: 'X' }, 'missing-credentials', 'token'],
  [postmarkWebhook, { token: SECRET, header: 'X', user: 'shop' }, 'invalid-config', 'not both'],
  [brevoWebhook, {}, 'missing-credentials', 'user'],
  [brevoWebhook, { token: undefined }, 'missing-credentials', 'token'],
  [brevoWebhook, { token: [SECRET, `${SECRET}\nx`] }, 'invalid-config', 'ASCII'],
  [brevoWebhook, { token: SECRET, header: '' }, 'invalid-config', 'header'],
  [brevoWebhook, { token: SECRET, user: 'shop', password: SECRET }, 'invalid-config', 'not both'],
  [memorySeen, { most: 0 }, 'invalid-config', 'most'],
]

describe('an option that is missing or wrong', () => {
  it.each(WRONG)('%o %o is an error when the source is made', (make, options, kind, names) => {
    const error = thrownBy(() => make(options as never))
    expect(error).toMatchObject({ stage: 'config', kind })
    expect(error.message).toContain(names)
    expect(error.message).not.toContain(SECRET)
  })

  const source = resendWebhook({ secret: RESEND_SECRET })
  it.each([
    [undefined, () => {}, {}, 'needs a source'],
    [{ read: () => {} }, () => {}, {}, 'needs a source'],
    [source, undefined, {}, 'needs a function'],
    [source, () => {}, { maxBytes: 0 }, 'maxBytes'],
    [source, () => {}, { bodyTimeoutMs: 0 }, 'bodyTimeoutMs'],
    [source, () => {}, { seen: new Map([['a', 'b']]).keys() }, 'seen'],
    [source, () => {}, { onProblem: 'log' }, 'onProblem'],
    [source, () => {}, { onproblem: () => {} }, 'onProblem'],
  ])('of a handler is an error, too: %#', (given, onNews, options, names) => {
    for (const make of [webhook, handleWebRequest] as unknown as ((...of: unknown[]) => unknown)[])
      expect(thrownBy(() => make(given, onNews, options)).message).toContain(names)
  })

  it('of readWebhook() is an error, too', async () => {
    const request = new Request('http://127.0.0.1/', { method: 'POST' })
    await expect(readWebhook(undefined as never, request)).rejects.toThrow('needs a source')
    await expect(readWebhook(source, request, { maxBytes: 0 })).rejects.toThrow('maxBytes')
    await expect(readWebhook(source, request, { bodyTimeoutMs: 0 })).rejects.toThrow('bodyTimeoutMs')
    await expect(readWebhook(source, request, { most: 1 } as never)).rejects.toThrow('most')
  })
})

function thrownBy(act: () => unknown): MailError {
  try {
    act()
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
