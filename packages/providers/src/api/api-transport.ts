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
import { ApiCall, type ApiRequest } from './call-api.ts'
import type { CallRecorder } from './call-recorder.ts'
import { Batcher } from './batcher.ts'
import type { Batching } from './batch-options.ts'
import { checkCredentials } from './check-credentials.ts'
import { notAttempted } from './not-attempted.ts'
import { outcomeOf, unanswered, type CallFacts } from './outcome-of-call.ts'
import { Preparation } from './preparation.ts'
import { readData } from './provider-data.ts'
import type { Item, ProviderApi } from './provider-api.ts'
import { runCall } from './run-call.ts'
import { untilAborted } from './until-aborted.ts'

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

  async verify(context?: VerifyContext): Promise<void> {
    await checkCredentials(this.#api, this.name, context)
  }

  health(): TransportHealth {
    const { state = 'up', lastFailure } = this.#results
    return { transport: this.name, state, sending: this.#active.size, ...(lastFailure && { lastFailure }) }
  }

  close(): Promise<void> {
    this.#batcher?.drain()
    this.#closing ??= this.#ended().then(() => {
      for (const call of this.#late) call.cancel(undefined)
    })
    return this.#closing
  }

  /** All that is under way has ended, and what it left to be done. */
  async #ended(): Promise<void> {
    while (this.#active.size > 0) await Promise.allSettled(this.#active)
  }

  async #send(message: Message, context: TransportContext): Promise<Delivery> {
    const item = this.#item(message, context.signal)
    const batcher = this.#batcher
    if (!batcher?.takes(item)) return this.#sendAlone(item, context)
    const part = await this.#composed(item, () => this.#api.batch!.part(item))
    return batcher.add(message, part, context)
  }

  async #sendAlone(item: Item<Own>, context: TransportContext): Promise<Delivery> {
    const { message } = item
    const steps = new Preparation(this.#api, item, this.name)
    const undo = (error: unknown): never => {
      if (!MailError.is(error) || error.delivered === 'none') this.#inBackground(steps.undo())
      throw error
    }
    const compose = (): Promise<ApiRequest> | ApiRequest => this.#api.request(item, steps)
    const request = await this.#composed(item, compose, steps.recorder).catch((error: unknown) => {
      const transcript = steps.recorder.transcriptIfAny
      if (transcript) tellTrace(context, transcript)
      return undo(error)
    })
    return this.#single(message, request, context, steps.recorder, undo)
  }

  async #single(
    message: Message,
    request: ApiRequest,
    context: TransportContext,
    recorder?: CallRecorder,
    undo?: (error: unknown) => never,
  ): Promise<Delivery> {
    const { endpoint, secrets } = this.#api
    const call = new ApiCall(endpoint, request, secrets, recorder)
    const facts = this.#facts(call, request, message)
    return this.#untilAborted(facts, this.#outcome(facts, context).catch(undo), context)
  }

  /** The caller does not wait for it, but `close()` does. */
  #inBackground(work: Promise<void>): void {
    this.#active.add(work)
    void work.finally(() => this.#active.delete(work))
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
  async #composed<Form>(
    { message, signal }: Item<Own>,
    compose: () => Promise<Form> | Form,
    recorder?: CallRecorder,
  ): Promise<Form> {
    try {
      return await untilAborted(compose(), signal)
    } catch (error) {
      const transcript = recorder?.transcriptIfAny
      if (signal?.aborted)
        throw failAll(message, 'not-attempted', {
          stage: 'compose',
          ...diagnoseAbort(signal),
          transport: this.name,
          transcript,
        })
      throw notAttempted(message, this.name, error, transcript)
    }
  }

  async #outcome(facts: CallFacts, context: TransportContext): Promise<Delivery> {
    const { call, request, message } = facts
    const before = async (): Promise<void> => context.beforeTransmission?.()
    const result = await runCall(this.#api, call, request, before).catch((error: unknown) => {
      // There are no credentials, such as a token that could not be fetched.
      const transcript = call.recorder.transcriptIfAny
      if (transcript) tellTrace(context, transcript)
      throw notAttempted(message, this.name, error, transcript)
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
      if (!call.isWritten) return call.cancel(signal)
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
