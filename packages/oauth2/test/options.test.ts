import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { clientCredentials, google, microsoft, refreshToken } from '../src/index.ts'
import { everything, failureOf } from './failure-of.ts'
import { rsaCertificate } from './rsa-certificate.ts'

const SECRET = 'S3cret-Value~x'
const tokenUrl = 'https://login.example/token'
const app = { tokenUrl, clientId: 'shop', clientSecret: SECRET }
const user = { tokenUrl, clientId: 'shop', refreshToken: SECRET }
const tenant = { tenant: 'tea.example', clientId: 'shop' }
const { key, cert } = rsaCertificate
const pem = { type: 'pkcs8', format: 'pem' } as const
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export(pem).toString()
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem).toString()
const account = { client_email: 'mail@tea.iam.example', private_key: rsa, project_id: 'tea' }
const delegated = { serviceAccount: account, subject: 'ann@tea.example' }

type Make = (options: never) => unknown
type Case = [make: Make, options: unknown, code: 'invalid-config' | 'missing-credentials', names: string]

const WRONG: Case[] = [
  [clientCredentials, undefined, 'invalid-config', 'clientCredentials()'],
  [clientCredentials, { ...app, secret: SECRET }, 'invalid-config', '"secret"'],
  [clientCredentials, { ...app, clientId: undefined }, 'missing-credentials', 'clientId'],
  [clientCredentials, { ...app, clientSecret: undefined }, 'missing-credentials', 'clientSecret'],
  [clientCredentials, { ...app, clientSecret: '' }, 'missing-credentials', 'clientSecret'],
  [clientCredentials, { ...app, clientSecret: null }, 'missing-credentials', 'clientSecret'],
  [clientCredentials, { ...app, clientSecret: 12_345_678 }, 'invalid-config', 'clientSecret'],
  [
    clientCredentials,
    { ...app, clientSecret: `${SECRET}\n` },
    'invalid-config',
    'clientSecret begins or ends with white space',
  ],
  [clientCredentials, { ...app, clientSecret: ` ${SECRET}` }, 'invalid-config', 'clientSecret'],
  [clientCredentials, { ...app, tokenUrl: undefined }, 'invalid-config', 'tokenUrl'],
  [clientCredentials, { ...app, tokenUrl: '' }, 'invalid-config', 'tokenUrl'],
  [clientCredentials, { ...app, tokenUrl: 'login.example/token' }, 'invalid-config', 'https://'],
  [clientCredentials, { ...app, tokenUrl: 'http://login.example/token' }, 'invalid-config', 'https://'],
  [clientCredentials, { ...app, tokenUrl: new URL('http://10.0.0.1/token') }, 'invalid-config', 'https://'],
  [clientCredentials, { ...app, tokenUrl: 'http://localhost.example/' }, 'invalid-config', 'https://'],
  [
    clientCredentials,
    { ...app, tokenUrl: `https://x:${SECRET}@login.example/` },
    'invalid-config',
    'tokenUrl',
  ],
  [clientCredentials, { ...app, tokenUrl: `https://${SECRET}@login.example/` }, 'invalid-config', 'tokenUrl'],
  [clientCredentials, { ...app, scope: '' }, 'invalid-config', 'scope'],
  [clientCredentials, { ...app, scope: ['a', 'b'] }, 'invalid-config', 'scope'],
  [clientCredentials, { ...app, scope: 'a\nb' }, 'invalid-config', 'scope'],
  [clientCredentials, { ...app, timeoutMs: 0 }, 'invalid-config', 'timeoutMs'],
  [clientCredentials, { ...app, timeoutMs: Number.NaN }, 'invalid-config', 'timeoutMs'],
  [clientCredentials, { ...app, timeoutMs: '10' }, 'invalid-config', 'timeoutMs'],
  [refreshToken, { ...user, refreshToken: undefined }, 'missing-credentials', 'refreshToken'],
  [refreshToken, { ...user, refreshToken: `${SECRET}\r\n` }, 'invalid-config', 'refreshToken'],
  [refreshToken, { ...user, clientId: '' }, 'missing-credentials', 'clientId'],
  [refreshToken, { ...user, clientSecret: '' }, 'missing-credentials', 'clientSecret'],
  [refreshToken, { ...user, onRefreshToken: 'store' }, 'invalid-config', 'onRefreshToken'],
  [microsoft, { ...tenant }, 'missing-credentials', 'clientSecret, certificate or refreshToken'],
  [microsoft, { ...tenant, clientSecret: undefined }, 'missing-credentials', 'clientSecret'],
  [microsoft, { ...tenant, clientSecret: SECRET, tenant: undefined }, 'missing-credentials', 'tenant'],
  [microsoft, { ...tenant, clientSecret: SECRET, tenant: 'tea/../x' }, 'invalid-config', 'tenant'],
  [microsoft, { ...tenant, clientSecret: SECRET, tenant: 'common' }, 'invalid-config', 'tenant'],
  [microsoft, { ...tenant, clientSecret: SECRET, clientId: undefined }, 'missing-credentials', 'clientId'],
  [
    microsoft,
    { ...tenant, clientSecret: SECRET, authority: 'http://login.example' },
    'invalid-config',
    'authority',
  ],
  [
    microsoft,
    { ...tenant, clientSecret: SECRET, onRefreshToken: () => {} },
    'invalid-config',
    'onRefreshToken',
  ],
  [microsoft, { ...tenant, clientSecret: SECRET, certificate: { key, cert } }, 'invalid-config', 'not both'],
  [
    microsoft,
    { ...tenant, certificate: { key, cert: undefined } },
    'missing-credentials',
    'certificate.cert',
  ],
  [microsoft, { ...tenant, certificate: { cert } }, 'missing-credentials', 'certificate.key'],
  [microsoft, { ...tenant, certificate: { key, cert: SECRET } }, 'invalid-config', 'certificate.cert'],
  [microsoft, { ...tenant, certificate: { key: SECRET, cert } }, 'invalid-config', 'certificate.key'],
  [microsoft, { ...tenant, certificate: { key: rsa, cert } }, 'invalid-config', 'does not belong'],
  [microsoft, { ...tenant, certificate: { key, cert, pfx: SECRET } }, 'invalid-config', 'pfx'],
  [google, {}, 'missing-credentials', 'serviceAccount'],
  [google, { clientId: 'shop', clientSecret: SECRET }, 'missing-credentials', 'refreshToken'],
  [google, { clientId: 'shop', refreshToken: SECRET }, 'missing-credentials', 'clientSecret'],
  [google, { ...delegated, refreshToken: SECRET }, 'invalid-config', 'refreshToken'],
  [google, { ...delegated, subject: undefined }, 'missing-credentials', 'subject'],
  [google, { ...delegated, subject: 'ann' }, 'invalid-config', 'subject'],
  [google, { subject: 'ann@tea.example' }, 'missing-credentials', 'serviceAccount'],
  [google, { ...delegated, serviceAccount: '' }, 'missing-credentials', 'serviceAccount'],
  [google, { ...delegated, serviceAccount: './key.json' }, 'invalid-config', 'not its path'],
  [google, { ...delegated, serviceAccount: `{"private_key":"${SECRET}` }, 'invalid-config', 'serviceAccount'],
  [google, { ...delegated, serviceAccount: '7' }, 'invalid-config', 'serviceAccount'],
  [google, { ...delegated, serviceAccount: { private_key: rsa } }, 'missing-credentials', 'client_email'],
  [
    google,
    { ...delegated, serviceAccount: { ...account, private_key: '' } },
    'missing-credentials',
    'private_key',
  ],
  [
    google,
    { ...delegated, serviceAccount: { ...account, private_key: SECRET } },
    'invalid-config',
    'private_key',
  ],
  [google, { ...delegated, serviceAccount: { ...account, private_key: ec } }, 'invalid-config', 'RSA'],
]

describe('wrong options are refused at once, by name', () => {
  it.each(WRONG.map(([make, options, code, names]) => [make.name, names, code, make, options] as const))(
    '%s: %s is %s',
    async (_owner, names, code, make, options) => {
      const error = await failureOf(() => make(options as never))
      expect(error.code).toBe(`config/${code}`)
      expect(error.summary).toContain(names)
      for (const secret of [SECRET, '12345678', rsa.slice(100, 140)])
        expect(everything(error)).not.toContain(secret)
    },
  )
})

describe('options that are right', () => {
  it.each<[string, () => unknown]>([
    ['https', () => clientCredentials(app)],
    ['a secret with a space inside', () => clientCredentials({ ...app, clientSecret: 'a b' })],
    ['a URL object', () => clientCredentials({ ...app, tokenUrl: new URL(tokenUrl) })],
    ...['http://localhost:1/', 'http://127.0.0.1:1/t', 'http://[::1]:1/t'].map(
      (url): [string, () => unknown] => [url, () => clientCredentials({ ...app, tokenUrl: url })],
    ),
    ['a time-out of days', () => clientCredentials({ ...app, timeoutMs: Infinity })],
    ['a public client', () => refreshToken(user)],
    ['an organization', () => microsoft({ ...tenant, clientSecret: SECRET })],
    ['a private account', () => microsoft({ ...tenant, tenant: 'consumers', refreshToken: SECRET })],
    ['a certificate', () => microsoft({ ...tenant, certificate: { key, cert } })],
    ['a key file', () => google(delegated)],
    ['the text of a key file', () => google({ ...delegated, serviceAccount: JSON.stringify(account) })],
    [
      'a key with \\n for line breaks',
      () =>
        google({
          ...delegated,
          serviceAccount: { ...account, private_key: rsa.replaceAll('\n', String.raw`\n`) },
        }),
    ],
  ])('%s', (_what, make) => {
    expect(make()).toBeTypeOf('function')
  })
})
