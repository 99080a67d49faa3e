import { inspect } from 'node:util'
import { formatTranscript, MailError } from '@loudmail/core'
import { expect } from 'vitest'
import type { Played } from './play.ts'
import type { Scenario, Truth } from './scenario.ts'

/** Compares what came of a scenario with its truth, and looks for its secrets wherever a failure could show them. */
export function judge(scenario: Scenario, played: Played): void {
  expect(seen(played, scenario.truth), describeFailure(played)).toEqual(told(scenario.truth))
  expectNoSecret(scenario, played)
}

/** What was seen, in the terms of the truth: only what that says something about. */
function seen(played: Played, truth: Truth): Record<string, unknown> {
  const error = errorOf(played)
  if (!error) return { outcome: 'ok' }
  if (truth.outcome === 'ok') return { outcome: 'fail', code: error.code }
  const { stage, kind, permanence, delivered, reply } = error
  return {
    outcome: delivered === 'some' ? 'partial' : 'fail',
    stage: truth.stage?.includes(stage) ? truth.stage : stage,
    kind: [truth.kind].flat().includes(kind) ? truth.kind : kind,
    ...(!truth.permAny && { permanence }),
    delivered,
    ...(truth.code !== undefined && { code: reply?.code }),
    ...(truth.enhanced !== undefined && { enhanced: reply?.enhanced }),
    ...(truth.rcpt && { rcpt: recipientsOf(error, Object.keys(truth.rcpt)) }),
  }
}

function recipientsOf(error: MailError, addresses: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    addresses.map((address) => {
      const outcome = error.recipients.find((recipient) => recipient.address === address)
      return [address, { code: outcome?.reply?.code, perm: outcome?.permanence }]
    }),
  )
}

function told(truth: Truth): Record<string, unknown> {
  if (truth.outcome === 'ok') return { outcome: 'ok' }
  const { outcome, stage, kind, permanence, permAny, delivered, code, enhanced, rcpt } = truth
  const told = { outcome, stage, kind, ...(!permAny && { permanence }), delivered, code, enhanced, rcpt }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined))
}

function errorOf(played: Played): MailError | undefined {
  if ('mistake' in played) {
    expect(MailError.is(played.mistake)).toBe(true)
    return played.mistake as MailError
  }
  return played.receipt.error
}

function expectNoSecret({ client }: Scenario, played: Played): void {
  const secrets = [client.auth?.pass, client.auth?.token].filter((secret) => secret !== undefined)
  const error = errorOf(played)
  if (!error) return
  const texts = [
    JSON.stringify(error),
    inspect(error, { depth: 10 }),
    error.message,
    error.stack ?? '',
    inspect(error.cause, { depth: 10, showHidden: true }),
    formatTranscript(error.transcript),
  ]
  for (const secret of secrets)
    for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)])
      for (const text of texts) expect(text).not.toContain(form)
}

function describeFailure(played: Played): string {
  const error = errorOf(played)
  return error ? `${inspect(error)}\n${formatTranscript(error.transcript)}` : 'it was sent'
}
