import { Secrets } from '@loudmail/core/transport'
import { describe, expect, it } from 'vitest'
import { readByHand } from '../../src/doctor/target/read-by-hand.ts'
import { readUrl } from '../../src/doctor/target/read-url.ts'
import { learnSecrets } from '../../src/module/learn-secrets.ts'
import { shownUrl } from '../../src/doctor/shown-url.ts'
import { urlSecrets } from '../../src/terminal/url-secrets.ts'

const HOST = 'mail.example.com:587'

describe('a URL that smtp() cannot read', () => {
  it.each([
    ['#', 'pa#ss'],
    ['?', 'pa?ss'],
    ['/', 'pa/ss'],
    ['%', 'pa%ss'],
    ['several', 'p@a#s/s?w%zd'],
    [':', 'pa:ss#'],
    ['an @ at its end', 'pa#ss@'],
  ])('is read with a password that has %s in it', (_, password) => {
    const { options, failure, changes } = readUrl(`smtp://ann@example.com:${password}@${HOST}`)
    expect(failure?.code).toBe('config/invalid-config')
    expect(options).toMatchObject({
      host: 'mail.example.com',
      port: 587,
      auth: { user: 'ann@example.com', pass: password },
    })
    expect(changes).toHaveLength(1)
  })

  it('names the characters to encode, and not the password', () => {
    const { changes, steps } = readUrl(`smtp://ann:hush#hush@${HOST}`)
    expect(changes).toEqual([
      'Percent-encode # as %23 in the password. In code, encodeURIComponent() does it.',
    ])
    expect(steps).toMatchObject([{ stage: 'config', verdict: 'fail', name: 'URL' }])
    expect(JSON.stringify(steps)).not.toContain('hush')
  })

  it('keeps what is percent-encoded beside a character that is not', () => {
    expect(readUrl(`smtp://ann:a%40b#c@${HOST}`).options?.auth).toMatchObject({ pass: 'a@b#c' })
  })

  it.each([
    [
      'a line break after the password',
      'smtp://ann:hush%0A@mail.example.com',
      'Remove the line break around the password.',
    ],
    ['a line break inside', `smtp://ann:hu\nsh@${HOST}`, 'Remove the line breaks and tabs from the URL.'],
    [
      'quotes around it',
      `"smtp://ann:hush@${HOST}"`,
      'Remove the quotes from the value: they became a part of it.',
    ],
    [
      'a quote that is not closed',
      `'smtp://ann:hush@${HOST}`,
      'Remove the quotes from the value: they became a part of it.',
    ],
    ['no scheme', `ann:hush@${HOST}`, 'Begin the URL with smtp://.'],
    ['a scheme without slashes', `smtp:ann:hush@${HOST}`, 'Begin the URL with smtp://.'],
    [
      'tls=none with a password',
      `smtp://ann:hush@${HOST}?tls=none`,
      'Remove `tls=none`, so that the credentials go over an encrypted connection.',
    ],
    [
      'a parameter of another program',
      `smtp://ann:hush@${HOST}?verify_peer=0`,
      'Remove the parameter verify_peer: smtp() does not have it, or not with this value.',
    ],
  ])('is repaired if it has %s', (_, url, change) => {
    const { options, failure, changes } = readUrl(url)
    expect(failure?.code).toBe('config/invalid-config')
    expect(options?.auth).toMatchObject({ user: 'ann', pass: 'hush' })
    expect(changes).toEqual([change])
  })

  it.each([
    ['ssl://ann:hush@mail.example.com', 'smtps://ann:PASSWORD@mail.example.com'],
    ['smtp://ann:hush@mail.example.com:465?secure=true', 'smtps://ann:PASSWORD@mail.example.com:465'],
    ['mail.example.com:25', 'smtp://mail.example.com:25'],
  ])('means the same with words of other programs: %s', (written, meant) => {
    expect(shownUrl(readUrl(written).options!)).toBe(meant)
  })

  it.each(['', 'https://mail.example.com', 'smtp://', 'smtp://ann:hu#sh@mail.example.com:99999', 'word'])(
    'stays unread if nobody knows what is meant: %j',
    (url) => {
      const { options, failure, changes } = readUrl(url)
      expect(failure?.code).toBe('config/invalid-config')
      expect({ options, changes }).toEqual({ options: undefined, changes: [] })
    },
  )

  it('has no server behind it if it is for development', () => {
    const { options, failure } = readUrl('debug:./mails')
    expect(options).toBeUndefined()
    expect(failure?.summary).toBe('a debug: URL sends to no mail server, so there is nothing to examine')
  })
})

describe('a URL that smtp() can read', () => {
  it('is shown with the defaults that count', () => {
    const { steps, failure } = readUrl('smtp://ann%40example.com:hush@mail.example.com')
    expect(failure).toBeUndefined()
    expect(steps).toMatchObject([
      {
        verdict: 'pass',
        detail: 'mail.example.com, port 587, STARTTLS required, logs in as ann@example.com.',
      },
    ])
  })

  it('is a warning if other programs may read it differently', () => {
    const { options, failure, steps } = readUrl(`smtp://ann:pa@ss@${HOST}`)
    expect(failure).toBeUndefined()
    expect(options?.auth).toMatchObject({ pass: 'pa@ss' })
    expect(steps.at(-1)).toMatchObject({ verdict: 'warn' })
    expect(steps.at(-1)?.detail).toContain('@ as %40 in the password')
  })

  it('keeps the password of its proxy apart from its own', () => {
    const url = `smtp://ann:hush@${HOST}?proxy=http://bob:deep@proxy.example.com:3128`
    const { options, steps } = readUrl(url)
    expect(options).toMatchObject({ host: 'mail.example.com', auth: { pass: 'hush' } })
    expect(steps.map((step) => step.verdict)).toEqual(['pass'])
    expect(shownUrl(options!)).not.toMatch(/hush|deep/)
    expect(readByHand(url.replace('hush', 'hu#sh'))?.url).toContain(
      'ann:hu%23sh@mail.example.com:587?proxy=http:',
    )
  })

  it('is chosen from an expression', () => {
    const text = 'failover(retry(smtp://a.example.com) smtps://b.example.com)'
    expect(readUrl(text).options).toMatchObject({ host: 'a.example.com' })
    expect(readUrl(text, 2).options).toMatchObject({ host: 'b.example.com' })
    expect(readUrl(text).steps[0]).toMatchObject({ verdict: 'pass', name: 'failover(…)' })
    expect(() => readUrl(text, 3)).toThrow('there are only 2 URLs')
  })

  it('is chosen from an expression with options', () => {
    const text =
      'roundrobin(retry(smtp://a.example.com?timeoutMs=500)?attempts=5 smtps://b.example.com)?weights=3,1'
    expect(readUrl(text).options).toMatchObject({ host: 'a.example.com', timeoutMs: 500 })
    expect(readUrl(text, 2).options).toMatchObject({ host: 'b.example.com' })
    expect(() => readUrl(text, 3)).toThrow('there are only 2 URLs')
    expect(readUrl('retry(smtp://a.example.com)?attempts=5').options).toMatchObject({ host: 'a.example.com' })
  })
})

it('the folders of PATH are not taken for a password', () => {
  const secrets = new Secrets()
  const path =
    '/home/ann/node_modules/.bin:/usr/lib/node_modules/npm/node_modules/@npmcli/run-script:/usr/bin'
  learnSecrets(secrets, { PATH: path, MAIL_URL: 'smtp://ann:hushhush@mail.example.com' })
  expect(secrets.redact(path)).toBe(path)
  expect(secrets.redact('hushhush')).toBe('<redacted>')
})

it('localhost alone is read as the server of this machine', () => {
  const { options, changes } = readUrl('localhost')
  expect(options).toMatchObject({ host: 'localhost' })
  expect(changes).toEqual(['Begin the URL with smtp://.'])
})

describe('the secrets of a URL', () => {
  it.each([
    ['smtp://ann:hush%21hush@mail.example.com', ['hush%21hush', 'hush!hush']],
    ['smtp://ann:hush#hu@sh@mail.example.com', ['hush#hu@sh']],
    ['smtp://ann:hushhush', ['hushhush']],
    ['ann:hushhush@mail.example.com', ['hushhush']],
    ['"smtp://ann:hushhush@mail.example.com"', ['hushhush']],
    ['failover(smtp://mail.example.com smtp://ann:hushhush@mail.example.com:2525)', ['hushhush']],
    ['failover(smtp://mail.example.com smtp://ann:hushhush@mail.example.com)?skipMs=5000', ['hushhush']],
    ['smtp://mail.example.com?proxy=http%3A%2F%2Fbob%3Ahushhush%40proxy.example.com', ['hushhush']],
  ])('are found in %s', (text, secrets) => {
    const { redact } = new Secrets(urlSecrets(text))
    for (const secret of secrets) expect(redact(`<${secret}>`)).toBe('<<redacted>>')
  })

  it.each([
    'smtp://mail.example.com:2525',
    'mail.example.com:2525',
    'smtp://mail.example.com:2525?tls=none',
    'smtp://[::1]:2525',
    'smtp://[2001:db8::25]',
    'failover(smtp://a.example:2525 smtp://b.example:2525)',
    'failover(smtp://a.example:2525 smtp://b.example:2525)?skipMs=5000',
    'retry(smtp://a.example:2525)?attempts=5&delayMs=100',
  ])('are none in %s', (text) => {
    expect([...urlSecrets(text)]).toEqual([])
  })
})
