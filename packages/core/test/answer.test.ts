import { describe, expect, it } from 'vitest'
import { Answer, isNegative, isPositive } from '../src/transport.ts'

const answer = (...lines: string[]): Answer =>
  new Answer({ code: Number(lines[0]!.slice(0, 3)), lines }, 'smtp', 'MAIL FROM')

describe('an answer', () => {
  it.each([
    [199, false, false],
    [200, true, false],
    [299, true, false],
    [300, false, false],
    [399, false, false],
    [400, false, true],
    [599, false, true],
  ])('of %i is positive: %s, negative: %s', (code, positive, negative) => {
    expect([isPositive(answer(`${code} x`)), isNegative(answer(`${code} x`))]).toEqual([positive, negative])
  })

  it('that did not come is neither', () => {
    expect([isPositive(undefined), isNegative(undefined)]).toEqual([false, false])
  })

  it.each([
    ['of one line as it is', ['250 2.0.0 Ok: queued'], '250 2.0.0 Ok: queued'],
    ['of one line with two spaces', ['250 2.0.0  Ok'], '250 2.0.0  Ok'],
    ['of several lines in one', ['250-2.0.0 Ok', '250 2.0.0 queued'], '250 2.0.0 Ok\nqueued'],
    ['of several lines without an enhanced code', ['250-Ok', '250 queued'], '250 Ok\nqueued'],
    ['of several lines that are no reply', ['250-Ok', 'queued'], '250 250-Ok\nqueued'],
  ])('is shown %s', (_how, lines, text) => {
    expect(new Answer({ code: 250, lines }, 'smtp', 'DATA').text).toBe(text)
  })

  it('is shown without secrets', () => {
    const redact = (text: string): string => text.replaceAll('hunter2', '<redacted>')
    const of = (...lines: string[]) => new Answer({ code: 535, lines }, 'lmtp', 'AUTH hunter2', redact)
    expect(of('535 hunter2?').text).toBe('535 <redacted>?')
    expect(of('535-no', '535 hunter2?').text).toBe('535 no\n<redacted>?')
    expect(of('535 5.7.8 hunter2?').reply).toEqual({
      protocol: 'lmtp',
      code: 535,
      enhanced: '5.7.8',
      text: '<redacted>?',
      command: 'AUTH <redacted>',
    })
  })

  it('is read once, and means what its stage says', () => {
    const refusal = answer('550 5.7.1 No')
    expect(refusal.reply).toBe(refusal.reply)
    expect(Object.isFrozen(refusal.reply)).toBe(true)
    expect(refusal.diagnosis('mail-from')).toBe(refusal.diagnosis('mail-from'))
    expect(refusal.diagnosis('mail-from').scope).toBe('sender')
    expect(refusal.diagnosis('body').scope).toBe('message')
  })
})
