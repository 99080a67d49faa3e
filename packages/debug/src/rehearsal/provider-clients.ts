import type { Transport } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import type { ProviderName } from '@loudmail/server/http'

/** Where a client calls, and how long it waits for each step. */
interface Place {
  readonly url: string
  readonly timeoutMs: number
}

const KEY = 'a key for rehearsals'.replaceAll(' ', '-')

/** The transport of each provider, for a server that plays its API. */
const CLIENTS: Readonly<Record<ProviderName, (place: Place) => Promise<Transport>>> = {
  resend: async (place) => (await import('@loudmail/providers/resend')).resend({ key: KEY, ...place }),
  postmark: async (place) =>
    (await import('@loudmail/providers/postmark')).postmark({ token: KEY, ...place }),
  ses: async (place) =>
    (await import('@loudmail/providers/ses')).ses({
      region: 'eu-west-1',
      accessKeyId: KEY,
      secretAccessKey: KEY,
      ...place,
    }),
  sendgrid: async (place) => (await import('@loudmail/providers/sendgrid')).sendgrid({ key: KEY, ...place }),
  mailgun: async (place) =>
    (await import('@loudmail/providers/mailgun')).mailgun({ key: KEY, domain: 'example.test', ...place }),
  brevo: async (place) => (await import('@loudmail/providers/brevo')).brevo({ key: KEY, ...place }),
  microsoftGraph: async (place) =>
    (await import('@loudmail/providers/microsoft-graph')).microsoftGraph({ accessToken: KEY, ...place }),
  gmail: async (place) => (await import('@loudmail/providers/gmail')).gmail({ accessToken: KEY, ...place }),
}

/** The providers that `debug()` can play. */
export const PROVIDERS = Object.keys(CLIENTS) as readonly ProviderName[]

/** @throws MailError `config/invalid-config` if @loudmail/providers is not installed */
export async function providerClient(provider: ProviderName, place: Place): Promise<Transport> {
  try {
    return await CLIENTS[provider](place)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw configError(
      `debug({ provider: '${provider}' }) needs @loudmail/providers: npm install -D @loudmail/providers`,
    )
  }
}
