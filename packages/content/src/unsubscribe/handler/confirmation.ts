import { UnsubscribeError } from './unsubscribe-error.ts'

/** The types of a form, as mail programs and browsers send them (RFC 8058 section 3.2). */
const FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data']

/** A body in octets, or the fields that a parser made of it. */
export type Body = { readonly octets: Uint8Array } | { readonly fields: object }

/** @throws UnsubscribeError `content-type` */
export function checkContentType(type: string | null | undefined, encoding: string | null | undefined): void {
  if (!FORMS.includes((type ?? '').split(';', 1)[0]!.trim().toLowerCase()))
    throw new UnsubscribeError(
      'content-type',
      'the body is no form',
      `Send List-Unsubscribe=One-Click as ${FORMS.join(' or ')} (RFC 8058 section 3.2).`,
    )
  if (!/^\s*(?:identity)?\s*$/i.test(encoding ?? ''))
    throw new UnsubscribeError('content-type', 'the body is compressed', 'Send it as it is.')
}

/**
 * Whether a form says to unsubscribe: true if a mail program sent it, false if somebody pressed the button.
 *
 * @throws UnsubscribeError `malformed`, `not-confirmed`
 */
export async function isOneClick(body: Body, type: string): Promise<boolean> {
  const values = 'octets' in body ? await valuesOf(body.octets, type) : ownValues(body.fields)
  if (values('List-Unsubscribe').includes('One-Click')) return true
  if (values('unsubscribe').includes('confirm')) return false
  throw new UnsubscribeError(
    'not-confirmed',
    'the form does not say to unsubscribe',
    'A mail program sends List-Unsubscribe=One-Click (RFC 8058 section 3.2), and the button of a page unsubscribe=confirm.',
  )
}

type Values = (name: string) => readonly unknown[]

async function valuesOf(octets: Uint8Array, type: string): Promise<Values> {
  try {
    const headers = { 'content-type': type }
    const form = await new Response(new Uint8Array(octets), { headers }).formData()
    // Some programs end the body with a line break.
    return (name) =>
      form.getAll(name).map((value) => (typeof value === 'string' ? value.replace(/[\r\n]+$/, '') : value))
  } catch {
    throw new UnsubscribeError('malformed', 'the body is not the form that its type says', 'Send it again.')
  }
}

function ownValues(fields: object): Values {
  return (name) => [Object.getOwnPropertyDescriptor(fields, name)?.value as unknown].flat()
}
