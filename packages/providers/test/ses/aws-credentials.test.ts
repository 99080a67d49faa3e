import { MailError, transportFromUrl } from '@loudmail/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { providerSchemes } from '../../src/index.ts'
import { ses, type AwsCredentials } from '../../src/ses/index.ts'
import { failureOf, messageTo, serverForAll, shown } from '../suites.ts'
import { readAuthorization, signatureOf } from './signature-version-4.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const ACCEPTED = { status: 200, body: { MessageId: 'id-1' } }
const EXPIRED = {
  status: 403,
  headers: { 'x-amzn-ErrorType': 'ExpiredTokenException' },
  body: { message: 'The security token included in the request is expired' },
}
const home = serverForAll()
const region = 'eu-west-1'

beforeEach(() => {
  for (const name of ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN', 'REGION', 'DEFAULT_REGION'])
    vi.stubEnv(`AWS_${name}`, undefined)
  home.server.play(ACCEPTED)
  home.server.clear()
})
afterEach(() => vi.unstubAllEnvs())

/** The keys that signed the requests, whose signatures are right. */
function signers(secrets: Readonly<Record<string, string>>): string[] {
  return home.server.requests.map((request) => {
    const { accessKeyId, signed, scope, signature } = readAuthorization(request.headers['authorization']!)
    expect(signature).toBe(signatureOf(request, signed, scope, secrets[accessKeyId]!))
    return accessKeyId
  })
}

/** A function as @aws-sdk/credential-providers makes them: a new key at every call. */
function keys(more: Partial<AwsCredentials> = {}): {
  credentials: () => Promise<AwsCredentials>
  calls: () => number
} {
  let calls = 0
  const credentials = async (): Promise<AwsCredentials> => {
    calls++
    return {
      accessKeyId: `ASIA${calls}`,
      secretAccessKey: `secret-${calls}`,
      sessionToken: `token-${calls}`,
      ...more,
    }
  }
  return { credentials, calls: () => calls }
}
const SECRETS = { ASIA1: 'secret-1', ASIA2: 'secret-2', ASIA3: 'secret-3' }

describe('the environment', () => {
  it('gives the key, its token and the region', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'ASIAENV')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET)
    vi.stubEnv('AWS_SESSION_TOKEN', 'token-env')
    vi.stubEnv('AWS_REGION', 'eu-central-1')
    await ses({ url: home.server.url }).send(messageTo())
    const [request] = home.server.requests
    expect(request!.headers).toMatchObject({ 'x-amz-security-token': 'token-env' })
    expect(request!.headers['authorization']).toContain('/eu-central-1/ses/aws4_request')
    expect(signers({ ASIAENV: SECRET })).toEqual(['ASIAENV'])
  })

  it('is used by a URL without a key, and without a region', () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET)
    vi.stubEnv('AWS_DEFAULT_REGION', 'eu-central-1')
    expect(transportFromUrl('ses://us-east-2', providerSchemes).name).toBe(
      'ses(email.us-east-2.amazonaws.com)',
    )
    expect(transportFromUrl('ses://', providerSchemes).name).toBe('ses(email.eu-central-1.amazonaws.com)')
    expect(ses().name).toBe('ses(email.eu-central-1.amazonaws.com)')
  })

  it('is named if it has no key or no region', () => {
    expect(() => ses({ region })).toThrow(/AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/)
    expect(() => ses({ accessKeyId: 'AKIA', secretAccessKey: SECRET })).toThrow(/AWS_REGION/)
  })

  it('gives no token to a key of the options', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'token-env')
    await ses({ region, accessKeyId: 'AKIA', secretAccessKey: SECRET, url: home.server.url }).send(
      messageTo(),
    )
    expect(home.server.requests[0]!.headers).not.toHaveProperty('x-amz-security-token')
  })
})

describe('credentials()', () => {
  it('is called once for all messages that begin together, and for those after them', async () => {
    const { credentials, calls } = keys({ expiration: new Date(Date.now() + 3_600_000) })
    const transport = ses({ region, credentials, url: home.server.url })
    await Promise.all([transport.send(messageTo()), transport.send(messageTo())])
    await transport.send(messageTo())
    expect(calls()).toBe(1)
    expect(signers(SECRETS)).toEqual(['ASIA1', 'ASIA1', 'ASIA1'])
  })

  it('is called again shortly before the key ends', async () => {
    const { credentials } = keys({ expiration: new Date(Date.now() + 240_000) })
    const transport = ses({ region, credentials, url: home.server.url })
    await transport.send(messageTo())
    await transport.send(messageTo())
    expect(signers(SECRETS)).toEqual(['ASIA1', 'ASIA2'])
  })

  it('is called again if AWS says that the key has ended, and the message is sent with the new one', async () => {
    home.server.play([EXPIRED, ACCEPTED])
    const { credentials } = keys()
    const delivery = await ses({ region, credentials, url: home.server.url }).send(messageTo())
    expect(delivery.state).toBe('sent')
    expect(signers(SECRETS)).toEqual(['ASIA1', 'ASIA2'])
  })

  it('is called again only once for a message', async () => {
    home.server.play(EXPIRED)
    const { credentials } = keys()
    const error = await failureOf(ses({ region, credentials, url: home.server.url }))
    expect(error).toMatchObject({ kind: 'bad-credentials', permanence: 'permanent', delivered: 'none' })
    expect(signers(SECRETS)).toEqual(['ASIA1', 'ASIA2'])
  })

  it('is not called again for a wrong signature', async () => {
    home.server.play({ status: 403, headers: { 'x-amzn-ErrorType': 'SignatureDoesNotMatch' }, body: {} })
    const { credentials, calls } = keys()
    await failureOf(ses({ region, credentials, url: home.server.url }))
    expect(calls()).toBe(1)
  })

  it('that fails is a failure before anything is sent, without what it shows', async () => {
    const credentials = async (): Promise<never> => {
      throw new Error('the role cannot be assumed')
    }
    const error = await failureOf(ses({ region, credentials, url: home.server.url }))
    expect(error).toMatchObject({
      code: 'submit/missing-credentials',
      permanence: 'transient',
      delivered: 'none',
    })
    expect(String(error.cause)).toContain('the role cannot be assumed')
    expect(home.server.requests).toEqual([])
  })

  it('that never ends does not hold up who gives up', async () => {
    const controller = new AbortController()
    const credentials = (): Promise<never> => {
      queueMicrotask(() => controller.abort())
      return new Promise(() => {})
    }
    const transport = ses({ region, credentials, url: home.server.url })
    const sending = transport.send(messageTo(), { signal: controller.signal })
    await expect(sending).rejects.toMatchObject({ kind: 'aborted', delivered: 'none' })
    expect(home.server.requests).toEqual([])
  })

  it('that throws a MailError decides', async () => {
    const own = new MailError({
      stage: 'submit',
      kind: 'service-unavailable',
      summary: 'the vault is sealed',
    })
    const credentials = (): Promise<never> => Promise.reject(own)
    const error = await failureOf(ses({ region, credentials, url: home.server.url }))
    expect(error).toMatchObject({ code: 'submit/service-unavailable', summary: 'the vault is sealed' })
  })

  it.each([
    undefined,
    { accessKeyId: 'A' },
    { accessKeyId: 'A', secretAccessKey: 'b c' },
    { accessKeyId: 'A', secretAccessKey: 'b', sessionToken: 1 },
    { accessKeyId: 'A', secretAccessKey: 'b', expiration: '2026-11-27' },
    { accessKeyId: 'A', secretAccessKey: 'b', expiration: new Date('never') },
  ])('that returns %j is a failure', async (value) => {
    const credentials = (): Promise<AwsCredentials> => Promise.resolve(value as unknown as AwsCredentials)
    const error = await failureOf(ses({ region, credentials, url: home.server.url }))
    expect(error).toMatchObject({
      code: 'submit/missing-credentials',
      permanence: 'permanent',
      delivered: 'none',
    })
    expect(error.summary).toMatch(/something else than a key/)
  })

  it('leads to no error that shows its keys, whatever AWS repeats', async () => {
    const { credentials } = keys({ secretAccessKey: SECRET, sessionToken: 'FwoGZXIvYXdzEBYaDExample' })
    const message = `The canonical string should have been x-amz-security-token:FwoGZXIvYXdzEBYaDExample ${SECRET}`
    home.server.play({
      status: 403,
      headers: { 'x-amzn-ErrorType': 'InvalidSignatureException' },
      body: { message },
    })
    const text = shown(await failureOf(ses({ region, credentials, url: home.server.url })))
    expect(text).toContain('The canonical string should have been')
    expect(text).not.toContain('FwoGZXIvYXdzEBYaDExample')
    expect(text).not.toContain(SECRET)
  })
})
