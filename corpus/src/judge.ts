import { inspect } from 'node:util'
import { formatTranscript, MailError } from '@loudmail/core'
import { expect } from 'vitest'
import { play, type MakeTransport } from './play.ts'
import type { Scenario, Truth } from './scenario.ts'

/** Plays a scenario, compares the outcome with its truth, and looks for its secrets everywhere a failure could show them. */
export async function judge(scenario: Scenario, make: MakeTransport): Promise<void> {
  const error = await failureOf(play(scenario, make))
  expectTruth(error, scenario.truth)
  if (error) expectNoSecret(scenario, error)
}

/** Compares what a message ended with, nothing where it was delivered, with the truth. */
export function expectTruth(error: MailError | undefined, truth: Truth): void {
  const shown = error ? `${inspect(error)}\n${formatTranscript(error.transcript)}` : 'it was sent'
  expect(seen(error, truth), shown).toEqual(told(truth))
}

async function failureOf(playing: Promise<unknown>): Promise<MailError | undefined> {
  try {
    await playing
    return undefined
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
}

/** What happened, with only the fields that the truth has. */
function seen(error: MailError | undefined, truth: Truth): Record<string, unknown> {
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
  const facts = { outcome, stage, kind, ...(!permAny && { permanence }), delivered, code, enhanced, rcpt }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

function expectNoSecret({ client }: Scenario, error: MailError): void {
  const secrets = [client.auth?.pass, client.auth?.token].filter((secret) => secret !== undefined)
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
