import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { failover, Mailer, MailError, memory, retry, transportFromUrl, type Schemes } from '../src/index.ts'
import { checkOptions, wrap } from '../src/transport.ts'

const SECRET = 'hunter2%40secret'
const smtp: Schemes = {
  smtp: (url) => ({ ...memory(), name: `smtp(${url.hostname})` }),
  broken: (url) => {
    throw new Error(`cannot use ${url.href}`)
  },
}

/** Everything that a log could show of an error. */
function everything(error: unknown): string {
  const { message, stack, cause } = error as Error
  return [
    message,
    stack,
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(error),
    inspect(cause, { depth: 9 }),
  ].join('\n')
}

describe('a configuration mistake throws when the object is created, and names the option', () => {
  const transport = memory()
  const cases: [string, () => unknown, RegExp][] = [
    ['no options', () => new Mailer(undefined as never), /needs an object/],
    ['no transport', () => new Mailer({} as never), /needs a transport/],
    ['a transport that is none', () => new Mailer({ transport: 'smtp://x' as never }), /needs a transport/],
    ['a policy that does not exist', () => new Mailer({ transport, failure: 'quiet' as never }), /failure/],
    ['a silent mailer too', () => new Mailer({ transport, failure: 'silent', deadlineMs: -1 }), /deadlineMs/],
    ['a deadline that is no number', () => new Mailer({ transport, deadlineMs: '5' as never }), /deadlineMs/],
    ['a deadline that is NaN', () => new Mailer({ transport, deadlineMs: Number.NaN }), /deadlineMs/],
    ['an observer that is no function', () => new Mailer({ transport, observe: {} as never }), /observe/],
    [
      'a misspelled option',
      () => new Mailer({ transport, failures: 'silent' } as never),
      /"failures".*failure/,
    ],
    [
      'a default sender that does not parse',
      () => new Mailer({ transport, defaults: { from: 'nobody' } }),
      /defaults: from/,
    ],
    ['defaults that are no object', () => new Mailer({ transport, defaults: null as never }), /defaults/],
    ['retry without a transport', () => retry(undefined as never), /retry\(\) needs a transport/],
    ['retry with no attempts', () => retry(transport, { attempts: 0 }), /attempts/],
    ['retry with a misspelled option', () => retry(transport, { delay: 1 } as never), /"delay"/],
    ['failover without transports', () => failover(), /at least one/],
    ['a wrapper around nothing', () => wrap('mine', [], async () => ({}) as never), /at least one/],
    ['memory without room', () => memory({ limit: 0 }), /limit/],
    [
      'a scheme that nobody knows',
      () => transportFromUrl('smpt://mail.example.com'),
      /has the scheme smpt, which is none of memory, discard/,
    ],
    ['a scheme without an address', () => transportFromUrl('sendmail:'), /has the scheme sendmail/],
    [
      'a host without a scheme',
      () => transportFromUrl('mail.example.com:587'),
      /does not begin with a scheme/,
    ],
    [
      'a user and a password without a scheme',
      () => transportFromUrl(`ann:${SECRET}@mail.example.com`),
      /does not begin with a scheme/,
    ],
    [
      'a line break in a password',
      () => transportFromUrl(`smtp://ann:${SECRET}\n${SECRET}@mail.example.com`),
      /percent-encoded/,
    ],
    [
      'a parenthesis in a password',
      () => transportFromUrl(`retry(smtp://ann:(${SECRET}@mail.example.com)`),
      /percent-encode/,
    ],
    ['a missing URL', () => transportFromUrl(undefined), /missing/],
    ['an empty URL', () => transportFromUrl('  '), /is empty: set the environment variable/],
    ['a URL that is no string', () => transportFromUrl(42 as never), /must be a string/],
    [
      'a URL that cannot be read',
      () => transportFromUrl(`smtp://user:${SECRET}@host:99999`, smtp),
      /percent-encoded/,
    ],
    ['a URL without a scheme', () => transportFromUrl(`user:${SECRET}@`, smtp), /scheme/],
    ['a scheme nobody gave', () => transportFromUrl(`other://user:${SECRET}@host`, smtp), /smtp/],
    [
      'a scheme that is a property of every object',
      () => transportFromUrl('constructor://x', smtp),
      /scheme/,
    ],
    [
      'a scheme that throws',
      () => transportFromUrl(`broken://user:${SECRET}@host`, smtp),
      /broken transport/,
    ],
    [
      'failover of one',
      () => transportFromUrl(`failover(smtp://user:${SECRET}@host)`, smtp),
      /failover\(url url/,
    ],
    [
      'parentheses that do not match',
      () => transportFromUrl(`failover(smtp://user:${SECRET}@a (smtp://b)`, smtp),
      /parentheses/,
    ],
    [
      'a wrapper that does not exist',
      () => transportFromUrl(`twice(smtp://user:${SECRET}@a)`, smtp),
      /failover/,
    ],
    [
      'an option that does not exist',
      () => transportFromUrl('memory:', {}, { missing: 'discard' } as never),
      /"missing"/,
    ],
  ]
  for (const [title, make, names] of cases) {
    it(title, () => {
      let error: unknown
      try {
        make()
      } catch (thrown) {
        error = thrown
      }
      expect(MailError.is(error)).toBe(true)
      expect((error as MailError).code).toBe('config/invalid-config')
      expect((error as MailError).message).toMatch(names)
      for (const form of [SECRET, decodeURIComponent(SECRET), 'hunter2', 'user:']) {
        expect(everything(error)).not.toContain(form)
      }
    })
  }
})

describe('an option that is undefined', () => {
  // The types allow it for every option: a value from the environment may be missing.
  const missing = undefined
  it.each([
    [
      'retry()',
      () => retry(memory(), { attempts: missing, delayMs: missing, maxDelayMs: missing, budget: missing }),
    ],
    ['failover()', () => failover([memory(), memory()], { skipMs: missing })],
    ['transportFromUrl()', () => transportFromUrl('memory:', {}, { whenMissing: missing })],
  ])('has its default: %s', (_, make) => expect(make).not.toThrow())
})

describe('transportFromUrl', () => {
  it('creates what the expression says', () => {
    const text = 'failover(smtp://u:p@a.example  failover(smtp://b.example memory:))'
    expect(transportFromUrl(text, smtp).name).toBe(
      'failover(smtp(a.example), failover(smtp(b.example), memory()))',
    )
    expect(transportFromUrl(' retry(smtp://a.example) ', smtp).name).toBe('retry(smtp(a.example))')
  })

  it('discards if it is asked to, warns once, and the receipt says so', async () => {
    const warnings: string[] = []
    const listen = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', listen)
    const mailer = new Mailer({ transport: transportFromUrl('', {}, { whenMissing: 'discard' }) })
    for (let n = 0; n < 3; n++) {
      const receipt = await mailer.send({ from: 'ann@example.com', to: 'bob@example.com', text: '' })
      expect(receipt).toMatchObject({ ok: true, state: 'discarded' })
    }
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listen)
    expect(warnings).toEqual([expect.stringContaining('discarded')])
  })
})

describe('checkOptions()', () => {
  interface Tea {
    readonly milk?: boolean
    readonly sugar?: number
  }
  const tea: Tea = { milk: true }

  it('accepts every option of the interface, which the compiler checks', () => {
    checkOptions(tea, 'tea()', { milk: true, sugar: true })
    // @ts-expect-error -- sugar is missing
    expect(() => checkOptions(tea, 'tea()', { sugar: true })).toThrow('tea() has no option "milk"')
    // @ts-expect-error -- there is no lemon
    checkOptions(tea, 'tea()', { milk: true, sugar: true, lemon: true })
  })

  it('refuses a name that every object inherits', () => {
    const options = JSON.parse('{ "__proto__": 1 }') as Tea
    expect(() => checkOptions(options, 'tea()', { milk: true, sugar: true })).toThrow(
      'tea() has no option "__proto__"; it has milk, sugar',
    )
  })
})
