import { describe, expect, it } from 'vitest'
import { MailError } from '../src/index.ts'
import { toMessage, type ComposedMessage } from '../src/transport.ts'

const base = { from: 'ann@example.com', text: '' }

const shownOf = (to: string): string[] =>
  (toMessage({ ...base, to, cc: 'cy@example.com' }) as ComposedMessage).to.map(
    ({ name, address }) => `${name}|${address}`,
  )

const failureOf = (to: unknown): MailError => {
  try {
    toMessage({ ...base, to: to as string })
  } catch (error) {
    if (MailError.is(error)) return error
  }
  throw new TypeError('this was to be refused')
}

describe('a comment in an address is never lost', () => {
  it.each([
    ['Support (EU) <support@example.org>', 'Support (EU)|support@example.org'],
    ['Support (EU) Desk <support@example.org>', 'Support (EU) Desk|support@example.org'],
    ['(EU) Support <support@example.org>', '(EU) Support|support@example.org'],
    ['Support (EU (west)) <support@example.org>', 'Support (EU (west))|support@example.org'],
    ['"Support" (EU) <support@example.org>', 'Support (EU)|support@example.org'],
    ['"Support (EU)" <support@example.org>', 'Support (EU)|support@example.org'],
    ['Support <support@example.org> (EU)', 'Support (EU)|support@example.org'],
    ['Support <(EU) support@example.org>', 'Support (EU)|support@example.org'],
    ['Support <support(EU)@example.org>', 'Support (EU)|support@example.org'],
    ['Support <support@example.org (EU)>', 'Support (EU)|support@example.org'],
    ['ann@example.com (Ann Example)', 'Ann Example|ann@example.com'],
    ['(Ann Example) ann@example.com', 'Ann Example|ann@example.com'],
    ['<ann@example.com> (Ann Example)', 'Ann Example|ann@example.com'],
    ['ann@example.com (Ann Example (Sales))', 'Ann Example (Sales)|ann@example.com'],
    [String.raw`ann@example.com (Ann \) Example)`, 'Ann ) Example|ann@example.com'],
    ['ann@example.com (Ann) (Example)', 'Ann Example|ann@example.com'],
    ['ann(Ann)@(Example)example.com', 'Ann Example|ann@example.com'],
    ['ann@example.com (Änn 😀)', 'Änn 😀|ann@example.com'],
    ['ann@example.com ()', '|ann@example.com'],
    ['Ann <ann@example.com> ( )', 'Ann|ann@example.com'],
  ])('%s', (to, shown) => {
    expect(shownOf(to)).toEqual([shown])
  })

  it('and stays with its own address in a list', () => {
    expect(
      shownOf('ann@example.com (Ann), (Bob) bob@example.com, cy@example.com, Di (EU) <di@example.com>'),
    ).toEqual(['Ann|ann@example.com', 'Bob|bob@example.com', '|cy@example.com', 'Di (EU)|di@example.com'])
  })

  it.each([
    ['(only a comment)', /the address is missing/],
    ['ann@example.com, (nobody)', /the address is missing/],
    ['ann@example.com (open', /a comment is not closed/],
    ['Team (EU): ann@example.com;', /a comment beside the name of a group would be lost/],
    ['Team: ann@example.com; (EU)', /a comment beside the name of a group would be lost/],
    ['Team:(none);', /a comment beside the name of a group would be lost/],
    ['ann@example.com) <x@example.com>', /"\)" at position 15 is not expected/],
  ])('%s is refused', (to, why) => {
    expect(failureOf(to)).toMatchObject({ code: 'compose/invalid-address' })
    expect(failureOf(to).message).toMatch(why)
  })
})

describe('a group', () => {
  it.each([
    ['Team: ann@example.com, Bob <bob@example.com>;', ['|ann@example.com', 'Bob|bob@example.com']],
    [
      '"The Team": ann@example.com; , bob@example.com , Others:cy@example.com;',
      ['|ann@example.com', '|bob@example.com', '|cy@example.com'],
    ],
    ['Team: (Ann) ann@example.com, bob@example.com (Bob);', ['Ann|ann@example.com', 'Bob|bob@example.com']],
    ['Team: ann@example.com, ;', ['|ann@example.com']],
    ['undisclosed-recipients:;', []],
    ['Undisclosed recipients: ;', []],
    [' undisclosed-recipients : ; ', []],
    ['undisclosed-recipients:;, ann@example.com', ['|ann@example.com']],
  ])('%s stands for its members', (to, members) => {
    expect(shownOf(to)).toEqual(members)
  })

  it('has members that get the message', () => {
    expect(
      toMessage({ ...base, to: ['Team: ann@example.com, bob@example.com;', 'ann@EXAMPLE.com'] }).envelope.to,
    ).toEqual(['ann@example.com', 'bob@example.com'])
  })

  it.each([
    ['Team: ann@example.com', /the group is not closed with a semicolon/],
    ['Team:', /the address is missing/],
    ['Team: Inner: ann@example.com;;', /it has no @/],
    [': ann@example.com;', /the address is missing/],
    ['mailto:ann@example.com', /without mailto:/],
    ['ann@example.com; bob@example.com', /commas, not with semicolons/],
    ['ann@example.com <ann@example.com>', /a name that contains an @ must be in quotes/],
  ])('%s is refused', (to, why) => {
    expect(failureOf(to)).toMatchObject({ code: 'compose/invalid-address' })
    expect(failureOf(to).message).toMatch(why)
  })

  it('without members is nobody: the message needs another recipient', () => {
    const to = 'undisclosed-recipients:;'
    expect(failureOf(to).code).toBe('compose/no-recipients')
    expect(toMessage({ ...base, to, bcc: 'bob@example.com' }).envelope.to).toEqual(['bob@example.com'])
    expect(() => toMessage({ text: '', from: to, to: 'bob@example.com' })).toThrow('from has no address')
    expect(() => toMessage({ ...base, sender: to, to: 'bob@example.com' })).toThrow('sender')
  })
})

describe('the time for a list of 100,000 characters is short, whatever is in it', () => {
  const long = 100_000
  it.each([
    ['addresses', 'a@example.com, '.repeat(long / 15) + 'a@example.com'],
    ['addresses with names', 'Ann (EU) <a@example.com>, '.repeat(long / 26) + 'a@example.com'],
    ['one local part', `${'a'.repeat(long)}@example.com`],
    ['dots', '.'.repeat(long)],
    ['atoms and dots', 'a.'.repeat(long / 2)],
    ['open comments', '('.repeat(long)],
    ['nested comments', '('.repeat(long / 2) + ')'.repeat(long / 2)],
    ['comments in a row', '() '.repeat(long / 3)],
    ['backslashes in a comment', `(${'\\'.repeat(long)}`],
    ['an open quote', `"${'\\"'.repeat(long / 2)}`],
    ['words', 'a '.repeat(long / 2)],
    ['quoted words', '"a" '.repeat(long / 4)],
    ['blanks', ' '.repeat(long)],
    ['open angle brackets', 'a <'.repeat(long / 3)],
    ['groups', 'a:;,'.repeat(long / 4)],
    ['open groups', 'a:'.repeat(long / 2)],
    ['labels', `a@${'a.'.repeat(long / 2)}com`],
    ['hyphens in a label', `a@${'a-'.repeat(long / 2)}`],
    ['at signs', '@'.repeat(long)],
    ['literals', 'a@[,'.repeat(long / 4)],
  ])('%s', (_what, to) => {
    const before = process.cpuUsage()
    try {
      toMessage({ ...base, to })
    } catch (error) {
      expect(error).toMatchObject({ stage: 'compose' })
    }
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(2_000_000)
  })
})
