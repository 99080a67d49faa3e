import { addSaslResponse, type Secrets } from '@loudmail/core/transport'
import type { Line } from '../formats/line.ts'

const PLACE = '<redacted>'
const LOG_IN = /^AUTH +(\S+)(?: +(.*))?$/i

/** What the client answers to a challenge, or sends with AUTH, is `<redacted>` in the result, and remembered as a secret. */
export function hideLogIn(lines: readonly Line[], secrets: Secrets): Line[] {
  const mechanisms = new Map<string, string>()
  const challenges = new Map<string, string>()
  return lines.map((line) => {
    const { from, text, connection } = line
    if (from === 'server') {
      if (text.startsWith('334')) challenges.set(connection, text.slice(4))
      else challenges.delete(connection)
      return line
    }
    if (from !== 'client') return line
    const challenge = challenges.get(connection)
    const [, mechanism, initial] = LOG_IN.exec(text) ?? []
    if (mechanism !== undefined) {
      mechanisms.set(connection, mechanism.toUpperCase())
      if (!initial) return line
      // The initial response of LOGIN is the user name.
      remember(initial, mechanism, VUSER, secrets)
      return { ...line, text: `AUTH ${mechanism.toUpperCase()} ${PLACE}` }
    }
    if (challenge === undefined) return line
    challenges.delete(connection)
    remember(text, mechanisms.get(connection) ?? '', challenge, secrets)
    return { ...line, text: PLACE }
  })
}

/** `Username:` in base64. */
const VUSER = 'VXNlcm5hbWU6'

function remember(response: string, mechanism: string, challenge: string, secrets: Secrets): void {
  // A log may have something else in the place of a secret already.
  if (!/^[A-Za-z\d+/]+={0,2}$/.test(response)) return
  if (mechanism.toUpperCase() !== 'LOGIN') return addSaslResponse(secrets, response)
  if (/user/i.test(decoded(challenge))) return
  secrets.add(response)
  secrets.add(decoded(response))
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}
