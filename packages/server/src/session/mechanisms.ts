import { createHmac, randomBytes } from 'node:crypto'
import type { Credentials } from '../script/action.ts'
import { Refusal, type Exchange, type Verdict } from './exchange.ts'
import { scramSha256 } from './scram.ts'

/** The server's side of every mechanism, by name. */
export const mechanisms: Readonly<Record<string, (exchange: Exchange) => Promise<Verdict>>> = {
  PLAIN: plain,
  LOGIN: login,
  'CRAM-MD5': cramMd5,
  'SCRAM-SHA-256': scramSha256,
  XOAUTH2: (exchange) => bearer(exchange, 'XOAUTH2', /^user=(.*)$/i),
  OAUTHBEARER: (exchange) => bearer(exchange, 'OAUTHBEARER', /^n,(?:a=(.*))?,$/),
}

async function plain(exchange: Exchange): Promise<Verdict> {
  const [, user, password, more] = (exchange.initial ?? (await exchange.ask(''))).split('\0')
  if (user === undefined || password === undefined || more !== undefined)
    throw new Refusal('501 5.5.2 Malformed PLAIN')
  return byPassword(exchange, { mechanism: 'PLAIN', user, password })
}

async function login(exchange: Exchange): Promise<Verdict> {
  const user = exchange.initial ?? (await exchange.ask('Username:'))
  return byPassword(exchange, { mechanism: 'LOGIN', user, password: await exchange.ask('Password:') })
}

async function cramMd5(exchange: Exchange): Promise<Verdict> {
  const challenge = `<${randomBytes(8).toString('hex')}@localhost>`
  const [, user, digest] = /^(.*) ([\da-f]{32})$/i.exec(await exchange.ask(challenge)) ?? []
  if (user === undefined || digest === undefined) throw new Refusal('501 5.5.2 Malformed CRAM-MD5')
  const password = exchange.users?.[user]
  const expected =
    password === undefined ? undefined : createHmac('md5', password).update(challenge).digest('hex')
  return {
    credentials: { mechanism: 'CRAM-MD5', user },
    valid: isOpen(exchange) || digest.toLowerCase() === expected,
  }
}

/** Both begin with the user and go on with fields that end in U+0001; one of them is the token (RFC 7628 section 3.1). */
async function bearer(exchange: Exchange, mechanism: string, who: RegExp): Promise<Verdict> {
  const [first = '', ...fields] = (exchange.initial ?? (await exchange.ask(''))).split('\x01')
  const found = who.exec(first)
  const [token] = fields.flatMap((field) => /^auth=Bearer (.*)$/i.exec(field)?.[1] ?? [])
  const complete = fields.at(-1) === '' && fields.at(-2) === ''
  if (!found || token === undefined || !complete) throw new Refusal(`501 5.5.2 Malformed ${mechanism}`)
  const user = found[1] ?? ''
  const valid = isOpen(exchange) || (exchange.tokens !== undefined && exchange.tokens[user] === token)
  const problem = '{"status":"401","schemes":"bearer","scope":"mail"}'
  return { credentials: { mechanism, user, token }, valid, problem }
}

function byPassword(exchange: Exchange, credentials: Credentials): Verdict {
  const password = exchange.users?.[credentials.user]
  return {
    credentials,
    valid: isOpen(exchange) || (password !== undefined && password === credentials.password),
  }
}

function isOpen({ users, tokens }: Exchange): boolean {
  return users === undefined && tokens === undefined
}
