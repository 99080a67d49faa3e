import {
  MailError,
  type Delivery,
  type Message,
  type Transport,
  type TransportContext,
  type TransportHealth,
  type VerifyContext,
} from '@loudmail/core'
import { diagnoseAbort, failAll, RecentResults, tellLate, tellTrace } from '@loudmail/core/transport'
import { ApiCall, type ApiRequest, type CallResult } from './call-api.ts'
import { kindOfStatus } from './by-status.ts'
import { delivered, refusedAll, unanswered, type CallFacts } from './outcome-of-call.ts'
import { readData } from './provider-data.ts'
import type { Item, ProviderApi } from './provider-api.ts'

/** Sends through the API of a provider. */
export class ApiTransport<Own extends object> implements Transport {
  readonly name: string
  readonly server: { readonly host: string; readonly port: number }
  readonly honoursIdempotencyKey: boolean
  readonly idempotencyKeyMs: number | undefined
  readonly announcesTransmission = true
  readonly #api: ProviderApi<Own>
  readonly #active = new Set<Promise<unknown>>()
  readonly #late = new Set<ApiCall>()
  readonly #results = new RecentResults()
  #closing: Promise<void> | undefined

  constructor(api: ProviderApi<Own>) {
    const { id, endpoint, support } = api
    this.#api = api
    this.name = `${id}(${new URL(endpoint.base).host})`
    this.server = { host: endpoint.host, port: endpoint.port }
    this.honoursIdempotencyKey = support.idempotencyMs > 0
    this.idempotencyKeyMs = support.idempotencyMs > 0 ? support.idempotencyMs : undefined
  }

  async send(message: Message, context: TransportContext = {}): Promise<Delivery> {
    const { signal } = context
    const refused = this.#closing ? 'pool-closed' : signal?.aborted ? diagnoseAbort(signal).kind : undefined
    if (refused)
      throw failAll(message, 'not-attempted', { stage: 'queue', kind: refused, transport: this.name })
    const sending = this.#send(message, context)
    this.#active.add(sending)
    try {
      const delivery = await sending
      this.#results.add()
      return delivery
    } catch (error) {
      if (MailError.is(error)) this.#results.add(error.scope === 'transport' ? error : undefined)
      throw error
    } finally {
      this.#active.delete(sending)
    }
  }

  async verify(context: VerifyContext = {}): Promise<void> {
    const { check, endpoint, secrets } = this.#api
    if (!check) return
    const call = new ApiCall(endpoint, check, secrets)
    const message = { envelope: { to: [] }, messageId: undefined, replayable: true } as unknown as Message
    const facts = this.#facts(call, check, message)
    const { signal } = context
    const onAbort = (): void => call.cancel(signal)
    if (signal?.aborted) throw unanswered(facts, { stage: 'submit', ...diagnoseAbort(signal) })
    signal?.addEventListener('abort', onAbort)
    try {
      const result = await this.#run(call, check, async () => {})
      if ('failure' in result) throw unanswered(facts, result.failure)
      if ('before' in result) return
      const { answer } = result
      if (answer.status >= 200 && answer.status < 300) return
      const refusal = this.#api.checked
        ? this.#api.checked(answer)
        : (this.#api.refused(answer, message) ?? { kind: kindOfStatus(answer.status) })
      if (refusal) throw refusedAll(facts, answer, { ...refusal, isInDoubt: false })
    } finally {
      signal?.removeEventListener('abort', onAbort)
      tellTrace(context, call.recorder.transcript)
    }
  }

  health(): TransportHealth {
    const { state = 'up', lastFailure } = this.#results
    return { transport: this.name, state, sending: this.#active.size, ...(lastFailure && { lastFailure }) }
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#active).then(() => {
      for (const call of this.#late) call.cancel(undefined)
    })
    return this.#closing
  }

  async #send(message: Message, context: TransportContext): Promise<Delivery> {
    const request = await this.#request(message, context.signal)
    const call = new ApiCall(this.#api.endpoint, request, this.#api.secrets)
    const facts = this.#facts(call, request, message)
    const outcome = this.#outcome(facts, context)
    return this.#untilAborted(facts, outcome, context)
  }

  #facts(call: ApiCall, request: ApiRequest, message: Message): CallFacts {
    const { title, support } = this.#api
    const keyMs = message.idempotencyKey === undefined ? 0 : support.idempotencyMs
    return { call, request, message, transport: this.name, title, keyMs }
  }

  /** The request, or why the provider cannot send this message. */
  async #request(message: Message, signal: AbortSignal | undefined): Promise<ApiRequest> {
    try {
      if (message.requireTlsOnward)
        throw new MailError({
          stage: 'submit',
          kind: 'requiretls-not-offered',
          summary: `${this.#api.title} does not promise TLS all the way`,
        })
      const item: Item<Own> = { message, data: readData(message, this.#api), signal }
      return await untilAborted(this.#api.request(item), signal)
    } catch (error) {
      if (signal?.aborted)
        throw failAll(message, 'not-attempted', {
          stage: 'compose',
          ...diagnoseAbort(signal),
          transport: this.name,
        })
      throw this.#notAttempted(message, error)
    }
  }

  /** What went wrong before anything was sent, as the failure of this message. */
  #notAttempted(message: Message, error: unknown): unknown {
    if (!MailError.is(error)) return error
    const { stage, kind, summary, hint, permanence, scope, retryAfterMs, cause } = error
    const init = { stage, kind, summary, hint, permanence, scope, retryAfterMs, cause }
    return failAll(message, 'not-attempted', { ...init, transport: this.name })
  }

  async #outcome(facts: CallFacts, context: TransportContext): Promise<Delivery> {
    const { call, request, message } = facts
    const result = await this.#run(call, request, async () => context.beforeTransmission?.()).catch(
      (error: unknown) => {
        // There are no credentials, such as a token that could not be fetched.
        throw this.#notAttempted(message, error)
      },
    )
    tellTrace(context, call.recorder.transcript)
    if ('before' in result) throw this.#notAttempted(message, result.before)
    if ('failure' in result) throw unanswered(facts, result.failure)
    const { answer } = result
    const isPositive = answer.status >= 200 && answer.status < 300
    if (!isPositive)
      throw refusedAll(facts, answer, answer.isWhole ? this.#api.refused(answer, message) : undefined)
    return delivered(facts, answer, answer.isWhole ? this.#api.accepted(answer, message) : undefined)
  }

  /** Calls; with a new token as well, if the provider does not take the first. A refusal that was read has sent nothing. */
  async #run(call: ApiCall, request: ApiRequest, before: () => Promise<void>): Promise<CallResult> {
    const credentials = await this.#api.authorize(request, { renew: false })
    const result = await call.run(credentials ?? {}, before)
    if (!('answer' in result) || result.answer.status !== 401) return result
    const others = await this.#api.authorize(request, { renew: true })
    return others ? call.run(others, before) : result
  }

  /** Settles as soon as the caller gives up. What the provider says later is told as a late reply. */
  async #untilAborted(
    facts: CallFacts,
    outcome: Promise<Delivery>,
    context: TransportContext,
  ): Promise<Delivery> {
    const { call } = facts
    const { signal } = context
    if (!signal) return outcome
    const ended = Promise.withResolvers<never>()
    const onAbort = (): void => {
      if (!call.isWritten) {
        call.cancel(signal)
        // Whoever fetches a token does not hear of it.
        if (!call.isRunning) ended.reject(unanswered(facts, { stage: 'submit', ...diagnoseAbort(signal) }))
        return
      }
      this.#late.add(call)
      call.recorder.note('event', 'the caller gave up')
      ended.reject(unanswered(facts, { stage: 'submit', ...diagnoseAbort(signal) }))
      const tell = (late: Delivery | MailError): void => {
        this.#late.delete(call)
        tellLate(context, late)
      }
      void outcome.then(tell, tell)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
    try {
      return await Promise.race([outcome, ended.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

/** Content that never comes must not hold up who gave up waiting for it. */
async function untilAborted<Value>(
  value: Promise<Value> | Value,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (!signal || !(value instanceof Promise)) return value
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([value, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
