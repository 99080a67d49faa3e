import type { Transport } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import type { ProviderName } from '@loudmail/server/http'

/** Where a client calls, and how long it waits for each step. */
interface Place {
  readonly url: string
  /** @default that of the transport */
  readonly timeoutMs?: number | undefined
}

const KEY = 'a-key-for-rehearsals'

/**
 * The transport of each provider, for a server that plays its API. The package need not be installed, and a bundler that
 * does not find it must make a program all the same: the comments say so to webpack, Rspack, Rolldown and Vite, and
 * `catch` at the call says so to esbuild.
 */
const CLIENTS: Readonly<Record<ProviderName, (place: Place) => Promise<Transport>>> = {
  resend: (place) =>
    import(/* webpackIgnore: true */ /* @vite-ignore */ '@loudmail/providers/resend')
      .catch(notInstalled)
      .then(({ resend }) => resend({ key: KEY, ...place })),
  postmark: (place) =>
    import(/* webpackIgnore: true */ /* @vite-ignore */ '@loudmail/providers/postmark')
      .catch(notInstalled)
      .then(({ postmark }) => postmark({ token: KEY, ...place })),
  ses: (place) =>
    import(/* webpackIgnore: true */ /* @vite-ignore */ '@loudmail/providers/ses')
      .catch(notInstalled)
      .then(({ ses }) => ses({ region: 'eu-west-1', accessKeyId: KEY, secretAccessKey: KEY, ...place })),
  sendgrid: (place) =>
    import(/* webpackIgnore: true */ /* @vite-ignore */ '@loudmail/providers/sendgrid')
      .catch(notInstalled)
      .then(({ sendgrid }) => sendgrid({ key: KEY, ...place })),
  mailgun: (place) =>
    import(/* webpackIgnore: true */ /* @vite-ignore */ '@loudmail/providers/mailgun')
      .catch(notInstalled)
      .then(({ mailgun }) => mailgun({ key: KEY, domain: 'example.test', ...place })),
  brevo: (place) =>
    import(/* webpackIgnore: true */ /* @vite-ignore */ '@loudmail/providers/brevo')
      .catch(notInstalled)
      .then(({ brevo }) => brevo({ key: KEY, ...place })),
  microsoftGraph: (place) =>
    import(/* webpackIgnore: true */ /* @vite-ignore */ '@loudmail/providers/microsoft-graph')
      .catch(notInstalled)
      .then(({ microsoftGraph }) => microsoftGraph({ accessToken: KEY, ...place })),
  gmail: (place) =>
    import(/* webpackIgnore: true */ /* @vite-ignore */ '@loudmail/providers/gmail')
      .catch(notInstalled)
      .then(({ gmail }) => gmail({ accessToken: KEY, ...place })),
}

/** The providers that `debug()` can play. */
export const PROVIDERS = Object.keys(CLIENTS) as readonly ProviderName[]

/** @throws MailError `config/invalid-config` if @loudmail/providers is not installed */
export function providerClient(provider: ProviderName, place: Place): Promise<Transport> {
  return CLIENTS[provider](place)
}

/** Node, Bun and Deno say the first code, and what makes CommonJS of modules the second. */
function notInstalled(error: unknown): never {
  const { code } = error as { code?: unknown }
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error
  throw configError(
    'debug({ provider }) needs @loudmail/providers, which is not installed: npm install -D @loudmail/providers',
  )
}
