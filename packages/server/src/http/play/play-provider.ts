import { providerAnswers } from '../answers/provider-answers.ts'
import type { ProviderFailure, ProviderName } from '../answers/provider-answer.ts'
import type { HttpRequest } from '../connection/http-request.ts'
import type { HttpAnswer } from '../script/http-action.ts'
import { brevoApi } from './apis/brevo.ts'
import { gmailApi } from './apis/gmail.ts'
import { mailgunApi } from './apis/mailgun.ts'
import { microsoftGraphApi } from './apis/microsoft-graph.ts'
import { postmarkApi } from './apis/postmark.ts'
import { resendApi } from './apis/resend.ts'
import { sendgridApi } from './apis/sendgrid.ts'
import { sesApi } from './apis/ses.ts'
import { NotWellFormed, type Posted, type PostedMessage, type ProviderApi } from './provider-api.ts'

/** A message that a played provider took, and sends. */
export interface TakenMessage {
  /** The recipients, without names: To, Cc and Bcc. For a message in MIME form, those that the request gives beside it. */
  readonly to: readonly string[]
  /** The subject as the request has it. */
  readonly subject?: string
  /** The idempotency key of the request. */
  readonly idempotencyKey?: string
  /** The id that the provider gave it. */
  readonly id: string
}

/**
 * A script that answers like a provider. Another script can call it, and do something else with its answer:
 * `async (request) => ({ cutAt: 10, answer: await provider(request) })`.
 */
export interface PlayedProvider {
  /** Takes the messages of a request, and returns the answer. */
  (request: HttpRequest): Promise<HttpAnswer>
  /** The messages that were taken, oldest first. */
  readonly taken: readonly TakenMessage[]
}

/** Options of `playProvider`. */
export interface PlayProviderOptions {
  /**
   * The answers to the first requests, in their order. Their messages are not taken. Undefined means what the provider
   * answers.
   */
  readonly answers?: readonly (HttpAnswer | undefined)[] | undefined
}

/**
 * A script for `startHttpServer` that answers like a provider: it takes every well-formed message and keeps it in `taken`,
 * refuses a request without credentials or with a body that it cannot read, and honours idempotency keys where the
 * provider does (Resend: the same answer again; Brevo: `duplicate_parameter`). Keys never expire. It also answers what
 * `verify()` of each transport asks.
 */
export function playProvider(name: ProviderName, { answers = [] }: PlayProviderOptions = {}): PlayedProvider {
  const api = apis[name]
  const taken: TakenMessage[] = []
  const answered = new Map<string, { body: Buffer; answer: HttpAnswer }>()
  let requests = 0
  let ids = 0

  function repeated(request: HttpRequest, key: string): HttpAnswer | undefined {
    const before = answered.get(key)
    if (!api.idempotency || !before) return undefined
    if (!before.body.equals(request.body)) return failure(name, api.idempotency.otherBody)
    const { repeated: again } = api.idempotency
    return again === 'same-answer' ? before.answer : failure(name, again.failure)
  }

  function notWellFormed(error: unknown): ProviderFailure {
    const special = error instanceof NotWellFormed ? error.failure : undefined
    return failure(name, special ?? api.failures.notWellFormed)
  }

  function take({ to, subject }: PostedMessage, key: string | undefined): string {
    const id = api.id(++ids)
    taken.push({
      to,
      id,
      ...(subject !== undefined && { subject }),
      ...(key !== undefined && { idempotencyKey: key }),
    })
    return id
  }

  async function play(request: HttpRequest): Promise<HttpAnswer> {
    const instead = answers[requests++]
    if (instead) return instead
    if (api.check && request.method === 'GET' && request.path === api.check.path) {
      if (!api.hasCredentials(request)) return failure(name, api.failures.noCredentials)
      return { status: 200, body: api.check.body }
    }
    if (request.method !== 'POST' || !api.path.test(request.path)) {
      return api.failures.noPath === undefined ? { status: 404 } : failure(name, api.failures.noPath)
    }
    if (!api.hasCredentials(request)) return failure(name, api.failures.noCredentials)
    let messages: readonly Posted[]
    let key: string | undefined
    try {
      messages = await api.read(request)
      key = api.idempotency?.key(request)
    } catch (error) {
      return notWellFormed(error)
    }
    const again = key === undefined ? undefined : repeated(request, key)
    if (again) return again
    const outcomes = messages.map((each) =>
      each instanceof NotWellFormed ? notWellFormed(each) : take(each, key),
    )
    const answer = api.answer(outcomes, request)
    if (key !== undefined) answered.set(key, { body: request.body, answer })
    return answer
  }

  return Object.assign(play, { taken })
}

const apis: Readonly<Record<ProviderName, ProviderApi>> = {
  resend: resendApi,
  postmark: postmarkApi,
  ses: sesApi,
  sendgrid: sendgridApi,
  mailgun: mailgunApi,
  brevo: brevoApi,
  microsoftGraph: microsoftGraphApi,
  gmail: gmailApi,
}

function failure(provider: ProviderName, name: string): ProviderFailure {
  const found = providerAnswers[provider].failures.find((each) => each.name === name)
  if (!found) throw new Error(`${provider} has no failure with the name ${name}`)
  return found
}
