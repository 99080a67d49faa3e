import type { MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { expect, it } from 'vitest'
import { compose } from '../src/index.ts'

const header = (input: Partial<MessageInput>): string => {
  const whole = { from: 'ann@example.com', text: '', messageId: '<a@b>', ...input }
  const [head] = compose(toMessage(whole)).bytes!.toString().split('\r\n\r\n')
  return head!.replaceAll(/\r\n[ \t]+/g, ' ')
}

it('several authors are one From field, with a Sender', () => {
  const from = ['Ann <ann@example.com>', '"Brown, Bob" <bob@example.org>', 'cy@example.net']
  const fields = header({ from, sender: 'Di <di@example.com>', to: 'e@example.com' })
  expect(fields).toMatch(
    /^From: Ann <ann@example\.com>, "Brown, Bob" <bob@example\.org>, cy@example\.net\r\nSender: Di <di@example\.com>\r$/m,
  )
})

it.each<[Partial<MessageInput>, string]>([
  [{ bcc: 'bob@example.org' }, 'To: undisclosed-recipients:;'],
  [{ envelope: { to: 'bob@example.org' } }, 'To: undisclosed-recipients:;'],
  [{ to: 'undisclosed-recipients:;', bcc: 'bob@example.org' }, 'To: undisclosed-recipients:;'],
  [{ to: [], cc: [], bcc: 'bob@example.org' }, 'To: undisclosed-recipients:;'],
  [{ cc: 'bob@example.org' }, 'Cc: bob@example.org'],
  [{ to: 'Team: bob@example.org, Cy <cy@example.org>;' }, 'To: bob@example.org, Cy <cy@example.org>'],
  [{ to: 'Bob (Sales) <bob@example.org>' }, 'To: "Bob (Sales)" <bob@example.org>'],
  [{ to: 'bob@example.org (Bob)' }, 'To: Bob <bob@example.org>'],
  [{ to: ['bob@example.org', 'Bob <bob@EXAMPLE.ORG>'] }, 'To: bob@example.org, Bob <bob@EXAMPLE.ORG>'],
])('of %j, the header names the recipients as %s', (input, field) => {
  const fields = header(input).split('\r\n')
  expect(fields.filter((line) => /^(?:To|Cc|Bcc):/.test(line))).toEqual([field])
})

it.each([
  ['1900-01-01T00:00:00Z', 'Date: Mon, 01 Jan 1900 00:00:00 +0000'],
  ['9999-12-31T23:59:59Z', 'Date: Fri, 31 Dec 9999 23:59:59 +0000'],
])('%s is written as %s', (date, field) => {
  expect(header({ to: 'bob@example.org', date: new Date(date) }).split('\r\n')).toContain(field)
})
