import { randomBytes } from 'node:crypto'

const random = (octets: number): string => randomBytes(octets).toString('hex')

/** Random passwords of several kinds. What is special about them is written differently in URLs, JSON, HTML and base64. */
export const NEW_SECRETS = {
  'with special characters': () => `p+/=%@#"<& é\\ ${random(8)} '>?:ß`,
  'that is short': () => `é+${random(2)}`,
  'of letters and digits': () => random(12),
  'that is a sentence': () =>
    `correct ${random(6)} battery ${random(6)} staple ${random(6)} and ${random(6)}`,
  'that is long': () => `${random(40)}=${random(40)}/+`,
} as const

/** What kind of password it is. */
export type SecretKind = keyof typeof NEW_SECRETS

export const SECRET_KINDS = Object.keys(NEW_SECRETS) as readonly SecretKind[]
