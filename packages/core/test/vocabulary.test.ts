import { describe, expect, expectTypeOf, it } from 'vitest'
import { MailError, STAGES, type FailureCode } from '../src/index.ts'
import { diagnoseReply, FAILURE_CODES, KINDS } from '../src/transport.ts'

describe('FailureCode', () => {
  it('is every pair that can occur, and no other', () => {
    expectTypeOf<'auth/bad-credentials'>().toExtend<FailureCode>()
    expectTypeOf<'dns/spam'>().not.toExtend<FailureCode>()
    // @ts-expect-error -- a name server does not know spam
    const wrong: FailureCode = 'dns/spam'
    expect(FAILURE_CODES).not.toContain(wrong)
    expect(FAILURE_CODES).toContain('auth/bad-credentials')
    expect(new Set(FAILURE_CODES).size).toBe(FAILURE_CODES.length)
  })

  it('makes a switch over error.code exhaustive', () => {
    type Told = Extract<FailureCode, `connect/${string}`>
    const advice = (code: Told): string => {
      switch (code) {
        case 'connect/aborted':
        case 'connect/unexpected':
          return 'nothing'
        case 'connect/proxy':
          return 'ask who runs the proxy'
        case 'connect/connection-lost':
        case 'connect/connection-refused':
        case 'connect/timeout':
        case 'connect/unreachable':
          return 'try again'
      }
      return code satisfies never
    }
    expect(advice('connect/proxy')).toBe('ask who runs the proxy')
  })

  it('has every kind in at least one stage, and every stage', () => {
    expect(new Set(FAILURE_CODES.map((code) => code.split('/')[1]))).toEqual(new Set(Object.keys(KINDS)))
    expect(new Set(FAILURE_CODES.map((code) => code.split('/')[0]))).toEqual(new Set(STAGES))
  })

  it('is kept even if a transport uses a pair that is not listed', () => {
    expect(new MailError({ stage: 'dns', kind: 'spam' })).toMatchObject({
      code: 'dns/spam',
      stage: 'dns',
      kind: 'spam',
      scope: 'message',
    })
  })

  it('includes the diagnosis of every reply at every stage', () => {
    const stages = STAGES.slice(STAGES.indexOf('tls'))
    const codes = [354, 421, 432, 450, 451, 452, 454, 500, 501, 502, 503, 504, 521]
    codes.push(523, 530, 534, 535, 538, 550, 551, 552, 553, 554, 555, 556, 571)
    const texts = [
      '',
      'relay access denied',
      'greylisted',
      'mailbox full',
      'no such user',
      'account disabled',
      'too many recipients',
      'needs SMTPUTF8',
      'not owned by user',
      'must issue STARTTLS',
      'rate limit',
      'listed at spamhaus',
      'fails DMARC',
      'spam',
      'message too big',
      'virus',
      'authentication required',
      'sender rejected',
      'domain not found',
      'application-specific password',
      'log in via web browser',
    ]
    const strange = new Set<string>()
    for (const stage of stages)
      for (const code of codes)
        for (const text of texts)
          for (const detail of [undefined, ...DETAILS]) {
            const { kind } = diagnoseReply(stage, {
              code,
              enhanced: detail && `${String(code)[0]}.${detail}`,
              text,
            })
            if (!FAILURE_CODES.includes(`${stage}/${kind}` as FailureCode)) strange.add(`${stage}/${kind}`)
          }
    expect([...strange]).toEqual([])
  })
})

/** Details of enhanced status codes: the registry, and some that providers made up. */
const DETAILS = [
  '0.0',
  '1.0',
  '1.1',
  '1.2',
  '1.3',
  '1.4',
  '1.6',
  '1.7',
  '1.8',
  '1.10',
  '2.1',
  '2.2',
  '2.3',
  '2.4',
  '3.0',
  '3.1',
  '3.2',
  '3.4',
  '3.5',
  '4.1',
  '4.3',
  '4.4',
  '4.5',
  '4.6',
  '5.1',
  '5.3',
  '5.4',
  '6.0',
  '6.7',
  '7.0',
  '7.1',
  '7.2',
  '7.4',
  '7.7',
  '7.8',
  '7.9',
  '7.10',
  '7.12',
  '7.13',
  '7.14',
  '7.16',
  '7.17',
  '7.18',
  '7.26',
  '7.27',
  '7.28',
  '7.30',
  '7.57',
  '7.60',
]

describe('MailError.is() with a code', () => {
  const error: unknown = new MailError({ stage: 'auth', kind: 'bad-credentials' })

  it('is true for a failure with that code, or with one of several', () => {
    expect(MailError.is(error, 'auth/bad-credentials')).toBe(true)
    expect(MailError.is(error, 'auth/oauth-token')).toBe(false)
    expect(MailError.is(error, ['auth/oauth-token', 'auth/bad-credentials'])).toBe(true)
    expect(MailError.is(error, [])).toBe(false)
    expect(MailError.is({ code: 'auth/bad-credentials' }, 'auth/bad-credentials')).toBe(false)
  })

  it('narrows the code', () => {
    if (!MailError.is(error, ['auth/oauth-token', 'auth/bad-credentials'])) throw new TypeError('it is')
    expectTypeOf(error.code).toEqualTypeOf<'auth/oauth-token' | 'auth/bad-credentials'>()
    expectTypeOf(error.hint).toEqualTypeOf<string>()
    // @ts-expect-error -- no failure has this code
    expect(MailError.is(error, 'dns/spam')).toBe(false)
  })

  it('works without a code in filter() and find()', () => {
    expect([error, new Error('another')].filter(MailError.is)).toEqual([error])
  })
})
