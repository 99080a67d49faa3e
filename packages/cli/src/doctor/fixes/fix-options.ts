import { isDeepStrictEqual } from 'node:util'
import type { SmtpAuth, SmtpOptions } from '@loudmail/smtp'
import { PASSWORD, shownProxy, shownUser } from '../shown-url.ts'
import type { Target } from '../target.ts'
import { endpointOf } from './endpoint.ts'

type Shown = Record<string, unknown>

/**
 * The options that a change sets, in the words of `smtp()` or of nodemailer. An option that has to go is `undefined`.
 * Secrets are replaced by `PASSWORD` and `TOKEN`.
 */
export function fixOptions(before: SmtpOptions, after: SmtpOptions, words: Target['words']): Shown {
  const shown: Shown = {}
  const [now, then] = [endpointOf(before), endpointOf(after)]
  if (after.host !== before.host) shown['host'] = after.host
  if (then.port !== now.port) shown['port'] = then.port
  // Beside the new port, host or proxy, the old value may mean something else.
  if (then.tls !== now.tls || then.tls !== endpointOf({ ...after, tls: before.tls }).tls)
    shown['tls'] = then.tls
  if (!isDeepStrictEqual(after.auth, before.auth)) shown['auth'] = after.auth && withoutSecret(after.auth)
  for (const name of ['tlsOptions', 'timeouts', 'pool'] as const) {
    const changed = changesOf(before[name] ?? {}, after[name] ?? {})
    if (Object.keys(changed).length > 0) shown[name] = changed
  }
  for (const name of ['name', 'timeoutMs', 'localAddress', 'pipelining', 'chunking', 'lmtp'] as const)
    if (after[name] !== before[name]) shown[name] = after[name]
  if (after.allowInsecureAuth !== before.allowInsecureAuth)
    shown['allowInsecureAuth'] = after.allowInsecureAuth
  if (after.proxy !== before.proxy) shown['proxy'] = after.proxy && shownProxy(after.proxy)
  return words === 'nodemailer' ? inWordsOfNodemailer(shown) : shown
}

function withoutSecret(auth: SmtpAuth): Shown {
  const { method } = auth
  return {
    user: shownUser(auth),
    ...('accessToken' in auth ? { accessToken: 'TOKEN' } : { pass: PASSWORD }),
    ...(method !== undefined && { method }),
  }
}

/** Only what changes: the rest may hold a private key. */
function changesOf(before: object, after: object): Shown {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const [old, now] = [before as Shown, after as Shown]
  return Object.fromEntries(
    names.filter((name) => !isDeepStrictEqual(now[name], old[name])).map((name) => [name, now[name]]),
  )
}

const TLS: Readonly<Record<string, Shown>> = {
  implicit: { secure: true },
  starttls: { secure: false, requireTLS: true },
  opportunistic: { secure: false },
  none: { secure: false, ignoreTLS: true },
}

function inWordsOfNodemailer({ tls, tlsOptions, timeouts, timeoutMs, ...same }: Shown): Shown {
  const login = same['auth'] as Shown | undefined
  const { connect, greeting, ...others } = (timeouts ?? {}) as Record<string, number | undefined>
  const socket = Object.values(others).find((ms) => ms !== undefined)
  return {
    ...same,
    ...(tls !== undefined && TLS[tls as string]),
    ...(login?.['accessToken'] !== undefined && { auth: { type: 'OAuth2', ...login } }),
    ...(tlsOptions !== undefined && { tls: tlsOptions }),
    ...(timeoutMs !== undefined && {
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    }),
    ...(connect !== undefined && { connectionTimeout: connect }),
    ...(greeting !== undefined && { greetingTimeout: greeting }),
    ...(socket !== undefined && { socketTimeout: socket }),
  }
}
