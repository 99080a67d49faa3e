import { MailError, type FailureCode } from '@loudmail/core'
import { capabilitiesOf, type Situation } from '@loudmail/core/transport'
import type { Replay } from './replay.ts'

const BY_ITSELF =
  'The server refused nothing: the program left by itself. What it missed is a guess, from what the server offers. If the program reported no error, it only checked the connection.'

/** What every program can log in with. */
const USUAL: readonly string[] = ['PLAIN', 'LOGIN']

/** Why a program probably left after EHLO: the server does not offer what it needs. Undefined if it has no reason. */
export function guessedDeparture(
  { surroundings, progress }: Replay,
  situation: Situation,
): { readonly failure: MailError; readonly unsure: readonly string[] } | undefined {
  const { hello, encrypted, hasTriedLogIn } = surroundings
  if (progress !== 'ehlo' || hasTriedLogIn || !hello) return undefined
  const offered = capabilitiesOf(hello)
  const { mechanisms } = offered
  const isUsual = mechanisms.some((name) => USUAL.includes(name))
  const needsTls = !encrypted && !offered.has('STARTTLS') && (situation.tls === 'starttls' || isUsual)
  const code: FailureCode | undefined = needsTls
    ? 'tls/starttls-not-offered'
    : !offered.has('AUTH')
      ? 'auth/auth-not-offered'
      : mechanisms.length > 0 && !isUsual
        ? 'auth/auth-mechanism'
        : undefined
  if (code === undefined) return undefined
  const [stage, kind] = code.split('/') as ['tls' | 'auth', 'starttls-not-offered']
  return { failure: new MailError({ stage, kind, situation }), unsure: [BY_ITSELF] }
}
