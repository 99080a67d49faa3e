import { closedPort } from '@loudmail/server'
import { playProvider, startHttpServer, type ProviderName } from '@loudmail/server/http'
import { providerClient } from './provider-clients.ts'
import type { ProviderRehearsal } from './provider-rehearsals.ts'
import { TIMEOUT_MS } from './rehearsal.ts'
import type { Scene } from './scene.ts'

/** A server that plays the API of a provider, and the transport of that provider. */
export async function openProviderScene(
  provider: ProviderName,
  rehearsal: ProviderRehearsal | undefined,
): Promise<Scene> {
  const timeoutMs = rehearsal ? 4 * TIMEOUT_MS : 30_000
  // The content of a message is what would have gone out over SMTP: the provider composes its own.
  const take = (): undefined => undefined
  if (rehearsal === 'nobody') {
    const url = `http://127.0.0.1:${await closedPort()}`
    const client = await providerClient(provider, { url, timeoutMs })
    return { client, take, close: async () => client.close?.() }
  }
  const server = await startHttpServer(rehearsal ?? playProvider(provider), { unref: true })
  // What was played is in the transcript.
  server.on('request', () => server.clear())
  const client = await providerClient(provider, { url: server.url, timeoutMs })
  const close = async (): Promise<void> => {
    await client.close?.()
    await server.close()
  }
  return { client, take, close }
}
