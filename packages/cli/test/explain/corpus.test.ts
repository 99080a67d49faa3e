import { formatTranscript, MailError } from '@loudmail/core'
import { Secrets } from '@loudmail/core/transport'
import { play, scenarios, TIMEOUT_MS, type MakeTransport, type Scenario } from '@loudmail/corpus'
import { smtp, type SmtpAuth } from '@loudmail/smtp'
import { afterAll, describe, expect, it } from 'vitest'
import { explainText } from '../../src/explain/explain-text.ts'
import type { Explanation } from '../../src/explain/explanation.ts'

const make: MakeTransport = ({ mode, auth }, { host, port, ca, proxy }) =>
  smtp({
    host,
    port,
    tls: mode === 'implicit' || mode === 'starttls' ? mode : 'opportunistic',
    tlsOptions: { ca },
    timeoutMs: TIMEOUT_MS,
    pool: { connections: 1 },
    proxy,
    ...(auth && { auth: authOf(auth) }),
  })

function authOf({ user, pass, token, method }: NonNullable<Scenario['client']['auth']>): SmtpAuth {
  if (token !== undefined) return { user, accessToken: token }
  return { user, pass: pass!, method: method as 'LOGIN' | undefined }
}

async function failureOf(scenario: Scenario): Promise<MailError> {
  const outcome = await play(scenario, make).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!MailError.is(outcome)) throw new Error(`${scenario.id} did not fail`)
  return outcome
}

function explained(text: string): Explanation {
  return explainText(text, { stage: undefined, host: undefined }, new Secrets())!
}

/** The reason is only in the error: the conversation ends before it, or is about something else. */
const ONLY_THE_ERROR_KNOWS = [
  'tls-to-plain-port',
  'tls-selfsigned',
  'tls-wronghost',
  'tls-stall',
  'tls-client-cert',
  'starttls-expired',
  'starttls-stall',
  'starttls-garbage',
  'addr-nonascii',
  'abort-dot',
]

describe('the conversations of the failure corpus', () => {
  const counts = { alone: 0, conversations: 0, printed: 0, failures: 0 }
  afterAll(() => expect(counts).toEqual({ alone: 46, conversations: 56, printed: 65, failures: 65 }))

  for (const scenario of scenarios.filter(({ truth }) => truth.outcome !== 'ok'))
    it(`${scenario.id}: ${scenario.title}`, async () => {
      const error = await failureOf(scenario)
      const { code, delivered, permanence, hint } = error
      const transcript = formatTranscript(error.transcript)
      counts.failures++
      if (transcript !== '') {
        counts.conversations++
        const { failure, unsure } = explained(transcript)
        if (ONLY_THE_ERROR_KNOWS.includes(scenario.id)) expect(unsure).not.toEqual([])
        else {
          expect(failure).toMatchObject({ code, delivered, permanence, hint })
          counts.alone++
        }
      }
      const printed = explained(`${String(error)}\n${transcript}`)
      expect(printed.failure?.code).toBe(code)
      const asJson = explained(JSON.stringify({ error, transcript: error.transcript })).failure!
      expect(asJson).toMatchObject({ code, delivered, permanence, hint, summary: error.summary })
      counts.printed++
    })
})
