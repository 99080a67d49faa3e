import { fileURLToPath } from 'node:url'
import { toMessage } from '@loudmail/core/transport'
import { startServer } from '@loudmail/server'
import { expect, it } from 'vitest'
import { smtp } from '../src/index.ts'

it('a file that is too large for the server is refused before anything is asked', async () => {
  await using server = await startServer({ caps: ['PIPELINING', 'SIZE 1000'] })
  const transport = smtp({ host: '127.0.0.1', port: server.port, tls: 'none' })
  const attachments = [{ path: fileURLToPath(import.meta.url) }]
  const sending = transport.send(
    toMessage({ from: 'ann@sender.example', to: 'bob@rcpt.example', attachments }),
  )
  await expect(sending).rejects.toMatchObject({
    code: 'mail-from/message-too-large',
    delivered: 'none',
    reply: undefined,
  })
  await transport.close!()
  expect(server.connections.flatMap(({ commands }) => commands)).not.toContain('MAIL')
})
