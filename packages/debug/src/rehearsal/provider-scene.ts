import { closedPort } from '@loudmail/server'
import { playProvider, startHttpServer, type ProviderName } from '@loudmail/server/http'
import { providerClient } from './provider-clients.ts'
import type { ProviderRehearsal } from './provider-rehearsals.ts'
import type { Scene } from './scene.ts'

/** A server that plays the API of a provider, and the transport of that provider. */
export async function openProviderScene(
  provider: ProviderName,
  rehearsal: ProviderRehearsal | undefined,
): Promise<Scene> {
  // The content of a message is what would have gone out over SMTP: the provider composes its own.
  const take = (): undefined => undefined
  if (rehearsal && !rehearsal.script) {
    const client = await providerClient(provider, { url: `http://127.0.0.1:${await closedPort()}` })
    return { client, take, close: async () => client.close?.() }
  }
  const server = await startHttpServer(rehearsal?.script ?? playProvider(provider), { unref: true })
  // What was played is in the transcript.
  server.on('request', () => server.clear())
  const client = await providerClient(provider, { url: server.url, timeoutMs: rehearsal?.timeoutMs })
  const close = async (): Promise<void> => {
    await client.close?.()
    await server.close()
  }
  return { client, take, close }
}
