import { certificates, type Action, type EventName, type ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import type { SmtpOptions } from '../src/index.ts'
import { failure, gist, huge, message, scene, WAYS } from './scene.ts'

/** Promises the engine does not keep yet. */

interface Expected {
  code: string
  delivered?: 'none' | 'some' | 'unknown'
  permanence?: 'permanent' | 'transient' | 'unknown'
  reply?: number | undefined
}

async function expectFailure(
  script: ServerScript,
  expected: Expected,
  options: Partial<SmtpOptions> = {},
): Promise<void> {
  await using here = await scene(script, { timeoutMs: 300, ...options })
  const error = await failure(here.transport)
  const { code, delivered, permanence, reply } = error
  expect({ code, delivered, permanence, reply: reply?.code }).toEqual({
    delivered: 'none',
    reply: undefined,
    ...expected,
    permanence: expected.permanence ?? (expected.delivered === 'unknown' ? 'unknown' : 'transient'),
  })
  expect(error.messageId).toBeDefined()
  expect(error.transport).toBe(here.transport.name)
  expect(error.hint).not.toBe('')
  expect(error.recipients).toMatchObject([{ address: 'bob@rcpt.example' }])
  const captured = here.server.messages.length
  expect(captured).toBeLessThanOrEqual(delivered === 'none' ? 0 : 1)
}

const AUTH = { user: 'ann', pass: 'open sesame' }

/** The events of a send before MAIL, with what a script and options must have for them to happen. */
const OPENING: [EventName, string, ServerScript, Partial<SmtpOptions>][] = [
  ['CONNECT', 'greeting', {}, {}],
  ['EHLO', 'ehlo', {}, {}],
  ['STARTTLS', 'tls', { caps: ['STARTTLS'] }, { tls: 'starttls' }],
  ['AUTHCMD', 'auth', { caps: ['AUTH PLAIN'] }, { auth: AUTH }],
  ['AUTH', 'auth', { caps: ['AUTH LOGIN'] }, { auth: AUTH }],
]

/** The events of a message, with the stage that its failures belong to. */
const MESSAGE: [EventName, string][] = [
  ['MAIL', 'mail-from'],
  ['RCPT', 'rcpt-to'],
  ['DATA', 'data'],
  ['DOT', 'body'],
]

describe.concurrent('while a connection is opened', () => {
  for (const [event, stage, script, options] of OPENING) {
    const play = (action: Action, expected: Expected): Promise<void> =>
      expectFailure({ ...script, on: { [event]: action } }, expected, options)

    it(`421 at ${event} is the server not being available, for now`, () =>
      play('421 4.3.2 Shutting down', {
        code: `${stage}/service-unavailable`,
        reply: 421,
      }))

    it(`silence at ${event} is a time-out at ${stage}`, () =>
      play({ stall: true }, { code: `${stage}/timeout` }))

    it(`a close at ${event} is a lost connection at ${stage}`, () =>
      play({ close: 'fin' }, { code: `${stage}/connection-lost` }))

    it(`a reset at ${event} is a lost connection at ${stage}`, () =>
      // A reset that is faster than the client's own connecting would be one at connect.
      play({ delay: 20, then: { close: 'rst' } }, { code: `${stage}/connection-lost` }))

    const garbage = event === 'CONNECT' ? 'not-smtp' : 'protocol'
    const permanence = event === 'CONNECT' ? 'permanent' : 'transient'
    for (const [what, raw] of [
      ['a line that is no reply', 'What do you want?\r\n'],
      ['a code beyond 599', '650 no such thing\r\n'],
      ['a code below 200', '120 in an hour\r\n'],
      ['a code stuck to its text', '250Ok\r\n'],
    ] as const) {
      it(`${what} at ${event} is told as ${garbage}`, () =>
        play({ raw }, { code: `${stage}/${garbage}`, permanence }))
    }

    it(`empty lines before the reply at ${event} mean nothing`, () =>
      play(
        { raw: '\r\n\n\r\n421 4.3.2 Shutting down\r\n' },
        { code: `${stage}/service-unavailable`, reply: 421 },
      ))

    it(`a line without end at ${event} is bounded`, () =>
      play({ fill: { s: 'x', n: 20_000 } }, { code: `${stage}/${garbage}`, permanence }))

    it(`half a reply and then the end at ${event} is a lost connection`, () =>
      play({ seq: [{ raw: '25' }, { close: 'fin' }] }, { code: `${stage}/connection-lost` }))

    it(`a refusal without line end before the close at ${event} is still read`, () =>
      play(
        { seq: [{ raw: '421 4.3.2 Gone' }, { close: 'fin' }] },
        {
          code: `${stage}/service-unavailable`,
          reply: 421,
        },
      ))
  }

  it('a positive code that is not 220 is no greeting', () =>
    expectFailure({ on: { CONNECT: '250 Hello' } }, { code: 'greeting/protocol', reply: 250 }))

  it('a reply in one-byte drips is read whole', async () => {
    await using here = await scene({ drip: 1 })
    expect(await here.transport.send(message())).toMatchObject({ state: 'sent' })
  })

  it('replies that end in a bare LF are read', async () => {
    await using here = await scene({ lf: true })
    expect(await here.transport.send(message())).toMatchObject({ state: 'sent' })
  })

  it('more than 256 lines of one reply are too many', () =>
    expectFailure(
      { on: { EHLO: { seq: [{ fill: { s: '250-X\r\n', n: 300 } }, '250 X'] } } },
      { code: 'ehlo/protocol' },
    ))

  it('an unasked reply behind the answer to EHLO ends the connection, and shifts nothing', async () => {
    await using here = await scene({
      on: { EHLO: { seq: [{ raw: '250 localhost\r\n250 2.1.0 Ok\r\n' }] } },
    })
    const error = await failure(here.transport)
    expect(gist(error)).toMatchObject({ delivered: 'none', permanence: 'transient' })
    expect(error.kind).toBe('protocol')
    expect(here.server.messages).toEqual([])
  })
})

const TLS: [string, ServerScript, Partial<SmtpOptions>, string, ('permanent' | 'transient')?][] = [
  [
    'a version that both do not speak',
    { tlsOpts: { maxVersion: 'TLSv1.2' } },
    { tlsOptions: { minVersion: 'TLSv1.3' } },
    'protocol-version',
    'permanent',
  ],
  ['a certificate for another name', { cert: 'wronghost' }, {}, 'certificate-hostname', 'permanent'],
  ['an expired certificate', { cert: 'expired' }, {}, 'certificate-expired', 'permanent'],
  ['a certificate nobody signed', { cert: 'selfsigned' }, {}, 'certificate-untrusted', 'permanent'],
  [
    'a server that wants a client certificate (TLS 1.2)',
    { tlsOpts: { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' } },
    {},
    'client-certificate-required',
    'permanent',
  ],
  [
    'a server that wants a client certificate (TLS 1.3)',
    { tlsOpts: { requestCert: true, rejectUnauthorized: true } },
    {},
    'client-certificate-required',
    'permanent',
  ],
]

describe.concurrent('TLS fails with its own reason', () => {
  for (const [title, script, options, kind, permanence] of TLS) {
    for (const tls of ['implicit', 'starttls'] as const) {
      // In TLS 1.2 the alert is the same as for no shared cipher (40), and is told as protocol-version.
      it(`${title}, ${tls}`, async () => {
        const server: ServerScript = tls === 'implicit' ? { tls } : { caps: ['STARTTLS', 'PIPELINING'] }
        const trusting = { ca: certificates.ca, ...options.tlsOptions }
        await using here = await scene(
          { ...server, ...script },
          { tls, timeoutMs: 1_000, ...options, tlsOptions: trusting },
        )
        const error = await failure(here.transport)
        expect({ code: error.code, permanence: error.permanence }).toEqual({
          code: `tls/${kind}`,
          permanence,
        })
        expect(error.delivered).toBe('none')
        expect(here.server.messages).toEqual([])
      })
    }
  }

  it('a client certificate that was asked for is given', async () => {
    await using here = await scene(
      { tls: 'implicit', tlsOpts: { requestCert: true, rejectUnauthorized: true } },
      { tlsOptions: { ca: certificates.ca, ...certificates.client } },
    )
    await here.transport.send(message())
    expect(here.server.messages).toHaveLength(1)
  })

  it('a close in place of the handshake is a lost connection at tls', () =>
    expectFailure(
      { caps: ['STARTTLS'], on: { STARTTLS: { seq: [{ raw: '220 Go ahead\r\n' }, { close: 'fin' }] } } },
      { code: 'tls/connection-lost' },
      { tls: 'starttls' },
    ))

  it('a reset in place of the handshake is a lost connection at tls', () =>
    expectFailure(
      { caps: ['STARTTLS'], on: { STARTTLS: { seq: [{ raw: '220 Go ahead\r\n' }, { close: 'rst' }] } } },
      { code: 'tls/connection-lost' },
      { tls: 'starttls' },
    ))

  it('plaintext in answer to the handshake is no TLS', () =>
    expectFailure(
      { caps: ['STARTTLS'], on: { STARTTLS: { starttls: { garbage: '500 what?\r\n' } } } },
      { code: 'tls/not-tls', permanence: 'permanent' },
      { tls: 'starttls' },
    ))

  it('plaintext slipped in before the handshake is an injection', () =>
    expectFailure(
      { caps: ['STARTTLS'], on: { STARTTLS: { starttls: { inject: '250 Ok\r\n' } } } },
      { code: 'tls/response-injection', permanence: 'permanent' },
      { tls: 'starttls' },
    ))
})

for (const { way, caps, pool, bdat } of WAYS) {
  describe.concurrent(`with a message under way, ${way}`, () => {
    for (const [event, stage] of MESSAGE.filter(([name]) => name !== 'DATA' || !bdat)) {
      const afterDot = event === 'DOT'
      const play = (action: Action, expected: Expected): Promise<void> =>
        expectFailure({ caps, on: { [event]: action } }, expected, { pool })
      const lost: Partial<Expected> = afterDot ? { delivered: 'unknown' } : {}

      it(`silence at ${event} is a time-out at ${stage}`, () =>
        play({ stall: true }, { code: `${stage}/timeout`, ...lost }))
      it(`a close at ${event} is a lost connection at ${stage}`, () =>
        play({ close: 'fin' }, { code: `${stage}/connection-lost`, ...lost }))
      it(`a reset at ${event} is a lost connection at ${stage}`, () =>
        play({ close: 'rst' }, { code: `${stage}/connection-lost`, ...lost }))
      it(`a line that is no reply at ${event} is a protocol failure there`, () =>
        play({ raw: 'Fine by me.\r\n' }, { code: `${stage}/protocol`, ...lost }))

      it(`a line without end at ${event} is bounded`, () =>
        play({ fill: { s: '2', n: 20_000 } }, { code: `${stage}/protocol`, ...lost }))
      it(`half a reply and a reset at ${event} is a lost connection`, () =>
        play({ seq: [{ raw: '25' }, { close: 'rst' }] }, { code: `${stage}/connection-lost`, ...lost }))
      it(`421 at ${event} refuses for now`, () =>
        play('421 4.3.2 Shutting down', { code: `${stage}/service-unavailable`, reply: 421 }))
      it(`421 and a reset at ${event} is the refusal that was read`, () =>
        play(
          { seq: ['421 4.3.2 Shutting down', { close: 'rst' }] },
          { code: `${stage}/service-unavailable`, reply: 421 },
        ))
      it(`4xx without enhanced code at ${event} may pass`, async () => {
        await using here = await scene({ caps, on: { [event]: '451 Not now' } }, { pool })
        const error = await failure(here.transport)
        expect({ stage: error.stage, permanence: error.permanence, code: error.reply?.code }).toEqual({
          stage,
          permanence: 'transient',
          code: 451,
        })
        expect(error.retryable).toBe(true)
      })
      it(`5xx without enhanced code at ${event} is final`, async () => {
        await using here = await scene({ caps, on: { [event]: '550 No' } }, { pool })
        const error = await failure(here.transport)
        expect({ stage: error.stage, permanence: error.permanence, reply: error.reply }).toMatchObject({
          stage,
          permanence: 'permanent',
          reply: { code: 550, text: 'No' },
        })
        expect(error.retryable).toBe(false)
      })
      it(`a refusal in several lines at ${event} keeps its first code, its first enhanced code and all words`, async () => {
        await using here = await scene({
          caps,
          on: {
            [event]: '550-No, said the server,\n550-5.7.1 since it is a rule,\n550 5.1.1 and walked off',
          },
        })
        const error = await failure(here.transport)
        expect(error.stage).toBe(stage)
        expect(error.reply).toMatchObject({ code: 550, enhanced: '5.7.1' })
        for (const words of ['No, said the server', 'since it is a rule', 'and walked off'])
          expect(error.reply!.text).toContain(words)
      })
      it(`a refusal in one-byte drips at ${event} is read whole`, () =>
        play(
          { trickle: { s: '550 5.7.1 No\r\n', ms: 1 } },
          { code: `${stage}/policy`, permanence: 'permanent', reply: 550 },
        ))
    }

    it('354 to MAIL is no consent', () =>
      expectFailure(
        { caps, on: { MAIL: '354 Go on' } },
        { code: 'mail-from/protocol', reply: 354 },
        { pool },
      ))

    it('354 to RCPT is no consent', () =>
      expectFailure({ caps, on: { RCPT: '354 Go on' } }, { code: 'rcpt-to/protocol', reply: 354 }, { pool }))

    if (!bdat) {
      it('250 to DATA is no consent', () =>
        expectFailure({ caps, on: { DATA: '250 Ok' } }, { code: 'data/protocol', reply: 250 }, { pool }))
    }

    it('350 to the content is no consent, and what became of it is unknown', () =>
      expectFailure(
        { caps, on: { DOT: '350 Go on' } },
        { code: 'body/protocol', delivered: 'unknown', reply: 350 },
        { pool },
      ))

    it('252 at RCPT is consent', async () => {
      await using here = await scene({ caps, on: { RCPT: '252 2.1.5 Cannot verify, will try' } }, { pool })
      await here.transport.send(message())
      expect(here.server.messages).toHaveLength(1)
    })

    it('a stall in the middle of the content is a time-out before the end: nothing was delivered', async () => {
      await using here = await scene(
        { caps, on: { BODY: { after: 10_000, do: { pauseRead: true } } } },
        { timeoutMs: 300, pool },
      )
      const error = await failure(here.transport, huge())
      expect(gist(error)).toEqual({
        code: 'body/timeout',
        delivered: 'none',
        permanence: 'transient',
        statuses: ['not-attempted'],
      })
      expect(error.retryable).toBe(true)
    })

    for (const close of ['fin', 'rst'] as const) {
      it(`a connection that ends (${close}) in the middle of the content delivered nothing`, async () => {
        await using here = await scene({ caps, on: { BODY: { after: 10_000, do: { close } } } }, { pool })
        const error = await failure(here.transport, huge())
        expect(gist(error)).toEqual({
          code: 'body/connection-lost',
          delivered: 'none',
          permanence: 'transient',
          statuses: ['not-attempted'],
        })
      })
    }

    it('552 in the middle of the content decides, and the next message goes by a fresh connection', async () => {
      await using here = await scene({
        caps,
        on: {
          BODY: ({ connection }) =>
            connection.id === 1 ? { after: 10_000, do: '552 5.3.4 Too much' } : { pass: true },
        },
      })
      const error = await failure(here.transport, huge())
      expect(gist(error)).toEqual({
        code: 'body/message-too-large',
        delivered: 'none',
        permanence: 'permanent',
        statuses: ['rejected'],
      })
      expect(error.reply?.code).toBe(552)
      await here.transport.send(message())
      expect(here.server.messages).toHaveLength(1)
    })

    it('an unasked reply between messages is nobody’s: the next message has its own', async () => {
      await using here = await scene(
        {
          caps,
          on: {
            DOT: { nthGlobal: [{ raw: '250 2.0.0 One\r\n550 5.1.1 Nobody asked\r\n' }, '250 2.0.0 Two'] },
          },
        },
        { pool },
      )
      const first = await here.transport.send(message())
      const second = await here.transport.send(message())
      expect([first.response, second.response]).toEqual(['250 2.0.0 One', '250 2.0.0 Two'])
      expect(here.server.connections).toHaveLength(2)
    })

    it('an unasked reply never becomes the answer to a message that was sent right behind', async () => {
      await using here = await scene(
        {
          caps,
          on: {
            DOT: { nthGlobal: [{ raw: '250 2.0.0 One\r\n250 2.0.0 Nobody asked\r\n' }, '250 2.0.0 Next'] },
          },
        },
        { pool },
      )
      const sent = [1, 2, 3].map((n) => message({ to: `user${n}@rcpt.example` }))
      const outcomes = await Promise.allSettled(sent.map((each) => here.transport.send(each)))
      const taken = here.server.messages.flatMap(({ envelope }) => envelope.to)
      for (const [index, outcome] of outcomes.entries()) {
        const copies = taken.filter((address) => address === `user${index + 1}@rcpt.example`).length
        expect(copies).toBeLessThanOrEqual(1)
        if (outcome.status === 'fulfilled') expect({ index, copies }).toEqual({ index, copies: 1 })
      }
    })

    if (!bdat) {
      it('250 that came before the content was sent is no acceptance of it', async () => {
        await using here = await scene(
          { caps, on: { DATA: { raw: '354 Go on\r\n250 2.0.0 Ok\r\n' }, DOT: '554 5.7.1 Spam' } },
          { pool },
        )
        const error = await failure(here.transport)
        expect(error.kind).toBe('protocol')
        expect(error.delivered).toBe('none')
      })
    }

    const replies = ['250 2.1.5 Ok', '550 5.1.1 Nobody', '451 4.7.1 Later'] as const
    const mixtures = replies.flatMap((one) =>
      replies.flatMap((two) => replies.map((three) => [one, two, three] as const)),
    )
    it('every mixture of recipients taken, refused and put off is told recipient by recipient', async () => {
      await Promise.all(
        mixtures.map(async (mixture) => {
          const to = ['a', 'b', 'c'].map((name) => `${name}@rcpt.example`)
          const byRcpt = Object.fromEntries(to.map((address, index) => [address, mixture[index]!]))
          await using here = await scene({ caps, on: { RCPT: { byRcpt } } }, { pool })
          const outcome = await here.transport.send(message({ to })).then(
            () => undefined,
            (error: unknown) => error,
          )
          const taken = to.filter((_, index) => mixture[index]!.startsWith('250'))
          expect(here.server.messages.flatMap(({ envelope }) => envelope.to)).toEqual(taken)
          const codes = mixture.map((reply) => Number(reply.slice(0, 3)))
          if (taken.length === 3) return expect(outcome).toBeUndefined()
          const transient = codes.includes(451)
          const mixed = transient && codes.includes(550)
          expect(outcome).toMatchObject({
            code: `rcpt-to/${mixed ? 'mixed' : transient ? 'greylisted' : 'mailbox-unknown'}`,
            delivered: taken.length > 0 ? 'some' : 'none',
            permanence: transient ? 'transient' : 'permanent',
            retryable: transient,
            recipients: codes.map((code, index) => ({
              address: to[index],
              status: code === 250 ? 'accepted' : 'rejected',
              ...(code !== 250 && { permanence: code < 500 ? 'transient' : 'permanent', reply: { code } }),
            })),
          })
        }),
      )
    })

    // With content ahead of the replies it is told as unknown: a server that goes on after 421 may have taken it.
    if (!bdat) {
      it('421 at the second of three recipients leaves nobody with the message', async () => {
        const to = ['a', 'b', 'c'].map((name) => `${name}@rcpt.example`)
        await using here = await scene(
          { caps, on: { RCPT: { byRcpt: { [to[1]!]: '421 4.3.2 Enough' } } } },
          { pool },
        )
        const error = await failure(here.transport, message({ to }))
        expect(gist(error)).toEqual({
          code: 'rcpt-to/service-unavailable',
          delivered: 'none',
          permanence: 'transient',
          statuses: ['not-attempted', 'rejected', 'not-attempted'],
        })
        expect(error.reply?.code).toBe(421)
        expect(error.retryable).toBe(true)
        expect(here.server.messages).toEqual([])
      })
    }

    it('a refusal of the content is that of everybody who was accepted', async () => {
      const to = ['a', 'b', 'c'].map((name) => `${name}@rcpt.example`)
      await using here = await scene({
        caps,
        on: { RCPT: { byRcpt: { [to[1]!]: '550 5.1.1 Nobody' } }, DOT: '554 5.7.1 Spam' },
      })
      const error = await failure(here.transport, message({ to }))
      expect(error).toMatchObject({ stage: 'body', delivered: 'none', permanence: 'permanent' })
      expect(error.recipients.map(({ reply }) => reply?.code)).toEqual([554, 550, 554])
    })

    it('everybody refused and content asked for all the same: nobody is sent anything', async () => {
      await using here = await scene({ caps, on: { RCPT: '550 5.1.1 Nobody', DATA: '354 Go on' } }, { pool })
      const error = await failure(here.transport)
      expect(gist(error)).toEqual({
        code: 'rcpt-to/mailbox-unknown',
        delivered: 'none',
        permanence: 'permanent',
        statuses: ['rejected'],
      })
      expect(here.server.messages).toEqual([])
      if (bdat) return
      expect(here.server.connections[0]!.entries.some(({ octets }) => (octets ?? 0) > 0)).toBe(false)
    })
  })
}
