import { inspect } from 'node:util'
import { MailError, retry, type Message, type MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { certificates } from '@loudmail/server'
import { smtp, type SmtpOptions } from '@loudmail/smtp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dovecot } from '../src/dovecot.ts'
import { exim } from '../src/exim.ts'
import { openSmtpd } from '../src/opensmtpd.ts'
import { postfix } from '../src/postfix.ts'
import type { RealServer } from '../src/real-server.ts'
import type { RunningServer } from '../src/running-server.ts'
import { optionsFor, sendAll, type Sent, type WayOptions } from '../src/sender.ts'
import { sentBytes, withBoundariesOf, withoutTrace } from '../src/sent-bytes.ts'
import { contents } from './contents.ts'
import { mixtures, refusals } from './refusals.ts'
import { chunkedWays, ways } from './ways.ts'

const ANN = { user: 'ann', pass: 'ann-s3cret' }

function isInDoubt(outcome: unknown): boolean {
  return MailError.is(outcome) && outcome.delivered === 'unknown'
}

describe.for<RealServer>([postfix, exim, openSmtpd, dovecot])('$name', (server) => {
  let running: RunningServer
  beforeAll(async () => {
    running = await server.start()
  })
  afterAll(() => running?.close())

  const has = (extension: RealServer['extensions'][number]): boolean => server.extensions.includes(extension)
  const options = (way?: WayOptions): SmtpOptions => optionsFor(server, running, way)
  const send = (input: Partial<MessageInput>, way?: WayOptions): Promise<Sent> =>
    sendAll(options(way), [input])

  async function expectArrived(message: Message, mailbox = 'ann'): Promise<void> {
    const arrived = withoutTrace(await running.arrived(mailbox, `Message-ID: ${message.messageId}`))
    const sent = withBoundariesOf(arrived, await sentBytes(message))
    // Not all of it: nobody wants to read how two buffers of 14 MB differ.
    if (!arrived.equals(sent))
      expect(arrived.toString('latin1', 0, 20_000)).toBe(sent.toString('latin1', 0, 20_000))
    expect(arrived.equals(sent)).toBe(true)
  }

  const taken = expect.stringMatching(/./)

  describe('delivers every octet', () => {
    const ports = ['starttls', ...(has('CHUNKING') && !server.lmtp ? (['chunking'] as const) : [])] as const
    for (const [title, content] of contents) {
      for (const via of ports) {
        it(`of ${title}${via === 'chunking' ? ', in chunks' : ''}`, async () => {
          const { messages, outcomes } = await send(content(), { via })
          expect(outcomes).toEqual([taken])
          await expectArrived(messages[0]!)
        })
      }
    }

    it('of a raw message, with bare CR and LF as CRLF', async () => {
      const header =
        'Date: Mon, 1 Jun 2026 10:00:00 +0000\nFrom: a@sender.test\r\nTo: bob@inbox.test\rMessage-ID: <raw@sender.test>\r\n'
      const raw = Buffer.from(
        `${header}\r\none\ntwo\rthree\r\n.\n.\r..\r\n\xE9\xFF ${'z'.repeat(900)}`,
        'latin1',
      )
      const message = toMessage({ raw, envelope: { from: 'a@sender.test', to: 'bob@inbox.test' } })
      const transport = smtp(options())
      await transport.send(message)
      await transport.close?.()
      const arrived = withoutTrace(await running.arrived('bob', 'Message-ID: <raw@sender.test>')).toString(
        'latin1',
      )
      expect(arrived).toBe((await sentBytes(message)).toString('latin1'))
      expect(arrived).toContain('\r\n\r\none\r\ntwo\r\nthree\r\n.\r\n.\r\n..\r\n\xE9\xFF z')
    })
  })

  describe('takes mail', () => {
    it.for([
      ...ways,
      ...(has('CHUNKING') ? chunkedWays : []).filter((way) => way.leastLines || !server.lmtp),
    ])('$title', async (way) => {
      const texts = Array.from({ length: way.messages }, (_, index) => ({
        text: `Nr. ${index}\n`.repeat((way.leastLines ?? 1) + index * 20),
      }))
      const result = await sendAll(options({ via: way.via, ...way.options }), texts)
      expect(result.outcomes).toEqual(texts.map(() => taken))
      for (const message of result.messages) await expectArrived(message)
      expect(result.said.some((line) => way.says.test(line))).toBe(true)
      const encrypted = result.events.some((event) => event.startsWith('encrypted'))
      expect(encrypted).toBe(way.options.tls !== 'none')
      expect(result.connections).toBeLessThanOrEqual(way.options.pool?.connections ?? 1)
    })

    it(has('SMTPUTF8') ? 'for an address that needs SMTPUTF8' : 'for ASCII addresses only', async () => {
      const input = { from: 'Jürgen <jürgen@sender.test>', to: 'jörg@inbox.test' }
      const { messages, outcomes } = await send(input)
      if (has('SMTPUTF8')) {
        expect(outcomes).toEqual([taken])
        await expectArrived(messages[0]!, 'joerg')
      } else {
        const code = 'mail-from/smtputf8-required'
        expect(outcomes).toMatchObject([
          { code, delivered: 'none', permanence: 'permanent', reply: undefined },
        ])
      }
    })

    it(
      has('DSN')
        ? 'with a request for a notification of success'
        : 'although it sends no notification of success',
      async () => {
        const envelopeId = `interop+${server.name}=1`
        const dsn = { notify: ['success', 'failure'], ret: 'headers', envelopeId } as const
        const { messages, outcomes, said } = await send({ from: 'bob@inbox.test', dsn })
        expect(outcomes).toEqual([taken])
        await expectArrived(messages[0]!)
        expect(said.some((line) => line.includes('NOTIFY=SUCCESS,FAILURE'))).toBe(has('DSN'))
        if (!has('DSN')) return
        const told = (await running.arrived('bob', messages[0]!.messageId!)).toString()
        expect(told).toMatch(/^Action: (?:delivered|relayed)$/m)
        // Exim gives it as it was sent, in xtext; OpenSMTPD does not give it.
        const id = /^Original-Envelope-Id: interop(?:\+|\+2B)\w+(?:=|\+3D)1$/im
        if (server.name !== 'OpenSMTPD') expect(told).toMatch(id)
      },
    )

    it('from the null sender', async () => {
      const { messages, outcomes } = await send({ envelope: { from: '' } })
      expect(outcomes).toEqual([taken])
      await expectArrived(messages[0]!)
    })

    it('for several recipients in one go, each with a copy', async () => {
      const { messages, outcomes } = await send({ to: ['ann@inbox.test', 'bob@inbox.test'] })
      expect(outcomes).toEqual([taken])
      for (const mailbox of ['ann', 'bob']) await expectArrived(messages[0]!, mailbox)
    })
  })

  // LMTP has none.
  if (server.mechanisms.length > 0) {
    describe('knows who logs in', () => {
      describe.for(server.mechanisms)('with %s', (method) => {
        it.for(['starttls', 'implicit'] as const)('over TLS (%s)', async (tls) => {
          const way = { via: tls, tls, auth: { ...ANN, method } }
          const { messages, outcomes, said } = await send({ to: 'members@inbox.test' }, way)
          expect(outcomes).toEqual([taken])
          expect(said.some((line) => line.startsWith(`AUTH ${method}`))).toBe(true)
          await expectArrived(messages[0]!, 'members')
        })

        it('and refuses a wrong password, which appears nowhere', async () => {
          const pass = 'wr0ng-s3cret'
          const { outcomes, said } = await send({}, { tls: 'starttls', auth: { user: 'ann', pass, method } })
          const expected = {
            code: 'auth/bad-credentials',
            permanence: 'permanent',
            delivered: 'none',
            reply: { code: 535 },
          }
          expect(outcomes).toMatchObject([expected])
          const shown = inspect([outcomes, said], { depth: 9 })
          for (const form of [pass, btoa(pass), btoa(`\0ann\0${pass}`)]) expect(shown).not.toContain(form)
        })
      })

      it('without a message, when asked to verify', async () => {
        const right = smtp(options({ tls: 'starttls', auth: ANN }))
        await expect(right.verify?.()).resolves.toBeUndefined()
        const wrong = smtp(options({ tls: 'starttls', auth: { user: 'bob', pass: ANN.pass } }))
        await expect(wrong.verify?.()).rejects.toMatchObject({
          code: 'auth/bad-credentials',
          reply: { code: 535 },
        })
      })

      it('and gets no password if it offers no login', async () => {
        const { outcomes, said } = await send({}, { auth: ANN })
        expect(outcomes).toMatchObject([{ code: 'auth/auth-not-offered', delivered: 'none' }])
        expect(said.join('\n')).not.toContain('AUTH')
      })
    })
  }

  describe('refuses, and Loudmail reports exactly why', () => {
    const untrusted: readonly [title: string, way: WayOptions, code: string][] = [
      [
        'nobody vouches for its certificate',
        { tls: 'starttls', tlsOptions: {} },
        'tls/certificate-untrusted',
      ],
      [
        'its certificate is for another host',
        {
          via: 'implicit',
          tls: 'implicit',
          tlsOptions: { ca: certificates.ca, servername: 'other.example' },
        },
        'tls/certificate-hostname',
      ],
      ['the port does not begin with TLS', { tls: 'implicit' }, 'tls/not-tls'],
    ]
    it.for(untrusted)('when %s', async ([, way, code]) => {
      const { outcomes } = await send({}, way)
      expect(outcomes).toMatchObject([{ code, delivered: 'none', permanence: 'permanent' }])
    })

    it.for(refusals.filter(({ expected }) => expected[server.name]))(
      'when it refuses $title',
      async (refusal) => {
        const { outcomes } = await send(refusal.input())
        expect(outcomes).toMatchObject([{ delivered: 'none', ...refusal.expected[server.name] }])
      },
    )

    it('for each recipient separately', async () => {
      const { to, ...expected } = mixtures[server.name]
      const { messages, outcomes } = await send({ to: Object.keys(to) })
      expect(outcomes).toMatchObject([expected])
      const { recipients } = outcomes[0] as MailError
      expect(Object.fromEntries(recipients.map((recipient) => [recipient.address, recipient]))).toMatchObject(
        to,
      )
      for (const mailbox of ['ann', 'bob']) await expectArrived(messages[0]!, mailbox)
    })

    // 36 messages, 18 of which are refused: more than Exim forgives on one connection.
    it('for each message separately, many at once on one connection', async () => {
      const later = server.lmtp ? 'later' : 'grey'
      const addresses = ['ann', 'unknown', 'bob', later]
      const inputs = Array.from({ length: 36 }, (_, index) => ({ to: `${addresses[index % 4]}@inbox.test` }))
      const way = { via: 'chunking', pool: { connections: 1, window: 16 } } as const
      const { messages, outcomes } = await sendAll(options(way), inputs)
      const unknown = refusals.find(({ title }) => title === 'an unknown user')!.expected[server.name]!
      const inDoubt = outcomes.filter((outcome) => isInDoubt(outcome))
      // Exim hangs up once, with the messages behind it already written.
      expect(inDoubt.length).toBeLessThan(server.name === 'Exim' ? 16 : 1)
      for (const [index, message] of messages.entries()) {
        const { messageId } = message
        if (isInDoubt(outcomes[index])) {
          if (index % 2 === 0)
            expect(await running.copies(addresses[index % 4]!, messageId!)).toBeLessThanOrEqual(1)
        } else if (index % 4 === 1)
          expect(outcomes[index]).toMatchObject({ messageId, delivered: 'none', ...unknown })
        else if (index % 4 === 3)
          expect(outcomes[index]).toMatchObject({
            messageId,
            delivered: 'none',
            permanence: 'transient',
            retryable: true,
          })
        else {
          expect(outcomes[index]).toEqual(taken)
          await expectArrived(message, addresses[index % 4])
        }
      }
    })

    it('and goes on with the next message on the same connection', async () => {
      const inputs = ['unknown', 'ann', 'unknown', 'unknown', 'bob'].map((name) => ({
        to: `${name}@inbox.test`,
      }))
      const { messages, outcomes, connections } = await sendAll(options(), inputs)
      const refused = expect.objectContaining({ stage: 'rcpt-to', delivered: 'none' })
      expect(outcomes).toEqual([refused, taken, refused, refused, taken])
      await expectArrived(messages[1]!)
      await expectArrived(messages[4]!, 'bob')
      expect(connections).toBe(1)
    })

    it('and where the server refuses so many that it hangs up, only what was written then is in doubt', async () => {
      const inputs = Array.from({ length: 40 }, () => ({ to: 'unknown@inbox.test' }))
      const way = { via: 'chunking', pool: { connections: 1, window: 16 } } as const
      const { outcomes } = await sendAll(options(way), inputs)
      const inDoubt = outcomes.filter((outcome) => isInDoubt(outcome))
      const refused = outcomes.filter((outcome) => (outcome as MailError).delivered === 'none')
      expect(inDoubt.length + refused.length).toBe(inputs.length)
      // At most a window for each time that it hangs up.
      expect(inDoubt.length).toBeLessThanOrEqual(2 * 15)
    })

    it('and a retry delivers no second copy', async () => {
      const to = ['ann@inbox.test', server.lmtp ? 'later@inbox.test' : 'grey@inbox.test']
      const message = toMessage({ from: 'sender@sender.test', to, text: 'Once\n' })
      const transport = retry(smtp(options()), { attempts: 3, delayMs: 1 })
      const failure: unknown = await transport.send(message).catch((error: unknown) => error)
      await transport.close?.()
      const recipients = [{ status: 'accepted' }, { status: 'rejected', permanence: 'transient' }]
      expect(failure).toMatchObject({
        delivered: 'some',
        retryable: true,
        recipients,
        failures: { length: 3 },
      })
      await expectArrived(message)
      expect(await running.copies('ann', message.messageId!)).toBe(1)
    })

    it('to nobody, if one refused recipient must stop the message', async () => {
      const to = ['bob@inbox.test', 'unknown@inbox.test']
      const { messages, outcomes } = await send({ to }, { partial: 'abort' })
      expect(outcomes).toMatchObject([{ stage: 'rcpt-to', delivered: 'none' }])
      // What was sent after it has come: so would it have.
      const after = await send({ to: 'bob@inbox.test' })
      await expectArrived(after.messages[0]!, 'bob')
      expect(await running.copies('bob', messages[0]!.messageId!)).toBe(0)
    })
  })
})
