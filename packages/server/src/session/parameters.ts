import type { PathParameters } from '../message/captured-message.ts'

const extensionOf: Readonly<Record<'MAIL' | 'RCPT', Readonly<Record<string, string>>>> = {
  MAIL: {
    SIZE: 'SIZE',
    BODY: '8BITMIME',
    SMTPUTF8: 'SMTPUTF8',
    AUTH: 'AUTH',
    RET: 'DSN',
    ENVID: 'DSN',
    REQUIRETLS: 'REQUIRETLS',
    BY: 'DELIVERBY',
    HOLDFOR: 'FUTURERELEASE',
    HOLDUNTIL: 'FUTURERELEASE',
    'MT-PRIORITY': 'MT-PRIORITY',
  },
  RCPT: { NOTIFY: 'DSN', ORCPT: 'DSN', RRVS: 'RRVS' },
}

/** The refusal of the first parameter whose extension was not offered to this client (RFC 5321 section 4.1.1.11). */
export function refuseParameters(
  command: 'MAIL' | 'RCPT',
  parameters: PathParameters,
  offered: readonly string[],
): string | undefined {
  for (const [name, value] of Object.entries(parameters)) {
    const extension = extensionOf[command][name]
    const needed = name === 'BODY' && value === 'BINARYMIME' ? 'BINARYMIME' : extension
    const known = needed !== undefined && offered.some((keyword) => keyword.split(/[ =]/, 1)[0] === needed)
    if (!known) return `555 5.5.4 ${command} parameter not recognized or not implemented: ${name}`
    if (name === 'SIZE' && !/^\d{1,20}$/.test(String(value))) return '501 5.5.4 Bad SIZE value'
    if (name === 'BODY' && !/^(7BIT|8BITMIME|BINARYMIME)$/i.test(String(value)))
      return '501 5.5.4 Bad BODY value'
  }
  return undefined
}
