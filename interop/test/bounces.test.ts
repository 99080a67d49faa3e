import { mkdirSync, writeFileSync } from 'node:fs'
import type { MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { readBounce, type MailNews } from '@loudmail/webhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bouncingExim, bouncingOpenSmtpd, bouncingPostfix, type BouncingServer } from '../src/bouncing.ts'
import type { RunningServer } from '../src/running-server.ts'
import { bounces, NEXT, type Bounce } from './bounce-cases.ts'

/** With WRITE_BOUNCES=1, what the servers wrote becomes the fixtures of packages/webhooks. */
const FIXTURES = new URL('../../packages/webhooks/test/fixtures/bounces/', import.meta.url)

describe.for<BouncingServer>([bouncingPostfix, bouncingExim, bouncingOpenSmtpd])(
  'bounces of $name',
  (server) => {
    const { name } = server
    let next: SmtpServer
    let running: RunningServer
    const sent = new Map<Bounce, { sender: string; messageId: string; envelopeId: string }>()
    const cases = bounces.filter(({ expected }) => name in expected)

    beforeAll(async () => {
      next = await startServer(NEXT)
      running = await server.start(next.port)
      const transport = smtp({
        host: '127.0.0.1',
        port: running.ports.starttls,
        tls: 'none',
        name: 'shop.sender.test',
      })
      for (const [index, bounce] of cases.entries()) {
        const sender = `bounces-${index}@sender.test`
        const envelopeId = `order+${index}=x`
        const input: MessageInput = {
          from: 'Shop <shop@sender.test>',
          envelope: { from: sender, to: bounce.to },
          to: bounce.to,
          subject: 'Your order',
          text: 'Thank you\n',
          dsn: { notify: bounce.notify, ret: 'headers', envelopeId },
          ...bounce.input?.(),
        }
        const message = toMessage(input)
        await transport.send(message)
        sent.set(bounce, { sender, messageId: message.messageId!, envelopeId })
      }
      await transport.close?.()
    })
    afterAll(async () => {
      await running?.close()
      await next?.close()
    })

    it.for(cases)('$title', async (bounce) => {
      const { sender, messageId, envelopeId } = sent.get(bounce)!
      const { content } = await next.waitFor(
        'message',
        ({ envelope, content: octets }) =>
          envelope.from === '' && envelope.to[0] === sender && octets.includes(`Action: ${bounce.action}`),
        { signal: AbortSignal.timeout(25_000) },
      )
      if (process.env.WRITE_BOUNCES) keep(`${name.toLowerCase()}-${bounce.file}.eml`, content)
      // OpenSMTPD does not tell it.
      const told = name === 'OpenSMTPD' ? undefined : envelopeId
      const { news, report, reason } = await readBounce(content, {
        isOurs: (original) => original.messageId === messageId && original.envelopeId === told,
      })
      expect(report).toMatchObject({
        type: 'dsn',
        messageId,
        envelopeId: told,
        reportedBy: 'mail.inbox.test',
      })
      expect({ reason, news: news.map(seen) }).toMatchObject(bounce.expected[name]!)
      for (const one of news)
        expect(one).toMatchObject({ from: 'dsn', messageId, at: expect.any(Date) as unknown })
    })
  },
)

function seen({ type, recipient, why }: MailNews): object {
  const { code, permanence, reply } = why ?? {}
  return { type, recipient, code, permanence, reply: reply && { code: reply.code, enhanced: reply.enhanced } }
}

function keep(file: string, content: Uint8Array): void {
  mkdirSync(FIXTURES, { recursive: true })
  writeFileSync(new URL(file, FIXTURES), content)
}
