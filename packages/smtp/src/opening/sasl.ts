import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import type { Mechanism } from '../options.ts'

/** One log-in: the initial response in the AUTH command, and the answer to each challenge. */
export interface SaslExchange {
  /** The initial response (RFC 4954 section 4), not yet in base64; undefined if the server sends the first challenge. */
  readonly initial: string | undefined
  /** @throws Error if the challenge is not valid for the mechanism */
  respond(challenge: Buffer): Promise<string> | string
  /** Whether the server proved that it knows the password too, if the mechanism requires that. */
  readonly proven?: () => boolean
}

function derive(password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, 32, 'sha256', (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** @param secret the password or the access token */
export function saslExchange(
  mechanism: Mechanism,
  user: string,
  secret: string,
  host: string,
  port: number,
): SaslExchange {
  switch (mechanism) {
    case 'PLAIN':
      return { initial: `\0${user}\0${secret}`, respond: () => `\0${user}\0${secret}` }
    case 'LOGIN': {
      const answers = [user, secret]
      return { initial: undefined, respond: () => answers.shift() ?? '' }
    }
    case 'CRAM-MD5':
      return {
        initial: undefined,
        respond: (challenge) => `${user} ${createHmac('md5', secret).update(challenge).digest('hex')}`,
      }
    // After a refusal, the server sends a challenge that describes it and expects an empty answer.
    case 'XOAUTH2':
      return { initial: `user=${user}\u0001auth=Bearer ${secret}\u0001\u0001`, respond: () => '' }
    case 'OAUTHBEARER':
      return {
        initial: `n,a=${saslName(user)},\u0001host=${host}\u0001port=${port}\u0001auth=Bearer ${secret}\u0001\u0001`,
        respond: () => '\u0001',
      }
    default:
      return scram(user, secret)
  }
}

/** SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677). */
function scram(user: string, password: string): SaslExchange {
  const nonce = randomBytes(18).toString('base64')
  const first = `n=${saslName(user)},r=${nonce}`
  let signature: string | undefined
  let proven = false
  const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()
  return {
    initial: `n,,${first}`,
    proven: () => proven,
    async respond(challenge) {
      const text = challenge.toString('utf8')
      const values = new Map(text.split(',').map((part) => [part[0], part.slice(2)]))
      if (signature !== undefined) {
        // The server must also prove that it knows the password.
        if (values.get('v') !== signature)
          throw new Error('the server did not prove that it knows the password')
        proven = true
        return ''
      }
      const serverNonce = values.get('r') ?? ''
      const iterations = Number(values.get('i'))
      if (
        !serverNonce.startsWith(nonce) ||
        serverNonce === nonce ||
        !(iterations >= 1 && iterations <= 1_000_000)
      ) {
        throw new Error('the challenge of the server is not valid for SCRAM')
      }
      const salted = await derive(
        password.normalize('NFKC'),
        Buffer.from(values.get('s') ?? '', 'base64'),
        iterations,
      )
      const clientKey = hmac(salted, 'Client Key')
      const withoutProof = `c=biws,r=${serverNonce}`
      const signed = `${first},${text},${withoutProof}`
      const mask = hmac(createHash('sha256').update(clientKey).digest(), signed)
      const proof = Buffer.from(clientKey.map((byte, index) => byte ^ mask[index]!)).toString('base64')
      signature = hmac(hmac(salted, 'Server Key'), signed).toString('base64')
      return `${withoutProof},p=${proof}`
    },
  }
}

/** A name in a GS2 header (RFC 5801 section 4). */
function saslName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}
