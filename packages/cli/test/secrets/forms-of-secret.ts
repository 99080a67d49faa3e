import { inspect } from 'node:util'

/** The user that every password of these tests belongs to. */
export const USER = 'ann'

/** How servers and proxies repeat a password: as it is, and in every encoding that a log-in has. */
export function echoesOf(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex')
  return [
    secret,
    secret.toUpperCase(),
    encodeURIComponent(secret),
    encodeURIComponent(secret).toLowerCase(),
    new URLSearchParams({ secret }).toString().slice('secret='.length),
    base64(secret),
    base64(`\0${USER}\0${secret}`),
    base64(`${USER}:${secret}`),
    base64(`user=${USER}\u0001auth=Bearer ${secret}\u0001\u0001`),
    Buffer.from(secret).toString('base64url'),
    hex,
    hex.toUpperCase(),
    JSON.stringify(secret).slice(1, -1),
    html(secret),
  ]
}

/** What an output must not have in it: how the password is repeated, and how programs write such a text. */
function formsOfSecret(secret: string): string[] {
  const written = echoesOf(secret).flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    inspect(text).slice(1, -1),
    encodeURIComponent(text),
    Buffer.from(text).toString('latin1'),
  ])
  // The long parts of it must not be there by themselves either.
  const parts = secret.match(/[\da-f]{12,}/g) ?? []
  const pieces = parts.flatMap((part) => [part, part.slice(0, 16), part.slice(-16)])
  return [...new Set([...written, ...pieces])]
}

/** Which forms of a password are in a text: in any case, and over the ends of lines. */
export function foundIn(text: string, secret: string): string[] {
  const flat = squeezed(text)
  return formsOfSecret(secret).filter((form) => {
    const looked = squeezed(form)
    // Without blanks, a short text can stand in others by chance.
    return looked.length < 8 ? text.includes(form) : flat.includes(looked)
  })
}

function squeezed(text: string): string {
  return text.replaceAll(/\s/g, '').toLowerCase()
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function html(text: string): string {
  return text.replaceAll(/["&'<>]/g, (character) => `&#${character.codePointAt(0)};`)
}
