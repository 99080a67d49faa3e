import { describe, expect, it } from 'vitest'
import { testInbox, type MailMatch, type SentOptions } from '../src/index.ts'
import '../src/vitest.ts'
import { capture } from './capture.ts'

const ANN = 'ann@rcpt.example'
const BOB = 'bob@rcpt.example'

/** The message of the failed assertion. */
async function problem(assertion: Promise<void>): Promise<string> {
  return assertion.then(
    () => 'it passed',
    (error: Error) => error.message,
  )
}

describe('toHaveSent()', () => {
  const mail = {
    from: 'Tea Shop <tea@sender.example>',
    to: ['Ann <Ann@rcpt.example>'],
    cc: BOB,
    bcc: 'dave@bücher.example',
    subject: 'Your tea (1) is ready',
    text: 'Come\r\nand get it.',
    html: '<p>Come and get it.</p>',
    attachments: [
      { filename: 'bill.pdf', content: 'PDF', contentType: 'application/pdf' },
      { filename: 'terms.txt', content: 'Pay.' },
    ],
  }

  it.each<[yes: MailMatch, no: MailMatch]>([
    [{}, { subject: '' }],
    [{ to: ANN }, { to: 'ann@other.example' }],
    [{ to: 'Ann <ANN@RCPT.example>' }, { to: 'Anna <ann@rcpt.example>' }],
    [{ to: BOB }, { to: 'tea@sender.example' }],
    [{ to: 'dave@bücher.example' }, { to: 'dave@bucher.example' }],
    [{ to: /^ann@/i }, { to: /^Bob/ }],
    [{ to: /^Ann </ }, { to: /^Anna </ }],
    [{ to: ({ name }) => name === 'Ann' }, { to: ({ name }) => name === 'Bob' }],
    [{ to: [ANN, /^bob@/] }, { to: [ANN, 'carol@rcpt.example'] }],
    [{ from: 'TEA@sender.example' }, { from: ANN }],
    [{ from: 'Tea Shop <tea@sender.example>' }, { from: 'Tea <tea@sender.example>' }],
    [{ from: /Shop/ }, { from: /shop/ }],
    [{ subject: 'Your tea (1) is ready' }, { subject: 'Your tea' }],
    [{ subject: /tea \(\d\)/g }, { subject: /coffee/ }],
    [{ subject: (subject) => subject.length > 9 }, { subject: (subject) => subject.length < 9 }],
    [{ text: 'get it' }, { text: 'Get it' }],
    [{ text: 'Come\r\nand' }, { text: 'Come and' }],
    [{ text: /^and get/m }, { text: /^get/m }],
    [{ html: '<p>Come' }, { html: '<b>' }],
    [{ html: /get it\.<\/p>$/ }, { html: /^get/ }],
    [{ attachments: 'bill.pdf' }, { attachments: 'bill' }],
    [{ attachments: /\.pdf$/ }, { attachments: /\.png$/ }],
    [{ attachments: ['terms.txt', 'bill.pdf'] }, { attachments: ['bill.pdf', 'other.txt'] }],
    [
      { attachments: ({ content }) => Buffer.from(content).toString() === 'PDF' },
      { attachments: ({ contentType }) => contentType === 'image/png' },
    ],
    [{ state: 'captured' }, { state: 'sent' }],
    [{ state: /^capt/ }, { state: (state) => state === 'queued' }],
    [({ attachments }) => attachments.length === 2, ({ attachments }) => attachments.length === 3],
    [
      { to: ANN, subject: /tea/ },
      { to: ANN, subject: /coffee/ },
    ],
  ])('takes %o, but not %o', async (yes, no) => {
    const { store, send } = capture()
    await send(mail)
    await expect(store).toHaveSent(yes)
    await expect(store).not.toHaveSent(no)
    // A pattern that remembers its position gives the same result again.
    await expect(store).toHaveSent(yes)
  })

  it('accepts a transport, a store or an inbox', async () => {
    const { store, send } = capture()
    await send()
    for (const source of [{ store }, store, testInbox(store), testInbox(store).for(ANN)])
      await expect(source).toHaveSent({ subject: 'Tea' })
    await expect(testInbox(store).for(BOB)).not.toHaveSent()
  })

  it('accepts any mail if nothing is given', async () => {
    const { store, send } = capture()
    await expect(store).not.toHaveSent()
    await send()
    await expect(store).toHaveSent()
  })

  it('counts if a number is given', async () => {
    const { store, send } = capture()
    await expect(store).toHaveSent({}, { times: 0 })
    await send()
    await send({ to: BOB })
    await expect(store).toHaveSent({ subject: 'Tea' }, { times: 2 })
    await expect(store).toHaveSent({ to: BOB }, { times: 1 })
    await expect(store).not.toHaveSent({ subject: 'Tea' }, { times: 1 })
    await expect(store).not.toHaveSent({ subject: 'Tea' }, { times: 3 })
    await expect(store).not.toHaveSent({ subject: 'Tea' }, { times: 0 })
  })

  it('never counts a failed send', async () => {
    const { store, send } = capture()
    await send({ to: 'ann@full.example' })
    await send({ to: 'ann@lost.example' })
    await expect(store).not.toHaveSent()
    await expect(store).not.toHaveSent(() => true)
  })

  it('counts a send that failed in part for the recipients that have it', async () => {
    const { store, send } = capture()
    await send({ to: [ANN, 'bob@full.example'] })
    await expect(store).toHaveSent({ to: ANN })
    await expect(store).not.toHaveSent({ to: 'bob@full.example' })
    await expect(store).not.toHaveSent({ to: [ANN, 'bob@full.example'] })
    await expect(store).toHaveSent(({ envelope }) => envelope.to.join() === ANN)
  })

  it('says how the nearest mail differs', async () => {
    const { store, send } = capture()
    await send({ ...mail, subject: 'Your tea' })
    await send({ to: 'carol@rcpt.example' })
    const wanted = { to: [ANN, 'eve@rcpt.example'], subject: 'Tea', text: 'or not', attachments: /png/ }
    expect(await problem(expect(store).toHaveSent(wanted))).toBe(
      [
        'expect(…).toHaveSent()',
        '',
        `Wanted: a mail that went out with { to: [ '${ANN}', 'eve@rcpt.example' ], subject: 'Tea', text: 'or not', attachments: /png/ }`,
        'Found:  none among 2 mails',
        "  1. captured: 'Your tea' to Ann@rcpt.example, bob@rcpt.example, dave@xn--bcher-kva.example",
        "  2. captured: 'Tea' to carol@rcpt.example",
        'Nearest is 2:',
        `  to is carol@rcpt.example, not '${ANN}'`,
        "  text 'It is ready.' does not contain 'or not'",
        '  attachments has none, but not /png/',
      ].join('\n'),
    )
  })

  it('says for every field how it differs', async () => {
    const { store, send } = capture()
    await send({ ...mail, text: '' })
    const wanted = {
      from: /Eve/,
      subject: /coffee/,
      text: 'x',
      html: /coffee/,
      attachments: 'x',
      state: 'sent',
    } as const
    expect(await problem(expect(store).toHaveSent(wanted))).toMatch(
      [
        '  from is Tea Shop <tea@sender.example>, which does not match /Eve/',
        "  subject is 'Your tea (1) is ready', which does not match /coffee/",
        '  text is empty',
        "  html '<p>Come and get it.</p>' does not match /coffee/",
        "  attachments has 'bill.pdf', 'terms.txt', but not 'x'",
        "  state is captured, not 'sent'",
      ].join('\n'),
    )
  })

  it('says why a failed send does not count', async () => {
    const { store, send } = capture()
    await send({ to: 'ann@full.example' })
    expect(await problem(expect(store).toHaveSent({ to: 'ann@full.example' }))).toMatch(
      /Nearest is 1:\n {2}it failed: rcpt-to\/mailbox-full: the mailbox is full: 452 4\.2\.2 Mailbox full \[capture\(\)\]$/,
    )
    await store.clear()
    await send({ to: 'ann@lost.example' })
    expect(await problem(expect(store).toHaveSent({ to: 'ann@lost.example' }))).toMatch(
      /Nearest is 1:\n {2}it failed, and it is unknown whether it arrived: body\/connection-lost: /,
    )
  })

  it('lists at most ten mails, the nearest and newest', async () => {
    const { store, send } = capture()
    await send({ subject: 'Welcome', to: BOB })
    for (let n = 1; n <= 14; n++) await send({ subject: `Tea ${n}`, to: BOB })
    const lines = (await problem(expect(store).toHaveSent({ subject: 'Welcome', to: ANN })))
      .split('\n')
      .slice(3)
    expect(lines).toEqual([
      'Found:  none among 15 mails',
      `  1. captured: 'Welcome' to ${BOB}`,
      ...Array.from({ length: 9 }, (_, n) => `  ${n + 7}. captured: 'Tea ${n + 6}' to ${BOB}`),
      '  and 5 more',
      'Nearest is 1:',
      `  to is ${BOB}, not '${ANN}'`,
    ])
  })

  it('shows only the first of many recipients', async () => {
    const { store, send } = capture()
    await send({ to: Array.from({ length: 8 }, (_, n) => `user${n}@rcpt.example`) })
    expect(await problem(expect(store).not.toHaveSent())).toMatch(
      /user4@rcpt\.example and 3 more \(matches\)$/,
    )
  })

  it('lists the unwanted mails', async () => {
    const { store, send } = capture()
    await send({ subject: 'Coffee' })
    await send()
    expect(await problem(expect(store).not.toHaveSent({ subject: 'Tea' }))).toBe(
      [
        'expect(…).not.toHaveSent()',
        '',
        "Wanted: no mail that went out with { subject: 'Tea' }",
        'Found:  1 among 2 mails',
        `  1. captured: 'Coffee' to ${ANN}`,
        `  2. captured: 'Tea' to ${ANN} (matches)`,
      ].join('\n'),
    )
  })

  it('says how many there were', async () => {
    const { store, send } = capture()
    await send()
    await send()
    expect(await problem(expect(store).toHaveSent({}, { times: 1 }))).toMatch(
      /Wanted: 1 mail that went out\nFound: {2}2 among 2 mails/,
    )
    expect(await problem(expect(store).not.toHaveSent({}, { times: 2 }))).toMatch(
      /Wanted: any number of mails except 2 that went out\nFound: {2}2 among 2 mails/,
    )
  })

  it.each<[string, unknown, unknown, string]>([
    [
      'a misspelled field',
      { subjct: 'x' },
      {},
      'toHaveSent() has no field "subjct"; the fields are to, from, subject',
    ],
    [
      'a field without a value',
      { to: undefined },
      {},
      'toHaveSent() received to: undefined; leave it out to allow any',
    ],
    ['an empty array', { to: [] }, {}, 'to of toHaveSent() is an empty array; leave it out to allow any'],
    ['no address', { to: 'ann' }, {}, 'to of toHaveSent() must be one address, ann@example.com or'],
    [
      'a number',
      { subject: 1 },
      {},
      'subject of toHaveSent() must be a string, a RegExp or a function, but is 1',
    ],
    ['an unknown state', { state: 'gone' }, {}, 'state of toHaveSent() must be one of sent, queued'],
    ['a failed state', { state: 'failed' }, {}, "for state: 'failed', use toHaveFailed()"],
    [
      'a text',
      'Tea',
      {},
      "toHaveSent() takes an object with any of to, from, subject, text, html, attachments, state, but received 'Tea'",
    ],
    ['a pattern', /Tea/, {}, 'toHaveSent() takes an object with any of'],
    ['null', null, {}, 'toHaveSent() takes an object with any of'],
    [
      'an async function',
      { subject: async () => true },
      {},
      'subject of toHaveSent() must return its answer directly',
    ],
    ['a misspelled option', {}, { time: 1 }, 'toHaveSent() has no option "time"; it has times'],
    ['a number as options', {}, 2, 'toHaveSent() takes options such as { times: 2 }, but received 2'],
    [
      'half a mail',
      {},
      { times: 0.5 },
      'times of toHaveSent() must be a whole number, 0 or more, but is 0.5',
    ],
  ])('says what to change if it gets %s, also with not', async (_name, match, options, text) => {
    const { store, send } = capture()
    await send()
    const args = [match as MailMatch, options as SentOptions] as const
    expect(await problem(expect(store).toHaveSent(...args))).toContain(text)
    expect(await problem(expect(store).not.toHaveSent(...args))).toContain(text)
  })

  it('says what it accepts', async () => {
    expect(await problem(expect(undefined).not.toHaveSent())).toMatch(
      /^toHaveSent\(\) needs a debug\(\) transport or its store: /,
    )
  })
})
