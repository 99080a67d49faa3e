import type { Kind, Stage } from '@loudmail/core'
import { unreadableContent, type MailErrorInit } from '@loudmail/core/transport'
import { MailError } from '@loudmail/core'

/** A failure before anything was sent, read from the code of nodemailer's own errors. */
export function localFailure(
  error: unknown,
): (Pick<MailErrorInit, 'stage' | 'kind' | 'delivered'> & Partial<Told>) | undefined {
  const { code, command, cause } = (error ?? {}) as { code?: unknown; command?: unknown; cause?: unknown }
  switch (code) {
    case 'EAUTH':
      return command === 'AUTH XOAUTH2'
        ? { ...where('auth', 'oauth-token'), ...(MailError.is(cause) && toldBy(cause)) }
        : where('auth', 'auth-mechanism')
    case 'EOAUTH2':
      return where('auth', 'oauth-token')
    case 'EREQUIRETLS':
      return where('mail-from', 'requiretls-not-offered')
    case 'EENVELOPE':
      return command === 'API' ? where('compose', 'invalid-address') : undefined
    case 'EMAXRECIPIENTS':
      return where('compose', 'too-many-recipients')
    case 'ESTREAM':
    case 'EFILEACCESS':
    case 'EURLACCESS':
    case 'EFETCH':
      return where('compose', 'attachment')
    case 'EOTP':
      return where('compose', 'invalid-message')
    case 'ECONFIG':
      return where('config', 'invalid-config')
    default:
      return undefined
  }
}

function where(stage: Stage, kind: Kind): NonNullable<ReturnType<typeof localFailure>> {
  return { stage, kind, delivered: 'none' }
}

type Told = Pick<MailErrorInit, 'summary' | 'hint' | 'permanence' | 'retryAfterMs' | 'cause'>

/** What somebody else's MailError says, who knows better what went wrong. */
function toldBy(cause: MailError): Told {
  const { summary, hint, permanence, retryAfterMs } = cause
  return { summary, hint, permanence, retryAfterMs, cause }
}

export type ContentFailure = Pick<
  MailErrorInit,
  'stage' | 'kind' | 'permanence' | 'summary' | 'hint' | 'cause'
>

/**
 * What a failure to read content means: `compose/attachment`, unless a MailError was thrown. To be asked at once, because
 * nodemailer replaces the code of the error.
 */
export function contentFailure(error: unknown, what = 'an attachment'): ContentFailure {
  const { reason, ...facts } = unreadableContent(error)
  return { ...facts, summary: MailError.is(error) ? reason : `${what} could not be read: ${reason}` }
}
