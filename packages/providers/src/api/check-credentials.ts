import type { Message, VerifyContext } from '@loudmail/core'
import { diagnoseAbort, tellTrace } from '@loudmail/core/transport'
import type { Answer } from './answer.ts'
import { kindOfStatus } from './by-status.ts'
import { ApiCall } from './call-api.ts'
import { refusedAll, unanswered, type CallFacts } from './outcome-of-call.ts'
import type { ProviderApi, Refusal } from './provider-api.ts'
import { runUntilAborted } from './run-call.ts'

/** A check is about no message. */
const NOTHING = { envelope: { from: '', to: [], smtputf8: false }, replayable: true } as unknown as Message

/**
 * Asks the provider whether the credentials are right, and sends nothing.
 *
 * @throws MailError
 */
export async function checkCredentials<Own extends object>(
  api: ProviderApi<Own>,
  transport: string,
  context: VerifyContext = {},
): Promise<void> {
  const { check: request, endpoint, secrets, title } = api
  if (!request) return
  const call = new ApiCall(endpoint, request, secrets)
  const facts: CallFacts = { call, request, message: NOTHING, transport, title, keyMs: 0, isCheck: true }
  const { signal } = context
  if (signal?.aborted) throw unanswered(facts, { stage: 'submit', ...diagnoseAbort(signal) })
  try {
    const result = await runUntilAborted(api, call, request, signal)
    if ('failure' in result) throw unanswered(facts, result.failure)
    if ('before' in result) return
    const { answer } = result
    const refusal = refusalIn(answer, api)
    if (refusal) throw refusedAll(facts, answer, { ...refusal, isInDoubt: false })
  } finally {
    tellTrace(context, call.recorder.transcript)
  }
}

function refusalIn<Own extends object>(answer: Answer, api: ProviderApi<Own>): Refusal | undefined {
  const { status, json, text, isWhole } = answer
  if (status < 200 || status > 299)
    return api.checked
      ? api.checked(answer)
      : (api.refused(answer, NOTHING) ?? { kind: kindOfStatus(status) })
  if (json !== undefined || (isWhole && text === '')) return api.granted?.(answer)
  return {
    kind: 'protocol',
    words: 'the answer is not JSON',
    hint: `Something else answers in place of ${api.title}: check the option \`url\`, and what stands between this machine and the API.`,
  }
}
