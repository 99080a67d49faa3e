import { Readable } from 'node:stream'
import type { MailError } from '@loudmail/core'
import { describe, expect, it } from 'vitest'
import { readBounce, type MailNews } from '../../src/index.ts'
import { aReport, aStatus, STATUS } from './a-report.ts'

async function newsOf(status: string): Promise<MailNews | undefined> {
  return (await readBounce(aReport({ status }))).news[0]
}

async function recipientOf(...fields: string[]): Promise<string | undefined> {
  return (await newsOf(aStatus(...fields, 'Action: failed', 'Status: 5.1.1')))?.recipient
}

describe('a delivery status notification', () => {
  it('becomes news with the reason, as a send would have failed', async () => {
    const { news, report, reason } = await readBounce(aReport())
    expect(reason).toBeUndefined()
    expect(report).toEqual({
      type: 'dsn',
      messageId: '<order-7@example.net>',
      envelopeId: 'order-7',
      reportedBy: 'mx.example.com',
      arrivedAt: new Date('2026-11-27T10:00:00Z'),
      recipients: [
        {
          recipient: 'ann@example.com',
          finalRecipient: 'ann.lee@mail.example.com',
          action: 'failed',
          status: '5.1.1',
          diagnosticCode: 'smtp; 550 5.1.1 User unknown',
          remoteMta: 'mail.example.com',
          lastAttemptAt: new Date('2026-11-27T10:05:00Z'),
        },
      ],
    })
    expect(news).toMatchObject([
      {
        type: 'bounced',
        from: 'dsn',
        at: new Date('2026-11-27T10:05:00Z'),
        recipient: 'ann@example.com',
        messageId: '<order-7@example.net>',
        why: {
          code: 'rcpt-to/mailbox-unknown',
          permanence: 'permanent',
          reply: { code: 550, enhanced: '5.1.1', text: 'User unknown' },
          recipients: [{ address: 'ann@example.com', status: 'rejected' }],
          messageId: '<order-7@example.net>',
        },
        raw: { action: 'failed', 'final-recipient': 'rfc822; ann.lee@mail.example.com' },
      },
    ])
  })

  it.each<[string, string, string | undefined]>([
    ['failed', '5.1.1', 'bounced'],
    ['FAILED (at last)', '5.1.1', 'bounced'],
    ['delayed', '4.4.1', 'deferred'],
    ['delivered', '2.0.0', 'delivered'],
    // Nobody knows what becomes of these (RFC 3464 section 2.3.3).
    ['relayed', '2.0.0', undefined],
    ['expanded', '2.0.0', undefined],
    ['constructor', '5.1.1', undefined],
    ['', '5.1.1', undefined],
  ])('with the action %j is %s %s', async (action, status, type) => {
    const read = await readBounce(
      aReport({
        status: aStatus('Final-Recipient: rfc822;ann@example.com', `Action: ${action}`, `Status: ${status}`),
      }),
    )
    expect(read.news.map((one) => one.type)).toEqual(type === undefined ? [] : [type])
    expect(read.reason).toBe(type === undefined ? 'nothing-to-tell' : undefined)
    expect(read.report).toMatchObject({ recipients: [{ recipient: 'ann@example.com' }] })
    expect(read.news[0]?.why === undefined).toBe(type === undefined || type === 'delivered')
  })

  it.each<[string, string[], Partial<MailError>]>([
    ['only its code', ['Status: 5.2.2'], { kind: 'mailbox-full', permanence: 'permanent' }],
    ['a code for now', ['Status: 4.2.2'], { kind: 'mailbox-full', permanence: 'transient' }],
    ['that the time is over', ['Status: 5.4.7'], { kind: 'timeout', permanence: 'transient' }],
    [
      'a reply that it gave up on',
      ['Status: 5.4.7', 'Diagnostic-Code: smtp; 452 4.2.2 Full'],
      { kind: 'mailbox-full', permanence: 'transient' },
    ],
    [
      'words of a program',
      ['Status: 5.4.4', 'Diagnostic-Code: X-Postfix; Host not found'],
      { kind: 'domain-unknown', summary: 'the domain does not exist or accepts no mail: Host not found' },
    ],
    [
      'a reply that is folded',
      ['Status: 5.0.0', 'Diagnostic-Code: smtp; 550', '    5.1.1 No such', '\tuser'],
      {
        kind: 'mailbox-unknown',
        reply: { protocol: 'smtp', code: 550, enhanced: '5.1.1', text: 'No such user' },
      },
    ],
    ['nothing at all', [], { kind: 'rejected', permanence: 'permanent' }],
  ])('tells with %s why', async (_, fields, why) => {
    const news = await newsOf(aStatus('Final-Recipient: rfc822;ann@example.com', 'Action: failed', ...fields))
    expect(news).toMatchObject({ type: 'bounced', why })
  })

  it('without a reason takes it from the text, as Exim and OpenSMTPD write it there', async () => {
    const summaryOf = async (text: string, status: string): Promise<string | undefined> => {
      const fields = aStatus('Final-Recipient: rfc822;ann@example.com', 'Action: failed', `Status: ${status}`)
      return (await readBounce(aReport({ text, status: fields }))).news[0]?.why?.summary
    }
    const exim =
      'Failed:\n\n  ann@example.com\n    mailbox\n    is full\n  bob@example.com\n    no such user\n'
    expect(await summaryOf(exim, '5.0.0')).toBe('the mailbox is full: mailbox is full')
    expect(await summaryOf('ann@example.com: mailbox is full\n', '5.0.0')).toMatch(/mailbox is full$/)
    // The code says more than words that anybody may have put there.
    expect(await summaryOf(exim, '5.1.1')).toBe('the mailbox does not exist')
    expect(await summaryOf('  bob@example.com\n    no such user\n', '5.0.0')).toBe('the server refused')
  })

  it('tells of every recipient, each with an id of its own that stays the same', async () => {
    const groups = ['ann', 'bob', 'cy'].map(
      (name) => `Final-Recipient: rfc822;${name}@example.com\nAction: failed\nStatus: 5.1.1\n`,
    )
    const text = aReport({ status: `Reporting-MTA: dns; mx.example.com\n\n${groups.join('\n\n')}` })
    const { news } = await readBounce(text)
    expect(news.map(({ recipient }) => recipient)).toEqual([
      'ann@example.com',
      'bob@example.com',
      'cy@example.com',
    ])
    expect(new Set(news.map(({ id }) => id)).size).toBe(3)
    // With other trace fields, as a mailbox and a forwarder would have it.
    const again = await readBounce(`Received: from mx.example.com\n${text}`)
    expect(again.news.map(({ id }) => id)).toEqual(news.map(({ id }) => id))
    const other = await readBounce(text.replace('report-1', 'report-2'))
    expect(other.news[0]!.id).not.toBe(news[0]!.id)
  })

  it('is read where the empty line in front of the recipient is missing', async () => {
    const { news, report } = await readBounce(aReport({ status: STATUS.replace('\n\n', '\n') }))
    expect(news).toMatchObject([{ recipient: 'ann@example.com' }])
    expect(report).toMatchObject({ envelopeId: 'order-7' })
  })

  it.each([
    'message/rfc822',
    'message/global',
    'message/global-headers',
    'text/rfc822-headers; charset=utf-8',
  ])('finds the Message-ID in a part of type %s', async (originalType) => {
    const { news } = await readBounce(aReport({ originalType }))
    expect(news).toMatchObject([{ messageId: '<order-7@example.net>' }])
  })

  it('without the original has no Message-ID', async () => {
    const { news } = await readBounce(aReport({ original: '' }))
    expect(news).toMatchObject([{ type: 'bounced', messageId: undefined }])
  })

  it('without a date of its own happened when the report was written', async () => {
    const status = aStatus('Final-Recipient: rfc822;ann@example.com', 'Action: failed', 'Status: 5.1.1')
    const { news } = await readBounce(aReport({ status }))
    expect(news[0]!.at).toEqual(new Date('2026-11-27T10:06:00Z'))
    const before = Date.now()
    const undated = await readBounce(aReport({ status, header: ['Date: soon'] }))
    expect(undated.news[0]!.at.getTime()).toBeGreaterThanOrEqual(before)
  })

  it('is read from octets and from streams', async () => {
    const text = aReport()
    const octets = Buffer.from(text.replaceAll('\n', '\r\n'))
    const inputs = [text, octets, new Uint8Array(octets), Readable.from([text]), new Blob([octets]).stream()]
    for (const input of inputs)
      expect((await readBounce(input)).news).toMatchObject([{ recipient: 'ann@example.com' }])
    await expect(
      readBounce(
        Readable.from(
          (function* () {
            yield text.slice(0, 20)
            throw new Error('the mailbox went away')
          })(),
        ),
      ),
    ).rejects.toThrow('the mailbox went away')
    await expect(readBounce(7 as never)).rejects.toMatchObject({ code: 'config/invalid-config' })
    await expect(readBounce(text, { ours: true } as never)).rejects.toMatchObject({
      code: 'config/invalid-config',
    })
  })
})

describe('the recipient', () => {
  it.each([
    ['in brackets', 'Final-Recipient: rfc822; <ann@example.com>', 'ann@example.com'],
    ['without a type', 'Final-Recipient: ann@example.com', 'ann@example.com'],
    ['with a tag', 'Final-Recipient: rfc822;ann+news@example.com', 'ann+news@example.com'],
    ['with a tag that looks like xtext', 'Final-Recipient: rfc822;ann+42@example.com', 'ann+42@example.com'],
    [
      'with a tag that looks like an octet of xtext',
      'Final-Recipient: rfc822;ann+99@example.com',
      'ann+99@example.com',
    ],
    ['in xtext', 'Original-Recipient: rfc822;ann+2Bnews@example.com', 'ann+news@example.com'],
    ['beyond ASCII', 'Final-Recipient: utf-8; jörg@example.com', 'jörg@example.com'],
    ['beyond ASCII, in ASCII', String.raw`Final-Recipient: utf-8; j\x{F6}rg@example.com`, 'jörg@example.com'],
    [
      'beyond ASCII, in ASCII and xtext',
      String.raw`Original-Recipient: utf-8;j+5Cx{F6}rg@example.com`,
      'jörg@example.com',
    ],
    ['beyond ASCII, in xtext', 'Original-Recipient: rfc822;j+C3+B6rg@example.com', 'jörg@example.com'],
  ])('%s is read', async (_, field, address) => {
    expect(await recipientOf(field)).toBe(address)
  })

  it('is the final one if the original one is no address', async () => {
    expect(
      await recipientOf('Original-Recipient: x400; /G=Ann/', 'Final-Recipient: rfc822; ann@example.com'),
    ).toBe('ann@example.com')
  })

  it.each([
    'Final-Recipient: rfc822; nobody',
    'Final-Recipient: rfc822; ann@example.com, bob@example.com',
    'Final-Recipient: rfc822; ann@example.com\u0000',
    'Final-Recipient: x400; ann@example.com',
    String.raw`Final-Recipient: utf-8; ann\x{0A}Bcc: bob@example.com`,
    String.raw`Final-Recipient: utf-8; ann\x{FFFFFF}@example.com`,
    'Final-Recipient:',
  ])('cannot be %j', async (field) => {
    const { news, reason } = await readBounce(aReport({ status: aStatus(field, 'Action: failed') }))
    expect({ news, reason }).toEqual({ news: [], reason: 'no-recipient' })
  })
})

describe('whose message it was', () => {
  it('is asked for each recipient, and what is not ours is no news', async () => {
    const asked: unknown[] = []
    const isOurs = (message: { envelopeId?: string | undefined }): boolean => {
      asked.push(message)
      return message.envelopeId === 'order-7'
    }
    expect((await readBounce(aReport(), { isOurs })).news).toHaveLength(1)
    expect(asked).toEqual([
      { messageId: '<order-7@example.net>', envelopeId: 'order-7', recipient: 'ann@example.com' },
    ])
    const forged = await readBounce(aReport({ status: STATUS.replace('order-7', 'order-8') }), { isOurs })
    expect(forged).toMatchObject({ news: [], reason: 'not-ours', report: { envelopeId: 'order-8' } })
    const unsure = await readBounce(aReport(), { isOurs: () => Promise.resolve('yes' as never) })
    expect(unsure.reason).toBe('not-ours')
    await expect(readBounce(aReport(), { isOurs: 'me' as never })).rejects.toMatchObject({
      code: 'config/invalid-config',
    })
  })

  it('compares the envelope id as it was sent, also where it comes back in xtext', async () => {
    const { report } = await readBounce(aReport({ status: STATUS.replace('order-7', 'order+2B7+3Dx') }))
    expect(report).toMatchObject({ envelopeId: 'order+7=x' })
  })
})

describe('what is no report', () => {
  it.each<[string, string, string]>([
    ['a letter', 'From: ann@example.com\nSubject: Hi\n\nHello\n', 'not-a-report'],
    ['nothing', '', 'not-a-report'],
    [
      'an out-of-office reply',
      'From: ann@example.com\nAuto-Submitted: auto-replied (vacation)\nSubject: Away\n\nBack on Monday\n',
      'auto-reply',
    ],
    [
      'a read receipt',
      aReport({
        type: 'multipart/report; report-type=disposition-notification; boundary=cut',
        mediaType: 'message/disposition-notification',
        status: 'Final-Recipient: rfc822;ann@example.com\nDisposition: manual-action; displayed\n',
      }),
      'not-a-report',
    ],
    [
      'a letter with a report attached',
      aReport({
        type: 'multipart/mixed; boundary=cut',
        mediaType: 'message/delivery-status\nContent-Disposition: attachment',
      }),
      'not-a-report',
    ],
    [
      'a letter with a bounce attached',
      `Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: message/rfc822\n\n${aReport()}\n--out--\n`,
      'not-a-report',
    ],
    ['a report without its part', aReport({ mediaType: 'text/plain' }), 'broken'],
    ['a report that is empty', aReport({ status: '' }), 'broken'],
    ['a report in which nothing is a field', aReport({ status: 'Hello\n\nWorld\n' }), 'broken'],
  ])('%s', async (_, message, reason) => {
    const read = await readBounce(message)
    expect({ news: read.news, reason: read.reason }).toEqual({ news: [], reason })
  })

  it('a report that answers by itself, as mail servers mark it, is still a report', async () => {
    const { news } = await readBounce(aReport({ header: ['Auto-Submitted: auto-replied'] }))
    expect(news).toHaveLength(1)
  })
})
