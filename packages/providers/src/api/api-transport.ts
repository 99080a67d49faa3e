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
import type { Answer } from './answer.ts'
import { ApiCall, type ApiRequest } from './call-api.ts'
import { kindOfStatus } from './by-status.ts'
import { Batcher } from './batcher.ts'
import type { Batching } from './batch-options.ts'
import { notAttempted } from './not-attempted.ts'
import { outcomeOf, refusedAll, unanswered, type CallFacts } from './outcome-of-call.ts'
import { readData } from './provider-data.ts'
import type { Item, ProviderApi, Refusal } from './provider-api.ts'
import { runCall } from './run-call.ts'

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
  readonly #batcher: Batcher<Own> | undefined
  #closing: Promise<void> | undefined

  /** @param batching undefined if every message gets a request of its own */
  constructor(api: ProviderApi<Own>, batching?: Batching) {
    const { id, endpoint, support } = api
    this.#api = api
    this.name = `${id}(${new URL(endpoint.base).host})`
    this.server = { host: endpoint.host, port: endpoint.port }
    this.honoursIdempotencyKey = support.idempotencyMs > 0
    this.idempotencyKeyMs = support.idempotencyMs > 0 ? support.idempotencyMs : undefined
    if (!api.batch || !batching) return
    const home = {
      api,
      batching,
      transport: this.name,
      late: this.#late,
      facts: this.#facts.bind(this),
      single: this.#single.bind(this),
    }
    this.#batcher = new Batcher(home, api.batch)
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
    const facts = { ...this.#facts(call, check, message), isCheck: true }
    const { signal } = context
    const onAbort = (): void => call.cancel(signal)
    if (signal?.aborted) throw unanswered(facts, { stage: 'submit', ...diagnoseAbort(signal) })
    signal?.addEventListener('abort', onAbort)
    try {
      const result = await runCall(this.#api, call, check, async () => {})
      if ('failure' in result) throw unanswered(facts, result.failure)
      if ('before' in result) return
      const { answer } = result
      const refusal = this.#refusedCheck(answer, message)
      if (refusal) throw refusedAll(facts, answer, { ...refusal, isInDoubt: false })
    } finally {
      signal?.removeEventListener('abort', onAbort)
      tellTrace(context, call.recorder.transcript)
    }
  }

  #refusedCheck(answer: Answer, message: Message): Refusal | undefined {
    const api = this.#api
    if (answer.status >= 200 && answer.status < 300) return api.granted?.(answer)
    if (api.checked) return api.checked(answer)
    return api.refused(answer, message) ?? { kind: kindOfStatus(answer.status) }
  }

  health(): TransportHealth {
    const { state = 'up', lastFailure } = this.#results
    return { transport: this.name, state, sending: this.#active.size, ...(lastFailure && { lastFailure }) }
  }

  close(): Promise<void> {
    this.#batcher?.drain()
    this.#closing ??= Promise.allSettled(this.#active).then(() => {
      for (const call of this.#late) call.cancel(undefined)
    })
    return this.#closing
  }

  async #send(message: Message, context: TransportContext): Promise<Delivery> {
    const item = this.#item(message, context.signal)
    const batcher = this.#batcher
    if (!batcher?.takes(item)) {
      const request = await this.#composed(item, () => this.#api.request(item))
      return this.#single(message, request, context)
    }
    const part = await this.#composed(item, () => this.#api.batch!.part(item))
    return batcher.add(message, part, context)
  }

  #single(message: Message, request: ApiRequest, context: TransportContext): Promise<Delivery> {
    const call = new ApiCall(this.#api.endpoint, request, this.#api.secrets)
    const facts = this.#facts(call, request, message)
    return this.#untilAborted(facts, this.#outcome(facts, context), context)
  }

  #facts(call: ApiCall, request: ApiRequest, message: Message): CallFacts {
    const { title, support } = this.#api
    const keyMs = message.idempotencyKey === undefined ? 0 : support.idempotencyMs
    return { call, request, message, transport: this.name, title, keyMs }
  }

  #item(message: Message, signal: AbortSignal | undefined): Item<Own> {
    try {
      if (message.requireTlsOnward)
        throw new MailError({
          stage: 'submit',
          kind: 'requiretls-not-offered',
          summary: `${this.#api.title} does not promise TLS all the way`,
          hint: this.#api.requireTlsHint,
        })
      return { message, data: readData(message, this.#api), signal }
    } catch (error) {
      throw notAttempted(message, this.name, error)
    }
  }

  /** A message in the form of the provider, or why the provider cannot send it. */
  async #composed<Form>({ message, signal }: Item<Own>, compose: () => Promise<Form> | Form): Promise<Form> {
    try {
      return await untilAborted(compose(), signal)
    } catch (error) {
      if (signal?.aborted)
        throw failAll(message, 'not-attempted', {
          stage: 'compose',
          ...diagnoseAbort(signal),
          transport: this.name,
        })
      throw notAttempted(message, this.name, error)
    }
  }

  async #outcome(facts: CallFacts, context: TransportContext): Promise<Delivery> {
    const { call, request, message } = facts
    const before = async (): Promise<void> => context.beforeTransmission?.()
    const result = await runCall(this.#api, call, request, before).catch((error: unknown) => {
      // There are no credentials, such as a token that could not be fetched.
      throw notAttempted(message, this.name, error)
    })
    tellTrace(context, call.recorder.transcript)
    return outcomeOf(facts, result, this.#api)
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
