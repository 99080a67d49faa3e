import { describe, expect, it } from 'vitest'
import { readBounce } from '../../src/index.ts'
import { aReport } from './a-report.ts'

const FEEDBACK = `Feedback-Type: abuse
User-Agent: Some-FBL/1.0
Version: 1
Original-Envelope-Id: order-7
Original-Mail-From: <bounces@example.net>
Original-Rcpt-To: <ann@example.com>
Original-Rcpt-To: bob@example.com
Arrival-Date: Fri, 27 Nov 2026 10:00:00 +0000
Reporting-MTA: dns; mx.example.com
Source-IP: 192.0.2.1
Reported-Domain: example.net
Reported-Uri: http://example.net/
`

function feedback(status = FEEDBACK): string {
  return aReport({
    type: 'multipart/report; report-type=feedback-report; boundary=cut',
    mediaType: 'message/feedback-report',
    originalType: 'message/rfc822',
    status,
  })
}

describe('a feedback report', () => {
  it('becomes a complaint of every recipient that it names', async () => {
    const { news, report, reason } = await readBounce(feedback())
    expect(reason).toBeUndefined()
    expect(report).toEqual({
      type: 'arf',
      messageId: '<order-7@example.net>',
      envelopeId: 'order-7',
      feedback: 'abuse',
      recipients: ['ann@example.com', 'bob@example.com'],
      mailFrom: 'bounces@example.net',
      arrivedAt: new Date('2026-11-27T10:00:00Z'),
      domain: 'example.net',
      reportedBy: 'mx.example.com',
      sourceIp: '192.0.2.1',
      userAgent: 'Some-FBL/1.0',
    })
    expect(news).toMatchObject(
      ['ann@example.com', 'bob@example.com'].map((recipient) => ({
        type: 'complained',
        from: 'arf',
        recipient,
        messageId: '<order-7@example.net>',
        // When the report was written: the message arrived long before somebody complained.
        at: new Date('2026-11-27T10:06:00Z'),
        why: {
          kind: 'spam',
          permanence: 'permanent',
          recipients: [{ address: recipient, status: 'accepted' }],
        },
        raw: { 'feedback-type': 'abuse' },
      })),
    )
    expect(new Set(news.map(({ id }) => id)).size).toBe(2)
  })

  it.each([
    ['abuse', 'complained'],
    ['Fraud', 'complained'],
    ['virus', 'complained'],
    ['other', 'complained'],
    ['opt-out', 'unsubscribed'],
    ['opt-out-list', 'unsubscribed'],
    ['not-spam', undefined],
    ['auth-failure', undefined],
    ['dmarc', undefined],
    ['constructor', undefined],
  ])('of type %s is %s', async (type, expected) => {
    const { news, reason, report } = await readBounce(feedback(FEEDBACK.replace('abuse', type)))
    expect(news.map((one) => one.type)).toEqual(expected === undefined ? [] : [expected, expected])
    expect(reason).toBe(expected === undefined ? 'nothing-to-tell' : undefined)
    expect(news[0]?.why === undefined).toBe(expected !== 'complained')
    expect(report).toMatchObject({ feedback: type.toLowerCase() })
  })

  it('without recipients is no news, and still names the message', async () => {
    const redacted = FEEDBACK.replaceAll(/Original-Rcpt-To: .*/g, 'Original-Rcpt-To: redacted')
    const { news, reason, report } = await readBounce(feedback(redacted))
    expect({ news, reason }).toEqual({ news: [], reason: 'no-recipient' })
    expect(report).toMatchObject({ messageId: '<order-7@example.net>', recipients: [] })
  })

  it('without a type is broken', async () => {
    expect((await readBounce(feedback(FEEDBACK.replace('Feedback-Type: abuse\n', '')))).reason).toBe('broken')
  })

  it('that nobody knows is no news', async () => {
    const { news, reason } = await readBounce(feedback(), {
      isOurs: ({ recipient }) => recipient === 'bob@example.com',
    })
    expect({ recipients: news.map(({ recipient }) => recipient), reason }).toEqual({
      recipients: ['bob@example.com'],
      reason: undefined,
    })
  })
})
