import { constants, createHash, generateKeyPairSync, verify, X509Certificate } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { clientCredentials, google, microsoft, refreshToken } from '../src/index.ts'
import { rsaCertificate } from './rsa-certificate.ts'
import { grant, startTokenServer } from './token-server.ts'

/** A JWT, taken apart. */
function jwt(text: string | undefined): {
  header: object
  claims: Record<string, unknown>
  signed: Buffer
  signature: Buffer
} {
  const [header = '', claims = '', signature = ''] = (text ?? '').split('.')
  const parsed = (part: string): never => JSON.parse(Buffer.from(part, 'base64url').toString()) as never
  return {
    header: parsed(header),
    claims: parsed(claims),
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  }
}

const seconds = (): number => Math.floor(Date.now() / 1_000)

describe('the request', () => {
  it('is a form, and asks for JSON', async () => {
    await using server = await startTokenServer()
    await clientCredentials({
      tokenUrl: server.tokenUrl,
      clientId: 'shop',
      clientSecret: 's+=&%ö',
      scope: 'a b',
    })()
    const [request] = server.requests
    expect(request).toMatchObject({
      path: '/token',
      headers: {
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
        accept: 'application/json',
      },
      form: { grant_type: 'client_credentials', client_id: 'shop', client_secret: 's+=&%ö', scope: 'a b' },
    })
    expect(request!.headers).not.toHaveProperty('authorization')
  })

  it('has no scope and no secret where none is given', async () => {
    await using server = await startTokenServer()
    await refreshToken({ tokenUrl: server.tokenUrl, clientId: 'shop', refreshToken: 'r1' })()
    expect(server.requests[0]!.form).toEqual({
      grant_type: 'refresh_token',
      client_id: 'shop',
      refresh_token: 'r1',
    })
  })
})

describe('microsoft()', () => {
  const app = { tenant: 'tea.example', clientId: 'app' }

  it('with a secret asks for the right to send as the app', async () => {
    await using server = await startTokenServer()
    expect(await microsoft({ ...app, clientSecret: 's', authority: server.url })()).toBe('token-1')
    expect(server.requests[0]).toMatchObject({
      path: '/tea.example/oauth2/v2.0/token',
      form: {
        grant_type: 'client_credentials',
        client_id: 'app',
        client_secret: 's',
        scope: 'https://outlook.office365.com/.default',
      },
    })
  })

  it('with a refresh token asks for the right to send as the user', async () => {
    await using server = await startTokenServer()
    await microsoft({ ...app, refreshToken: 'r', authority: `${server.url}/` })()
    expect(server.requests[0]).toMatchObject({
      path: '/tea.example/oauth2/v2.0/token',
      form: {
        grant_type: 'refresh_token',
        client_id: 'app',
        refresh_token: 'r',
        scope: 'https://outlook.office.com/SMTP.Send offline_access',
      },
    })
    expect(server.requests[0]!.form).not.toHaveProperty('client_secret')
  })

  it('takes another scope, for a national cloud', async () => {
    await using server = await startTokenServer()
    await microsoft({
      ...app,
      clientSecret: 's',
      authority: server.url,
      scope: 'https://partner.outlook.cn/.default',
    })()
    expect(server.requests[0]!.form.scope).toBe('https://partner.outlook.cn/.default')
  })

  it.each([['app', {}] as const, ['user', { refreshToken: 'r' }] as const])(
    'with a certificate signs each request anew, for the %s',
    async (_who, more) => {
      await using server = await startTokenServer()
      const token = microsoft({ ...app, ...more, certificate: rsaCertificate, authority: server.url })
      await token()
      await token({ renew: true })
      const [first, second] = server.requests.map(({ form }) => jwt(form.client_assertion))
      expect(server.requests[0]!.form).toMatchObject({
        client_id: 'app',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      })
      const { raw, publicKey } = new X509Certificate(rsaCertificate.cert)
      const thumbprint = createHash('sha256').update(raw).digest('base64url')
      expect(first!.header).toEqual({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint })
      expect(first!.claims).toMatchObject({
        iss: 'app',
        sub: 'app',
        aud: `${server.url}/tea.example/oauth2/v2.0/token`,
      })
      expect(first!.claims.jti).not.toBe(second!.claims.jti)
      const pss = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      for (const { signed, signature } of [first!, second!])
        expect(verify('sha256', signed, pss, signature)).toBe(true)
    },
  )
})

describe('google()', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const account = {
    type: 'service_account',
    client_email: 'mail@tea.iam.example',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }

  it.each([
    ['an object', account],
    ['text', JSON.stringify(account)],
  ])('with a service account signs for the mailbox: key file as %s', async (_form, serviceAccount) => {
    await using server = await startTokenServer()
    const { tokenUrl } = server
    expect(await google({ serviceAccount, subject: 'ann@tea.example', tokenUrl })()).toBe('token-1')
    const { grant_type: grantType, assertion, ...rest } = server.requests[0]!.form
    expect(grantType).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(rest).toEqual({})
    const { header, claims, signed, signature } = jwt(assertion)
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT' })
    expect(claims).toMatchObject({
      iss: 'mail@tea.iam.example',
      sub: 'ann@tea.example',
      scope: 'https://mail.google.com/',
      aud: tokenUrl,
    })
    expect(verify('sha256', signed, publicKey, signature)).toBe(true)
    expect(claims.iat).toBeLessThan(seconds())
    expect(claims.exp).toBeGreaterThan(seconds() + 60)
    expect(Number(claims.exp) - Number(claims.iat)).toBeLessThan(3_600)
  })

  it('with a refresh token asks for the user', async () => {
    await using server = await startTokenServer()
    await google({ clientId: 'c', clientSecret: 's', refreshToken: 'r', tokenUrl: server.tokenUrl })()
    expect(server.requests[0]!.form).toEqual({
      grant_type: 'refresh_token',
      client_id: 'c',
      client_secret: 's',
      refresh_token: 'r',
    })
  })
})

describe('a new refresh token', () => {
  const reply = (n: number): { body: object } => ({
    body: grant(`token-${n}`, { expires_in: 3_600, refresh_token: `refresh-${n}` }),
  })
  const sent = (requests: readonly { form: Record<string, string> }[]): (string | undefined)[] =>
    requests.map(({ form }) => form.refresh_token)

  it('is used for the next request, and given to the program', async () => {
    await using server = await startTokenServer(reply(1), reply(2), reply(2))
    const stored: string[] = []
    const token = refreshToken({
      tokenUrl: server.tokenUrl,
      clientId: 'shop',
      refreshToken: 'refresh-0',
      onRefreshToken: (each) => stored.push(each),
    })
    for (let times = 0; times < 4; times++) await token({ renew: true })
    expect(sent(server.requests)).toEqual(['refresh-0', 'refresh-1', 'refresh-2', 'refresh-2'])
    expect(stored).toEqual(['refresh-1', 'refresh-2'])
  })

  it('is kept without a callback', async () => {
    await using server = await startTokenServer(reply(1))
    const token = refreshToken({ tokenUrl: server.tokenUrl, clientId: 'shop', refreshToken: 'refresh-0' })
    await token()
    await token({ renew: true })
    expect(sent(server.requests)).toEqual(['refresh-0', 'refresh-1'])
  })

  it.each([undefined, null, '', 7, 'with\nbreak'])('%j is none', async (value) => {
    await using server = await startTokenServer({ body: grant('t', { refresh_token: value }) })
    const onRefreshToken = vi.fn<(token: string) => void>()
    const token = refreshToken({
      tokenUrl: server.tokenUrl,
      clientId: 'shop',
      refreshToken: 'r',
      onRefreshToken,
    })
    await token()
    await token({ renew: true })
    expect(sent(server.requests)).toEqual(['r', 'r'])
    expect(onRefreshToken).not.toHaveBeenCalled()
  })

  it('is stored before the access token is given out', async () => {
    await using server = await startTokenServer(reply(1))
    const steps: string[] = []
    await refreshToken({
      tokenUrl: server.tokenUrl,
      clientId: 'shop',
      refreshToken: 'refresh-0',
      onRefreshToken: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        steps.push('stored')
      },
    })()
    expect([...steps, 'given']).toEqual(['stored', 'given'])
  })

  it.each([
    [
      'throws',
      (token: string) => {
        throw new Error(`cannot store ${token}`)
      },
    ],
    ['rejects', (token: string) => Promise.reject(new Error(`cannot store ${token}`))],
  ] as const)(
    'that the program cannot store costs a warning without it: the callback %s',
    async (_how, onRefreshToken) => {
      await using server = await startTokenServer(reply(1))
      const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
      const token = refreshToken({
        tokenUrl: server.tokenUrl,
        clientId: 'shop',
        refreshToken: 'refresh-0',
        onRefreshToken,
      })
      expect(await token()).toBe('token-1')
      const { message } = await warned
      expect(message).toContain('onRefreshToken rejected: Error: cannot store')
      expect(message).not.toContain('refresh-1')
    },
  )

  it('that takes for ever to store does not hold the mail', async () => {
    await using server = await startTokenServer(reply(1))
    const token = refreshToken({
      tokenUrl: server.tokenUrl,
      clientId: 'shop',
      refreshToken: 'refresh-0',
      timeoutMs: 200,
      onRefreshToken: () => new Promise(() => {}),
    })
    expect(await token()).toBe('token-1')
  })
})

describe('a token for an API', () => {
  it('of Microsoft Graph is asked for by its scope, for an app and for a user', async () => {
    await using server = await startTokenServer()
    const app = { tenant: 'tea.example', clientId: 'app', authority: server.url }
    const forApp = 'https://graph.microsoft.com/.default'
    const forUser = 'https://graph.microsoft.com/Mail.Send offline_access'
    await microsoft({ ...app, clientSecret: 's', scope: forApp })()
    await microsoft({ ...app, refreshToken: 'r', scope: forUser })()
    expect(server.requests.map(({ form }) => form['scope'])).toEqual([forApp, forUser])
  })

  it('of Gmail is asked for by its scope', async () => {
    await using server = await startTokenServer()
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    const serviceAccount = { client_email: 'shop@project.iam.gserviceaccount.com', private_key: privateKey }
    const scope = 'https://www.googleapis.com/auth/gmail.send'
    await google({ serviceAccount, subject: 'tea@example.com', scope, tokenUrl: server.tokenUrl })()
    expect(jwt(server.requests[0]!.form['assertion']).claims).toMatchObject({ scope, sub: 'tea@example.com' })
  })
})
