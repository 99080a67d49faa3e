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

/** Who logs in where. */
export interface LogInAs {
  readonly user: string
  /** The password or the access token. */
  readonly secret: string
  readonly host: string
  readonly port: number
  /** Gets each text that goes to the server, or comes from it, and that was made from the secret. */
  readonly hide: (text: string) => void
}

export function saslExchange(mechanism: Mechanism, as: LogInAs): SaslExchange {
  const { user, secret, host, port, hide } = as
  switch (mechanism) {
    case 'PLAIN': {
      const response = `\0${user}\0${secret}`
      hide(response)
      return { initial: response, respond: () => response }
    }
    case 'LOGIN': {
      const answers = [user, secret]
      return { initial: undefined, respond: () => answers.shift() ?? '' }
    }
    case 'CRAM-MD5':
      return {
        initial: undefined,
        respond(challenge) {
          const digest = createHmac('md5', secret).update(challenge).digest('hex')
          const response = `${user} ${digest}`
          hide(digest)
          hide(response)
          return response
        },
      }
    // After a refusal, the server sends a challenge that describes it and expects an empty answer.
    case 'XOAUTH2': {
      const response = `user=${user}\u0001auth=Bearer ${secret}\u0001\u0001`
      hide(response)
      return { initial: response, respond: () => '' }
    }
    case 'OAUTHBEARER': {
      const response = `n,a=${saslName(user)},\u0001host=${host}\u0001port=${port}\u0001auth=Bearer ${secret}\u0001\u0001`
      hide(response)
      return { initial: response, respond: () => '\u0001' }
    }
    default:
      return scram(as)
  }
}

/** SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677). */
function scram({ user, secret: password, hide }: LogInAs): SaslExchange {
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
      const response = `${withoutProof},p=${proof}`
      // With the challenge, each of them is enough to try out passwords.
      for (const part of [proof, response, signature, `v=${signature}`]) hide(part)
      return response
    },
  }
}

/** A name in a GS2 header (RFC 5801 section 4). */
function saslName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}
