import { describe, expect, it } from 'vitest'
import { readBounce } from '../../src/index.ts'
import { aReport, aStatus, STATUS } from './a-report.ts'

function many(count: number): string {
  const group = (index: number): string =>
    `Final-Recipient: rfc822;u${index}@example.com\nAction: failed\nStatus: 5.1.1\n`
  return `Reporting-MTA: dns; mx.example.com\n\n${Array.from({ length: count }, (_, index) => group(index)).join('\n')}`
}

/** Where a report without a text can be cut, so that the status is not whole. */
const PLACE = aReport({ text: '' }).indexOf('Diagnostic-Code')

async function outcome(message: string | Uint8Array): Promise<string> {
  const { news, reason } = await readBounce(message)
  return reason ?? String(news.length)
}

describe('a bounce that somebody made to do harm', () => {
  it('is read up to 2,000 recipients, and refused as a whole beyond', async () => {
    expect(await outcome(aReport({ status: many(2_000) }))).toBe('2000')
    expect(await outcome(aReport({ status: many(2_001) }))).toBe('too-large')
    const feedback = `Feedback-Type: abuse\n${'Original-Rcpt-To: ann@example.com\n'.repeat(2_001)}`
    expect(await outcome(aReport({ mediaType: 'message/feedback-report', status: feedback }))).toBe(
      'too-large',
    )
  })

  it('may return a message of any size, of which a stream is read no further than needed', async () => {
    let read = 0
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(aReport().replace('--cut--', ''))
      for (;;) {
        read += 65_536
        yield Buffer.alloc(65_536, 'x')
      }
    }
    expect((await readBounce(stream())).news).toHaveLength(1)
    expect(read).toBeLessThanOrEqual(5 * 1024 * 1024)
  })

  it.each<[string, () => string]>([
    ['a status that is too long', () => aReport({ status: `${STATUS}X: ${'y'.repeat(1_100_000)}\n` })],
    ['a status that does not end', () => aReport({ status: `${STATUS}X: ${'y'.repeat(5_000_000)}\n` })],
    ['a status that is cut', () => aReport({ text: 'x'.repeat(4 * 1024 * 1024 - PLACE) })],
    ['a text that does not end', () => aReport({ text: 'x'.repeat(5_000_000) })],
  ])('is refused for %s: part of it would look like all', async (_, message) => {
    expect(await outcome(message())).toBe('too-large')
  })

  it.each<[string, () => string, string]>([
    [
      'parts in parts in parts',
      () =>
        'Content-Type: multipart/report; boundary=a0\n\n' +
        Array.from(
          { length: 9_000 },
          (_, level) => `--a${level}\nContent-Type: multipart/mixed; boundary=a${level + 1}\n\n`,
        ).join(''),
      'broken',
    ],
    ['too many parts', () => aReport({ text: '--cut\n\n'.repeat(20_000) }), 'broken'],
    ['many lines in a text', () => aReport({ text: '\n'.repeat(1_000_000) }), '1'],
    ['many groups without fields', () => aReport({ status: `${STATUS}\n${'x\n\n'.repeat(100_000)}` }), '1'],
    ['a boundary that is everywhere', () => aReport({ text: '--cu\n'.repeat(100_000) }), '1'],
    ['no end', () => aReport().replace('--cut--', ''), '1'],
    ['no boundary', () => aReport({ type: 'multipart/report' }), 'broken'],
  ])('with %s ends with an answer', async (_, message, expected) => {
    expect(await outcome(message())).toBe(expected)
  })

  it('with octets that are no text says what it can', async () => {
    const junk = Buffer.from(
      aReport({ status: STATUS.replace('User unknown', 'JUNK') }).replace('JUNK', '\u0000\u001B[31m'),
    )
    const broken = Buffer.concat([junk.subarray(0, -1), Buffer.from([0xff, 0xfe, 0x80, 0x0a])])
    const { news } = await readBounce(broken)
    expect(news).toMatchObject([{ recipient: 'ann@example.com' }])
    // oxlint-disable-next-line no-control-regex
    expect((news[0]!.raw as Record<string, string>)['diagnostic-code']).not.toMatch(/[\u0000\u001B]/)
    for (let seed = 1; seed < 200; seed++) {
      const octets = Buffer.from(aReport())
      for (let change = 0; change < 20; change++)
        octets[(seed * 7919 + change * 104_729) % octets.length] = (seed * 31 + change * 17) % 256
      expect(await readBounce(octets)).toHaveProperty('news')
    }
  })

  it('cannot put a line into a header with what it says', async () => {
    const status = aStatus(
      'Final-Recipient: rfc822;ann@example.com\rBcc: eve@example.com',
      'Action: failed',
      'Diagnostic-Code: smtp; 550 5.1.1 no\rX-Evil: 1',
    )
    const original = 'Message-ID: <a@b>\r X: <c\nSubject: hi\n'
    const { news, report } = await readBounce(aReport({ status, original }))
    expect(JSON.stringify({ news, report })).not.toMatch(/\\r|Bcc/)
  })

  it.each(['<a b@example.net>', 'order-7', '<>', `<${'x'.repeat(2_000)}>`, '<a@b\u0007>', '<<a@b>'])(
    'has no Message-ID in %j',
    async (id) => {
      const { report } = await readBounce(aReport({ original: `Message-ID: ${id}\n` }))
      expect(report).toMatchObject({ messageId: undefined })
    },
  )

  it('is cut where it says too much', async () => {
    const { news } = await readBounce(
      aReport({ status: STATUS.replace('User unknown', 'no '.repeat(20_000)) }),
    )
    expect(JSON.stringify(news).length).toBeLessThan(20_000)
  })
})
