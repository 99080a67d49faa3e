import { expect, it } from 'vitest'
import { AwsV4Signer } from 'aws4fetch'
import { ses } from '../../src/ses/index.ts'
import { messageTo, serverForAll } from '../suites.ts'
import { readAuthorization, signatureOf } from './signature-version-4.ts'

// The key of AWS's own examples.
const accessKeyId = 'AKIDEXAMPLE'
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const scope = '20150830/us-east-1/service/aws4_request'
const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' }

/** Test vectors of AWS (aws-sig-v4-test-suite), and the example of its documentation. */
const VECTORS = [
  {
    name: 'get-vanilla',
    request: { method: 'GET', target: '/', headers, body: Buffer.alloc(0) },
    signed: ['host', 'x-amz-date'],
    scope,
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'post-vanilla',
    request: { method: 'POST', target: '/', headers, body: Buffer.alloc(0) },
    signed: ['host', 'x-amz-date'],
    scope,
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-x-www-form-urlencoded',
    request: {
      method: 'POST',
      target: '/',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from('Param1=value1'),
    },
    signed: ['content-type', 'host', 'x-amz-date'],
    scope,
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'the list of users of IAM',
    request: {
      method: 'GET',
      target: '/?Action=ListUsers&Version=2010-05-08',
      headers: {
        ...headers,
        host: 'iam.amazonaws.com',
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      },
      body: Buffer.alloc(0),
    },
    signed: ['content-type', 'host', 'x-amz-date'],
    scope: '20150830/us-east-1/iam/aws4_request',
    signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
]

it.each(VECTORS)('the check itself computes the signature that AWS publishes: $name', (vector) => {
  const { request, signed, signature } = vector
  expect(signatureOf(request, signed, vector.scope, secretAccessKey)).toBe(signature)
})

it.each(VECTORS.slice(0, 2))(
  'the library computes the signature that AWS publishes: $name',
  async (vector) => {
    const { method } = vector.request
    const datetime = headers['x-amz-date']
    const url = 'https://example.amazonaws.com/'
    const region = 'us-east-1'
    const signer = new AwsV4Signer({
      method,
      url,
      accessKeyId,
      secretAccessKey,
      service: 'service',
      region,
      datetime,
    })
    expect(await signer.signature()).toBe(vector.signature)
  },
)

const home = serverForAll()

it.each([
  ['a small message', 'It is ready.', undefined],
  ['a large message beyond ASCII', 'Tee für Käthe ☕\n'.repeat(200_000), undefined],
  ['a temporary key', 'It is ready.', 'FwoGZXIvYXdzEBYaDExampleToken/+=='],
])('a request is signed as AWS checks it: %s', async (_what, text, sessionToken) => {
  const { server } = home
  server.play({ status: 200, body: { MessageId: 'id-1' } })
  server.clear()
  const transport = ses({ region: 'eu-west-1', accessKeyId, secretAccessKey, sessionToken, url: server.url })
  await transport.send(messageTo({ text }))
  const [request] = server.requests
  const {
    accessKeyId: id,
    scope: own,
    signed,
    signature,
  } = readAuthorization(request!.headers['authorization']!)
  expect(id).toBe(accessKeyId)
  expect(own).toMatch(/^\d{8}\/eu-west-1\/ses\/aws4_request$/)
  expect(own.slice(0, 8)).toBe(request!.headers['x-amz-date']!.slice(0, 8))
  // AWS refuses a request that is 15 minutes away from its time.
  expect(Math.abs(Date.now() - timeOf(request!.headers['x-amz-date']!))).toBeLessThan(900_000)
  expect(signed).toEqual(['host', 'x-amz-date', ...(sessionToken ? ['x-amz-security-token'] : [])])
  expect(request!.headers['x-amz-security-token']).toBe(sessionToken)
  expect(signature).toBe(signatureOf(request!, signed, own, secretAccessKey))
})

it('the request of verify() is signed, too', async () => {
  const { server } = home
  server.play({ status: 200, body: { SendingEnabled: true } })
  server.clear()
  await ses({ region: 'us-east-1', accessKeyId, secretAccessKey, url: server.url }).verify!()
  const [request] = server.requests
  expect(request).toMatchObject({ method: 'GET', target: '/v2/email/account' })
  const { scope: own, signed, signature } = readAuthorization(request!.headers['authorization']!)
  expect(signature).toBe(signatureOf(request!, signed, own, secretAccessKey))
})

/** `20150830T123600Z` */
function timeOf(date: string): number {
  return Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}
