import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { Refusal, type Exchange, type Verdict } from './exchange.ts'

const iterations = 4096

/** SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677). Both sides prove that they know the password, so it needs `users`. */
export async function scramSha256(exchange: Exchange): Promise<Verdict> {
  const clientFirst = exchange.initial ?? (await exchange.ask(''))
  const [, header, bare, name, clientNonce] = /^([ny],[^,]*,)(n=([^,]*),r=([^,]+).*)$/.exec(clientFirst) ?? []
  if (header === undefined || bare === undefined || name === undefined || clientNonce === undefined) {
    throw new Refusal('501 5.5.2 Malformed SCRAM message')
  }
  const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=')
  const nonce = clientNonce + randomBytes(12).toString('base64')
  const salt = randomBytes(16)
  const serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`

  const clientFinal = await exchange.ask(serverFirst)
  const [, withoutProof, binding, echoed, proof] =
    /^(c=([^,]*),r=([^,]*).*),p=([^,]*)$/.exec(clientFinal) ?? []
  if (withoutProof === undefined || proof === undefined)
    throw new Refusal('501 5.5.2 Malformed SCRAM message')

  const credentials = { mechanism: 'SCRAM-SHA-256', user }
  const password = exchange.users?.[user]
  if (password === undefined) return { credentials, valid: false }
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256')
  const clientKey = hmac(salted, 'Client Key')
  const transcript = `${bare},${serverFirst},${withoutProof}`
  const signature = hmac(createHash('sha256').update(clientKey).digest(), transcript)
  const expected = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at]!))
  const given = Buffer.from(proof, 'base64')
  const valid =
    echoed === nonce &&
    Buffer.from(binding ?? '', 'base64').toString() === header &&
    given.length === expected.length &&
    timingSafeEqual(given, expected)
  // The last challenge is the server's own proof. The client answers it with an empty line (RFC 4954 section 4).
  if (valid) await exchange.ask(`v=${hmac(hmac(salted, 'Server Key'), transcript).toString('base64')}`)
  return { credentials, valid }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
