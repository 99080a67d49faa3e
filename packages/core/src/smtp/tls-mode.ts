import { configError } from '../failure/config-error.ts'

/**
 * How a connection is encrypted. `implicit`: TLS from the first octet. `starttls`: required. `opportunistic`: encrypted
 * if the server offers it, and not verified. `none`: unencrypted.
 */
export type TlsMode = 'implicit' | 'starttls' | 'opportunistic' | 'none'

const MODES: readonly unknown[] = ['implicit', 'starttls', 'opportunistic', 'none'] satisfies TlsMode[]

/**
 * The given mode, or the default: `implicit` on port 465, `opportunistic` if the host is this machine, else `starttls`.
 *
 * @throws MailError `config/invalid-config`
 */
export function tlsModeOf(tls: unknown, port: number | undefined, isOwn: boolean): TlsMode {
  if (tls === undefined) return port === 465 ? 'implicit' : isOwn ? 'opportunistic' : 'starttls'
  if (typeof tls === 'object' && tls !== null)
    throw configError(
      "tls must be 'implicit', 'starttls', 'opportunistic' or 'none': write `tlsOptions: { … }` for the options of tls.connect",
    )
  if (!MODES.includes(tls)) throw configError("tls must be 'implicit', 'starttls', 'opportunistic' or 'none'")
  return tls as TlsMode
}

/**
 * Credentials leave this machine only encrypted and to a verified server, unless the caller allows otherwise.
 *
 * @throws MailError `config/invalid-config`
 */
export function protectCredentials(
  tls: TlsMode,
  isOwn: boolean,
  allowInsecureAuth: boolean | undefined,
): void {
  if (tls === 'implicit' || tls === 'starttls' || isOwn || allowInsecureAuth) return
  throw configError(
    `with tls '${tls}' the credentials would go over a connection that is not both encrypted and verified: use 'starttls' or 'implicit', or set allowInsecureAuth to true`,
  )
}
