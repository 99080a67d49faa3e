import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { startServer } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { greeted, type RawClient } from './raw-client.ts'

const caps = ['AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER SCRAM-SHA-256']
const users = { alice: 's3cret' }
const tokens = { alice: 'tok3n' }
const yes = '235 2.7.0 Authentication successful'
const no = '535 5.7.8 Authentication credentials invalid'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const challenge = (reply: string): string => Buffer.from(reply.slice(4), 'base64').toString()

type Login = (client: RawClient, user: string, secret: string) => Promise<string>

const logins: Record<string, Login> = {
  'PLAIN at once': (client, user, secret) => client.ask(`AUTH PLAIN ${base64(`\0${user}\0${secret}`)}`),
  'PLAIN on a challenge': async (client, user, secret) => {
    expect(await client.ask('AUTH PLAIN')).toBe('334 ')
    return client.ask(base64(`\0${user}\0${secret}`))
  },
  LOGIN: async (client, user, secret) => {
    expect(challenge(await client.ask('auth login'))).toBe('Username:')
    expect(challenge(await client.ask(base64(user)))).toBe('Password:')
    return client.ask(base64(secret))
  },
  'LOGIN with the name at once': async (client, user, secret) => {
    expect(challenge(await client.ask(`AUTH LOGIN ${base64(user)}`))).toBe('Password:')
    return client.ask(base64(secret))
  },
  'CRAM-MD5': async (client, user, secret) => {
    const digest = createHmac('md5', secret)
      .update(challenge(await client.ask('AUTH CRAM-MD5')))
      .digest('hex')
    return client.ask(base64(`${user} ${digest}`))
  },
}

const tokenLogins: Record<string, Login> = {
  XOAUTH2: (client, user, token) =>
    client.ask(`AUTH XOAUTH2 ${base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`)}`),
  OAUTHBEARER: (client, user, token) =>
    client.ask(
      `AUTH OAUTHBEARER ${base64(`n,a=${user},\x01host=h\x01port=25\x01auth=Bearer ${token}\x01\x01`)}`,
    ),
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** A SCRAM client (RFC 5802) as far as the server's proof or its refusal. */
async function scram(
  client: RawClient,
  user: string,
  password: string,
): Promise<{ reply: string; signature: string }> {
  const bare = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=abc`
  const serverFirst = challenge(await client.ask(`AUTH SCRAM-SHA-256 ${base64(`n,,${bare}`)}`))
  const [, nonce, salt, rounds] = /^r=(abc.+),s=(.+),i=(\d+)$/.exec(serverFirst) ?? []
  const salted = pbkdf2Sync(password, Buffer.from(salt ?? '', 'base64'), Number(rounds), 32, 'sha256')
  const withoutProof = `c=biws,r=${nonce}`
  const transcript = `${bare},${serverFirst},${withoutProof}`
  const clientKey = hmac(salted, 'Client Key')
  const signature = hmac(createHash('sha256').update(clientKey).digest(), transcript)
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString('base64')
  return {
    reply: await client.ask(base64(`${withoutProof},p=${proof}`)),
    signature: hmac(hmac(salted, 'Server Key'), transcript).toString('base64'),
  }
}

describe.each(Object.entries(logins))('%s', (_title, login) => {
  test('any password is accepted without users', async () => {
    await using server = await startServer({ caps })
    using client = await greeted(server)
    expect(await login(client, 'anyone', 'anything')).toBe(yes)
    expect(server.connections[0]?.authenticatedAs).toBe('anyone')
  })

  test.each([
    ['the right password is good', 'alice', 's3cret', yes],
    ['a wrong password is not', 'alice', 'guess', no],
    ['a user that does not exist is not', 'bob', 's3cret', no],
  ])('%s', async (_case, user, password, reply) => {
    await using server = await startServer({ caps, users })
    using client = await greeted(server)
    expect(await login(client, user, password)).toBe(reply)
  })
})

describe.each(Object.entries(tokenLogins))('%s', (_title, login) => {
  test('any token is accepted without tokens', async () => {
    await using server = await startServer({ caps })
    using client = await greeted(server)
    expect(await login(client, 'anyone', 'anything')).toBe(yes)
    expect(server.connections[0]?.authenticatedAs).toBe('anyone')
  })

  test('the right token is accepted', async () => {
    await using server = await startServer({ caps, tokens })
    using client = await greeted(server)
    expect(await login(client, 'alice', 'tok3n')).toBe(yes)
  })

  test("a wrong token gets the reason, and is refused after the client's answer", async () => {
    await using server = await startServer({ caps, tokens })
    using client = await greeted(server)
    expect(challenge(await login(client, 'alice', 'old'))).toContain('"status":"401"')
    expect(await client.ask('AQ==')).toBe(no)
  })
})

describe('SCRAM-SHA-256', () => {
  test('both sides prove that they know the password', async () => {
    await using server = await startServer({ caps, users: { 'al=i,ce': 's3cret' } })
    using client = await greeted(server)
    const { reply, signature } = await scram(client, 'al=i,ce', 's3cret')
    expect(challenge(reply)).toBe(`v=${signature}`)
    expect(await client.ask('')).toBe(yes)
    expect(server.connections[0]?.authenticatedAs).toBe('al=i,ce')
  })

  test.each([
    ['a wrong password is refused', users, 'alice', 'guess'],
    ['a user that does not exist is refused', users, 'bob', 's3cret'],
    ['without users, nobody can be let in', undefined, 'alice', 's3cret'],
  ])('%s', async (_title, known, user, password) => {
    await using server = await startServer({ caps, ...(known && { users: known }) })
    using client = await greeted(server)
    expect((await scram(client, user, password)).reply).toBe(no)
  })
})
