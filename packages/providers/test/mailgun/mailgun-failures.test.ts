import { describe, expect, it } from 'vitest'
import {
  cutsEveryAnswer,
  failureOf,
  keepsTheContract,
  losesConnections,
  playsEveryFailure,
  serverForAll,
  type Subject,
} from '../suites.ts'
import { mailgun } from '../../src/mailgun/index.ts'

const key = 'key-5ecre7f00ba12345678901234567890'
const subject: Subject = {
  name: 'mailgun',
  key,
  create: (url, more) => mailgun({ key, domain: 'sender.example', url, ...more }),
}

playsEveryFailure(subject)
cutsEveryAnswer(subject)
losesConnections(subject)
keepsTheContract(subject)

describe('what Mailgun says in words', () => {
  const home = serverForAll()

  it.each([
    [400, 'Too many recipients; max is 1000', 'too-many-recipients', 'permanent', /1,000 recipients/],
    [400, 'Message exceeds the maximum size', 'message-too-large', 'permanent', /25 MB/],
    [
      400,
      'Send options (parameters starting with o:, h:, or v:) are limited to 16 kB total',
      'invalid-message',
      'permanent',
      /16 KB/,
    ],
    [400, 'o:deliverytime is too far in the future', 'invalid-message', 'permanent', /3 days ahead/],
    [
      400,
      'Domain a.example is not allowed to send: recipient limit exceeded',
      'rate-limited',
      'transient',
      /more slowly/,
    ],
    [
      403,
      'Domain a.example is not allowed to send: You are sending too fast.',
      'rate-limited',
      'transient',
      /more slowly/,
    ],
    [
      403,
      'Domain a.example is not allowed to send: Account disabled',
      'account-blocked',
      'permanent',
      /support/,
    ],
    [
      403,
      'Domain a.example is not allowed to send: Account Inactivity',
      'account-blocked',
      'permanent',
      /support/,
    ],
    [402, 'Payment required', 'account-blocked', 'permanent', /bills/],
    [404, 'Domain not found: a.example', 'invalid-config', 'transient', /some minutes/],
  ])('%i %s', async (status, message, kind, permanence, hint) => {
    home.server.play({ status, body: { message } })
    const error = await failureOf(subject.create(home.server.url))
    expect(error).toMatchObject({ stage: 'submit', kind, permanence, delivered: 'none' })
    expect(error.hint).toMatch(hint)
    expect(error.reply?.text).toBe(message)
  })

  it('the time in the words of a limit is the time to wait', async () => {
    const limit = (at: number): object => {
      const time = new Date(at).toUTCString().replace('GMT', 'UTC')
      const words = `Domain a.example is not allowed to send: recipient limit exceeded, try again after ${time}`
      return { message: words }
    }
    home.server.play({ status: 429, body: limit(Date.now() + 3_600_000) })
    const later = await failureOf(subject.create(home.server.url))
    expect(later).toMatchObject({ kind: 'rate-limited', permanence: 'transient' })
    expect(Math.abs(later.retryAfterMs! - 3_600_000)).toBeLessThan(60_000)
    home.server.play({ status: 429, headers: { 'Retry-After': '7' }, body: limit(Date.now() + 3_600_000) })
    expect((await failureOf(subject.create(home.server.url))).retryAfterMs).toBe(7_000)
  })

  it('a 404 without JSON comes from something else than the API', async () => {
    home.server.play({ status: 404, body: '<h1>Not found</h1>' })
    const error = await failureOf(subject.create(home.server.url))
    expect(error).toMatchObject({ kind: 'invalid-config', permanence: 'permanent' })
    expect(error.hint).toMatch(/`url`/)
  })

  it('a positive answer without an id is in doubt', async () => {
    home.server.play({ status: 200, body: { message: 'Queued. Thank you.' } })
    const error = await failureOf(subject.create(home.server.url))
    expect(error).toMatchObject({ kind: 'protocol', delivered: 'unknown', retryable: false })
  })
})
