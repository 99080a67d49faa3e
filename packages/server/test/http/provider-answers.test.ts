import { FAILURE_CODES } from '@loudmail/core/transport'
import {
  providerAnswers,
  startHttpServer,
  type ExpectedFailure,
  type ProviderFailure,
  type ProviderName,
} from '@loudmail/server/http'
import { describe, expect, test } from 'vitest'

const names = Object.keys(providerAnswers) as ProviderName[]
/** The only refusals whose message may be on its way. */
const inDoubt = [
  'resend concurrent-idempotent-requests',
  'brevo duplicate-parameter',
  'brevo duplicate-request',
]

const outcomes = ({ expect: { messages = [], ...first } }: ProviderFailure): ExpectedFailure[] => [
  first,
  ...messages.filter((each) => each !== 'accepted'),
]

test('there are answers of eight providers', () => {
  expect(names).toEqual([
    'resend',
    'postmark',
    'ses',
    'sendgrid',
    'mailgun',
    'brevo',
    'microsoftGraph',
    'gmail',
  ])
})

describe.each(names)('%s', (provider) => {
  const { successes, failures: refused } = providerAnswers[provider]

  test('has names that are unique, sentences and sources', () => {
    const all = [...successes, ...refused]
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    for (const { name, about, source } of all) {
      expect(about, name).toMatch(/^[A-Z].*\.$/)
      expect(source, name).toMatch(/^(?:https:\/\/|RFC )/)
    }
  })

  test('has successes with an id for each message, which is in the answer', () => {
    expect(successes.length).toBeGreaterThan(0)
    for (const { status, headers, body, ids, batch } of successes) {
      expect(status).toBeLessThan(300)
      if (provider !== 'microsoftGraph') expect(ids).toHaveLength(batch ? 2 : 1)
      const text = JSON.stringify([headers, body])
      expect(ids.filter((id) => !text.includes(id))).toEqual([])
    }
  })

  test('answers as it says', async () => {
    await using server = await startHttpServer()
    for (const answer of [...successes, ...refused]) {
      server.play(answer)
      const response = await fetch(server.url, { method: 'POST', body: '{}' })
      const text = await response.text()
      expect(response.status, answer.name).toBe(answer.status)
      expect(Object.fromEntries(response.headers)).toMatchObject(
        Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]),
        ),
      )
      if (typeof answer.body === 'object') expect(JSON.parse(text)).toEqual(answer.body)
      else expect(text).toBe(answer.body ?? '')
    }
  })
})

describe.each(names)('each failure of %s', (provider) => {
  const { failures } = providerAnswers[provider]

  test('is a kind that can occur at submit', () => {
    for (const failure of failures) {
      for (const { kind, recipients = [] } of outcomes(failure))
        for (const each of [kind, ...recipients.flatMap((recipient) => recipient.kind ?? [])])
          expect(FAILURE_CODES, failure.name).toContain(`submit/${each}`)
    }
  })

  test('has the outcome that its status stands for', () => {
    for (const failure of failures) {
      const { status } = failure
      for (const { kind, permanence, delivered } of outcomes(failure)) {
        expect(permanence === 'unknown', failure.name).toBe(delivered === 'unknown')
        if (inDoubt.includes(`${provider} ${failure.name}`)) expect(delivered, failure.name).toBe('unknown')
        else if (status >= 400 && status < 500) expect(delivered, failure.name).toBe('none')
        else if (status === 503)
          expect([kind, permanence, delivered], failure.name).toEqual([
            'service-unavailable',
            'transient',
            'none',
          ])
        else if (status >= 500) expect(delivered, failure.name).toBe('unknown')
        if (status === 429) expect([kind, permanence], failure.name).toEqual(['rate-limited', 'transient'])
      }
    }
  })

  test('asks to wait as long as its header says', () => {
    for (const failure of failures) {
      const { 'Retry-After': after, 'retry-after': lower, 'x-sib-ratelimit-reset': reset } = failure.headers
      const seconds = after ?? lower ?? (failure.status === 429 ? reset : undefined)
      expect(failure.expect.retryAfterMs, failure.name).toBe(
        seconds === undefined ? undefined : Number(seconds) * 1000,
      )
    }
  })

  test('names only recipients that are in its body', () => {
    for (const failure of failures) {
      for (const { recipients = [] } of outcomes(failure))
        for (const { address, status } of recipients) {
          expect(JSON.stringify(failure.body)).toContain(address)
          expect(['bob@rcpt.example', 'carol@rcpt.example'], failure.name).toContain(address)
          if (status === 'accepted') expect(failure.expect.delivered, failure.name).toBe('some')
        }
    }
  })

  test('has no address but examples', () => {
    for (const failure of failures) {
      const addresses = JSON.stringify(failure.body ?? '').match(/[\w.+-]+@[\w.-]+\w/g) ?? []
      expect(addresses.filter((address) => !/@(?:rcpt|sender)\.example$/.test(address))).toEqual([])
    }
  })
})
