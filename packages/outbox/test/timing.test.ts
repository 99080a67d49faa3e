import { describe, expect, it } from 'vitest'
import { readTiming, type EntryTiming } from '../src/message/timing.ts'

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000)

describe('the timing of a message', () => {
  it('is empty if there is none', () => {
    expect(readTiming({ tags: ['a'] })).toEqual({})
    expect(readTiming(undefined)).toEqual({})
    expect(readTiming({ outbox: undefined })).toEqual({})
  })

  it('may be in its transportData, and what enqueue() is given goes first', () => {
    const [sendAt, giveUpAt] = [inHours(1), inHours(2)]
    const outbox = { sendAt, priority: 5, giveUpAt }
    expect(readTiming({ outbox })).toEqual(outbox)
    expect(readTiming({ outbox }, { priority: -1_000, sendAt: undefined })).toEqual({
      ...outbox,
      priority: -1_000,
    })
  })

  it('may be a time that has passed', () => {
    const sendAt = inHours(-1)
    expect(readTiming(undefined, { sendAt })).toEqual({ sendAt })
  })

  const wrong: readonly [string, unknown, string][] = [
    ['a time that is no Date', { sendAt: '2026-11-27' }, 'sendAt must be a valid Date'],
    ['a time that is null', { giveUpAt: null }, 'giveUpAt must be a valid Date'],
    ['a Date that is not valid', { giveUpAt: new Date('soon') }, 'giveUpAt must be a valid Date'],
    ['a priority that is not whole', { priority: 1.5 }, 'priority must be a whole number from -1000 to 1000'],
    ['a priority that is a string', { priority: '1' }, 'priority must be a whole number'],
    ['a priority that is too high', { priority: 1_001 }, 'priority must be a whole number'],
    ['a time to give up that has passed', { giveUpAt: inHours(-1) }, 'giveUpAt is in the past'],
    [
      'a time to give up before it is sent',
      { sendAt: inHours(2), giveUpAt: inHours(1) },
      'giveUpAt is before sendAt',
    ],
  ]
  it.each(wrong)('%s is refused', (_, timing, summary) => {
    const refusal = expect.objectContaining({
      code: 'compose/invalid-message',
      summary: expect.stringContaining(summary),
    })
    expect(() => readTiming({ outbox: timing })).toThrow(refusal)
    expect(() => readTiming(undefined, timing as EntryTiming)).toThrow(refusal)
  })

  it('a name that is misspelled is refused', () => {
    expect(() => readTiming({ outbox: { sendat: inHours(1) } })).toThrow(
      expect.objectContaining({
        summary: 'transportData.outbox has no "sendat"',
        hint: 'Did you mean sendAt?',
      }),
    )
  })

  it.each([[null], ['now'], [[]]])('%j instead of an object is refused', (outbox) => {
    expect(() => readTiming({ outbox })).toThrow('transportData.outbox must be an object')
  })
})
