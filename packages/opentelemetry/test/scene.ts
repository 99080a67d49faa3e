import type { Transport } from '@loudmail/core'
import { startServer, type ServerOptions, type ServerScript, type SmtpServer } from '@loudmail/server'
import { smtp, type SmtpOptions } from '@loudmail/smtp'

/** A server with a transport that sends to it; both are closed when it goes out of scope. */
export interface Scene extends AsyncDisposable {
  readonly server: SmtpServer
  readonly transport: Transport
}

export async function scene(
  script: ServerScript & ServerOptions = {},
  options: Partial<SmtpOptions> = {},
): Promise<Scene> {
  const server = await startServer(script)
  const transport = smtp({
    host: '127.0.0.1',
    port: server.port,
    tls: 'none',
    tlsOptions: { ca: server.ca },
    timeoutMs: 3_000,
    ...options,
  })
  return {
    server,
    transport,
    async [Symbol.asyncDispose]() {
      await server.close()
      await transport.close!()
    },
  }
}
