import { describe, expect, it } from 'vitest'
import { failure, gist, large, message, scene, WAYS } from './scene.ts'

const dsn = { notify: ['failure', 'delay'], ret: 'headers', envelopeId: 'order:7+8=15' } as const

describe.concurrent('delivery status notifications', () => {
  it('are asked for where DSN is offered', async () => {
    await using here = await scene({ caps: ['DSN', 'PIPELINING'] })
    await here.transport.send(message({ dsn }))
    const { mailParameters, rcptParameters } = here.server.messages[0]!.envelope
    expect(mailParameters).toMatchObject({ RET: 'HDRS', ENVID: 'order:7+2B8+3D15' })
    expect(rcptParameters).toEqual([{ NOTIFY: 'FAILURE,DELAY', ORCPT: 'rfc822;bob@rcpt.example' }])
  })

  it('can be ruled out', async () => {
    await using here = await scene({ caps: ['DSN'] })
    await here.transport.send(message({ dsn: { notify: 'never', ret: 'full' } }))
    const { mailParameters, rcptParameters } = here.server.messages[0]!.envelope
    expect(mailParameters).toMatchObject({ RET: 'FULL' })
    expect(rcptParameters).toMatchObject([{ NOTIFY: 'NEVER' }])
  })

  it('are not asked for where DSN is not offered', async () => {
    await using here = await scene()
    await here.transport.send(message({ dsn }))
    const { mailParameters, rcptParameters } = here.server.messages[0]!.envelope
    expect(Object.keys(mailParameters)).not.toContain('RET')
    expect(Object.keys(mailParameters)).not.toContain('ENVID')
    expect(rcptParameters).toEqual([{}])
  })

  it('are not asked for where nobody wants them', async () => {
    await using here = await scene({ caps: ['DSN'] })
    await here.transport.send(message())
    expect(here.server.connections[0]!.lines.join('\n')).not.toMatch(/NOTIFY|RET=|ENVID|ORCPT/)
  })
})

describe.concurrent('SIZE', () => {
  it('is told exactly where it is offered', async () => {
    await using here = await scene({ caps: ['SIZE 100000'] })
    await here.transport.send(message({ text: 'x\n'.repeat(500) }))
    const { envelope, octets } = here.server.messages[0]!
    expect(envelope.mailParameters.SIZE).toBe(String(octets))
  })

  it('is not told where it is not offered', async () => {
    await using here = await scene({ caps: [] })
    await here.transport.send(message())
    expect(here.server.messages[0]!.envelope.mailParameters).toEqual({})
  })

  it('of a message that is larger than the server takes fails it before MAIL, and harms no other', async () => {
    await using here = await scene({ caps: ['SIZE 2000'] }, { pool: { connections: 1 } })
    const error = await failure(here.transport, message({ text: 'x\n'.repeat(5_000) }))
    expect(gist(error)).toEqual({
      code: 'mail-from/message-too-large',
      delivered: 'none',
      permanence: 'permanent',
      statuses: ['not-attempted'],
    })
    await here.transport.send(message())
    expect(here.server.connections[0]!.commands.filter((command) => command === 'MAIL')).toHaveLength(1)
  })

  it.each(['SIZE', 'SIZE 0', 'SIZE many'])('%s is no limit', async (size) => {
    await using here = await scene({ caps: [size] })
    await here.transport.send(message({ text: 'x\n'.repeat(5_000) }))
    expect(here.server.messages).toHaveLength(1)
  })
})

describe.concurrent('text beyond ASCII', () => {
  it('goes in 8bit where 8BITMIME is offered, and says so', async () => {
    await using here = await scene({ caps: ['8BITMIME'], strict7bit: true })
    await here.transport.send(message({ text: 'Grüße' }))
    const [taken] = here.server.messages
    expect(taken!.eightBit).toBe(true)
    expect(taken!.envelope.mailParameters.BODY).toBe('8BITMIME')
    expect(here.server.connections[0]!.violations).toEqual([])
  })

  it('is encoded where it is not', async () => {
    await using here = await scene({ caps: [], strict7bit: true })
    await here.transport.send(message({ text: 'Grüße' }))
    const [taken] = here.server.messages
    expect(taken!.eightBit).toBe(false)
    expect(taken!.envelope.mailParameters).toEqual({})
  })
})

describe.concurrent('SMTPUTF8', () => {
  it('is asked for with an address beyond ASCII where it is offered', async () => {
    await using here = await scene({ caps: ['SMTPUTF8', '8BITMIME'] })
    await here.transport.send(message({ to: 'jürgen@rcpt.example' }))
    const { envelope } = here.server.messages[0]!
    expect(envelope.to).toEqual(['jürgen@rcpt.example'])
    expect(envelope.mailParameters.SMTPUTF8).toBe(true)
  })

  it('that is not offered fails the message before MAIL', async () => {
    await using here = await scene({ caps: ['8BITMIME'], strictAscii: true })
    const error = await failure(here.transport, message({ to: 'jürgen@rcpt.example' }))
    expect(gist(error)).toMatchObject({ code: 'mail-from/smtputf8-required', delivered: 'none' })
    expect(here.server.connections[0]!.commands).not.toContain('MAIL')
  })

  it('is not needed for names and subjects beyond ASCII', async () => {
    await using here = await scene({ caps: [] })
    await here.transport.send(message({ to: 'Jürgen <bob@rcpt.example>', subject: 'Grüße' }))
    expect(here.server.messages[0]!.envelope.mailParameters).toEqual({})
  })
})

describe.concurrent('REQUIRETLS', () => {
  const sent = () => message({ requireTlsOnward: true })

  it('is asked for where it is offered over TLS', async () => {
    await using here = await scene({ tls: 'implicit', caps: ['REQUIRETLS'] })
    await here.transport.send(sent())
    expect(here.server.messages[0]!.envelope.mailParameters.REQUIRETLS).toBe(true)
  })

  it('is no promise over a connection that is not verified', async () => {
    await using here = await scene(
      { tls: 'implicit', caps: ['REQUIRETLS'] },
      { tlsOptions: { rejectUnauthorized: false } },
    )
    const error = await failure(here.transport, sent())
    expect(gist(error)).toMatchObject({ code: 'mail-from/requiretls-not-offered', delivered: 'none' })
  })

  it.each([
    ['not offered', { tls: 'implicit', caps: [] }],
    ['offered without encryption', { caps: ['REQUIRETLS'] }],
  ] as const)('that is %s fails the message before MAIL', async (_, script) => {
    await using here = await scene(script)
    const error = await failure(here.transport, sent())
    expect(gist(error)).toMatchObject({ code: 'mail-from/requiretls-not-offered', delivered: 'none' })
    expect(here.server.connections[0]!.commands).not.toContain('MAIL')
  })
})

const to = ['a', 'b', 'c'].map((name) => `${name}@rcpt.example`)

for (const { way, caps, pool } of WAYS) {
  describe.concurrent(`partial: 'abort', ${way}`, () => {
    for (const [content, make] of [
      ['small', message],
      ['large', large],
    ] as const) {
      it(`reaches nobody where one is refused, with ${content} content`, async () => {
        await using here = await scene(
          { caps, on: { RCPT: { byRcpt: { [to[1]!]: '550 5.1.1 Nobody' } } } },
          { partial: 'abort', pool },
        )
        const error = await failure(here.transport, make({ to }))
        expect(gist(error)).toEqual({
          code: 'rcpt-to/mailbox-unknown',
          delivered: 'none',
          permanence: 'permanent',
          statuses: ['not-attempted', 'rejected', 'not-attempted'],
        })
        await here.transport.send(make({ to: to[0]! }))
        expect(here.server.messages.map(({ envelope }) => envelope.to)).toEqual([[to[0]]])
        expect(here.server.connections).toHaveLength(1)
      })
    }

    it('reaches everybody where nobody is refused', async () => {
      await using here = await scene({ caps }, { partial: 'abort', pool })
      await here.transport.send(message({ to }))
      expect(here.server.messages[0]!.envelope.to).toEqual(to)
    })
  })

  describe.concurrent(`1,000 recipients, ${way}`, () => {
    const many = Array.from({ length: 1_000 }, (_, n) => `user${n}@rcpt.example`)

    it('all get the message', async () => {
      await using here = await scene({ caps }, { pool })
      await here.transport.send(message({ to: many }))
      expect(here.server.messages[0]!.envelope.to).toEqual(many)
    })

    it('of which some are too many are told one by one', async () => {
      await using here = await scene(
        {
          caps,
          on: {
            RCPT: ({ envelope }) =>
              (envelope?.to.length ?? 0) >= 100 ? '452 4.5.3 Too many recipients' : undefined,
          },
        },
        { pool },
      )
      const error = await failure(here.transport, message({ to: many }))
      expect(error).toMatchObject({ code: 'rcpt-to/too-many-recipients', delivered: 'some', retryable: true })
      const accepted = error.recipients.filter(({ status }) => status === 'accepted')
      expect(accepted.map(({ address }) => address)).toEqual(many.slice(0, 100))
    })
  })

  it(`content arrives as it was composed, ${way}`, async () => {
    await using here = await scene({ caps }, { pool })
    await here.transport.send(message({ text: '.\n..\n.dot\n\n.\n' }))
    const { content } = here.server.messages[0]!
    expect(content.toString()).toMatch(/\r\n\r\n\.\r\n\.\.\r\n\.dot\r\n\r\n\.\r\n$/)
  })
}

describe.concurrent('a server without ESMTP', () => {
  it.each(['500 5.5.1 What?', '502 Not implemented'])(
    'that answers EHLO with %s is greeted with HELO',
    async (no) => {
      await using here = await scene({ on: { EHLO: no } })
      await here.transport.send(message({ text: 'Grüße' }))
      expect(here.server.connections[0]!.commands.slice(0, 3)).toEqual(['EHLO', 'HELO', 'MAIL'])
      expect(here.server.messages[0]).toMatchObject({ eightBit: false, envelope: { mailParameters: {} } })
    },
  )

  it('that refuses HELO as well has the last word', async () => {
    await using here = await scene({ on: { EHLO: '500 What?', HELO: '550 5.7.1 Go away' } })
    expect(await failure(here.transport)).toMatchObject({ stage: 'ehlo', reply: { code: 550 } })
  })
})
