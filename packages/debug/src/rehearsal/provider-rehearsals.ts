import type { FailureCode } from '@loudmail/core'
import { providerAnswers, type HttpAction, type HttpRequest, type ProviderName } from '@loudmail/server/http'
import { TIMEOUT_MS } from './rehearsal.ts'

/** How to make a failure happen: what a server that plays a provider does about every message. */
export interface ProviderRehearsal {
  /** Without it, there is no server. */
  readonly script?: (request: HttpRequest) => HttpAction
  /** How long the client waits for each step, in ms. @default that of the transport */
  readonly timeoutMs?: number
}

/**
 * Every failure that the provider documents for a single message, and those of the connection. Where it documents several
 * answers of a kind, the first one is played.
 */
export function providerRehearsals(provider: ProviderName): ReadonlyMap<FailureCode, ProviderRehearsal> {
  const all = new Map<FailureCode, ProviderRehearsal>([
    ['connect/connection-refused', {}],
    ['submit/timeout', { script: () => ({ stall: true }), timeoutMs: TIMEOUT_MS }],
    ['submit/connection-lost', { script: () => ({ close: 'reset' }) }],
    ['submit/protocol', { script: () => ({ raw: 'What is this?\r\n' }) }],
  ])
  for (const failure of providerAnswers[provider].failures) {
    const code: FailureCode = `submit/${failure.expect.kind}`
    if (!failure.batch && !all.has(code))
      all.set(code, { script: (request) => withRecipientsOf(request, failure) })
  }
  return all
}

/** The recipients in the data of answers, in the order in which those of a request take their place. */
const EXAMPLES = ['bob@rcpt.example', 'carol@rcpt.example']

/** An answer that names the recipients of this request. */
function withRecipientsOf(
  { body }: HttpRequest,
  failure: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: unknown
  },
): HttpAction {
  const { status, headers } = failure
  const own = recipientsIn(body)
  const put = (text: string): string =>
    EXAMPLES.reduce((done, example, index) => done.replaceAll(example, own[index] ?? own[0] ?? example), text)
  const named = (_key: string, value: unknown): unknown => (typeof value === 'string' ? put(value) : value)
  if (failure.body === undefined) return { status, headers }
  if (typeof failure.body === 'string') return { status, headers, body: put(failure.body) }
  return { status, headers, body: JSON.parse(JSON.stringify(failure.body), named) as unknown }
}

/** Those in the fields To, Cc and Bcc of a request in JSON. */
function recipientsIn(body: Uint8Array): string[] {
  try {
    const fields = Object.entries(JSON.parse(Buffer.from(body).toString()) as object)
    const lists = fields
      .filter(([name]) => /^(?:to|cc|bcc)$/i.test(name))
      .map(([, value]) => JSON.stringify(value))
    return lists.flatMap((list) => list.match(/[^\s"<>,]+@[^\s"<>,]+/g) ?? [])
  } catch {
    return []
  }
}
