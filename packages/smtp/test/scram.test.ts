import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { MailError } from '@loudmail/core'
import type { ActionContext, ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { everything, failure, message, scene, type Scene } from './scene.ts'

const PASSWORD = 'open sesame'
const SALT = Buffer.from('salt')
const ROUNDS = 4_096

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plain = (text: string): string => Buffer.from(text, 'base64').toString()
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** What a client said so far: its first message without the header, and its nonce. */
function clientFirst({ line }: ActionContext): { bare: string; nonce: string } {
  const bare = plain(line.split(' ')[2]!).slice('n,,'.length)
  return { bare, nonce: /r=(.*)$/.exec(bare)![1]! }
}

function serverSignature(password: string, signed: string): string {
  const salted = pbkdf2Sync(password, SALT, ROUNDS, 32, 'sha256')
  return hmac(hmac(salted, 'Server Key'), signed).toString('base64')
}

function withScram(on: NonNullable<ServerScript['on']>): Promise<Scene> {
  return scene(
    { caps: ['AUTH SCRAM-SHA-256'], on },
    { auth: { user: 'ann', pass: PASSWORD }, timeoutMs: 5_000 },
  )
}

/** A client that stops logs in to nobody, and gives no proof that it knows the password. */
function expectStopped(error: MailError, { server }: Scene): void {
  expect(error).toMatchObject({ stage: 'auth', delivered: 'none', recipients: [{ status: 'not-attempted' }] })
  expect(server.messages).toEqual([])
  expect(server.connections.flatMap(({ commands }) => commands)).not.toContain('MAIL')
  expect(everything(error)).not.toContain(PASSWORD)
}

describe.concurrent('SCRAM: a first challenge is refused, and the proof is not given away,', () => {
  it.each<[string, (nonce: string) => string]>([
    ['with a nonce of its own', () => `r=another,s=c2FsdA==,i=4096`],
    ['with our nonce alone', (nonce) => `r=${nonce},s=c2FsdA==,i=4096`],
    ['with our nonce at the end', (nonce) => `r=more${nonce},s=c2FsdA==,i=4096`],
    ['with the beginning of our nonce', (nonce) => `r=${nonce.slice(0, -1)}!more,s=c2FsdA==,i=4096`],
    ['with our nonce in capitals', (nonce) => `r=${nonce.toUpperCase()}more,s=c2FsdA==,i=4096`],
    ['without a nonce', () => `s=c2FsdA==,i=4096`],
    ['without rounds', (nonce) => `r=${nonce}more,s=c2FsdA==`],
    ['with no round', (nonce) => `r=${nonce}more,s=c2FsdA==,i=0`],
    ['with rounds below none', (nonce) => `r=${nonce}more,s=c2FsdA==,i=-1`],
    ['with half a round', (nonce) => `r=${nonce}more,s=c2FsdA==,i=4096.5`],
    ['with rounds that are no number', (nonce) => `r=${nonce}more,s=c2FsdA==,i=many`],
    ['with endless rounds', (nonce) => `r=${nonce}more,s=c2FsdA==,i=Infinity`],
    ['with more than a million rounds', (nonce) => `r=${nonce}more,s=c2FsdA==,i=1000001`],
    ['that is empty', () => ''],
  ])('%s', async (_what, challenge) => {
    await using here = await withScram({
      AUTHCMD: (context) => `334 ${base64(challenge(clientFirst(context).nonce))}`,
    })
    expectStopped(await failure(here.transport), here)
    expect(here.server.connections[0]!.lines.map(plain).join('\n')).not.toContain('p=')
  })
})

describe.concurrent('SCRAM: a first challenge is answered', () => {
  it.each([1, ROUNDS, 1_000_000])('with %i rounds', async (rounds) => {
    await using here = await withScram({
      AUTHCMD: (context) => `334 ${base64(`r=${clientFirst(context).nonce}more,s=c2FsdA==,i=${rounds}`)}`,
      AUTH: '535 5.7.8 No',
    })
    await failure(here.transport)
    expect(plain(here.server.connections[0]!.lines[2]!)).toMatch(/^c=biws,r=.*more,p=/)
  })

  it('with a nonce that is new each time', async () => {
    const nonces: string[] = []
    await using here = await withScram({
      AUTHCMD: (context) => {
        nonces.push(clientFirst(context).nonce)
        return '535 5.7.8 No'
      },
    })
    await failure(here.transport)
    await failure(here.transport)
    expect(new Set(nonces).size).toBe(2)
    for (const nonce of nonces) expect(Buffer.from(nonce, 'base64').length).toBeGreaterThanOrEqual(16)
  })
})

/** A server that goes through with it, and then says its own last word on what both have signed. */
async function withLastWord(lastWord: (signed: string) => string): Promise<Scene> {
  let signed = ''
  return withScram({
    AUTHCMD: (context) => {
      const { bare, nonce } = clientFirst(context)
      const first = `r=${nonce}more,s=${SALT.toString('base64')},i=${ROUNDS}`
      signed = `${bare},${first},c=biws,r=${nonce}more`
      return `334 ${base64(first)}`
    },
    AUTH: {
      nth: [
        ({ connection }) => {
          const isProven = plain(connection.lines.at(-1)!).endsWith(`,p=${clientProof(PASSWORD, signed)}`)
          return isProven ? lastWord(signed) : '535 5.7.8 No'
        },
        '235 2.7.0 Welcome',
      ],
    },
  })
}

function clientProof(password: string, signed: string): string {
  const key = hmac(pbkdf2Sync(password, SALT, ROUNDS, 32, 'sha256'), 'Client Key')
  const mask = hmac(createHash('sha256').update(key).digest(), signed)
  return Buffer.from(key.map((byte, index) => byte ^ mask[index]!)).toString('base64')
}

describe.concurrent('SCRAM: the server has to prove that it knows the password too', () => {
  it('and is believed where it does', async () => {
    await using here = await withLastWord(
      (signed) => `334 ${base64(`v=${serverSignature(PASSWORD, signed)}`)}`,
    )
    await here.transport.send(message())
    expect(here.server.messages).toHaveLength(1)
  })

  it.each<[string, (signed: string) => string]>([
    [
      'with the proof of another password',
      (signed) => `334 ${base64(`v=${serverSignature('sesame', signed)}`)}`,
    ],
    [
      'with the proof of another log-in',
      () => `334 ${base64(`v=${serverSignature(PASSWORD, 'n=ann,r=x')}`)}`,
    ],
    [
      'with half of the proof',
      (signed) => `334 ${base64(`v=${serverSignature(PASSWORD, signed).slice(0, 20)}`)}`,
    ],
    ['with an empty proof', () => `334 ${base64('v=')}`],
    ['with an error', () => `334 ${base64('e=other-error')}`],
    ['with nothing', () => '334 '],
    ['by saying at once that all is well', () => '235 2.7.0 Welcome'],
  ])('and is not believed %s', async (_how, lastWord) => {
    await using here = await withLastWord(lastWord)
    const error = await failure(here.transport)
    expectStopped(error, here)
    expect(error.kind).not.toBe('bad-credentials')
  })

  it('and is not believed where it asks for nothing', async () => {
    await using here = await withScram({ AUTHCMD: '235 2.7.0 Welcome' })
    expectStopped(await failure(here.transport), here)
  })
})
