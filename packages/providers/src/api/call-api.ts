import { diagnoseAbort, type Secrets } from '@loudmail/core/transport'
import { parseJson, readBody, type Answer } from './answer.ts'
import type { Endpoint } from './api-options.ts'
import { callFailure, hintOf, proxyFailure, type CallFailure } from './call-failure.ts'
import { CallRecorder } from './call-recorder.ts'
import { requestBody } from './request-body.ts'
import { RequestProgress } from './request-progress.ts'

/** A request to an API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Behind the base of the URL: `/emails`. It must not contain a secret. */
  readonly path: string
  /** Where to instead, such as an address for an upload. It may contain a secret: `path` is what is shown. */
  readonly url?: string | undefined
  /** Without those that say who asks. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array | undefined
}

/** How a call ended: with an answer, or without one. */
export type CallResult =
  | { readonly answer: Answer }
  | { readonly failure: CallFailure }
  | { readonly before: unknown }

/** The header fields in which providers name a request, for their support. */
const REQUEST_IDS = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'x-message-id',
  'x-mailgun-request-id',
  'x-pm-message-id',
]

/** Some providers refuse a request that does not say who asks. */
const AGENT = { 'user-agent': 'loudmail' } as const

/** One call of an API. */
export class ApiCall {
  progress: RequestProgress
  /** `fetch` was called, and has not settled. */
  isRunning = false
  readonly recorder: CallRecorder
  readonly #endpoint: Endpoint
  readonly #request: ApiRequest
  readonly #secrets: Pick<Secrets, 'redact'>
  readonly #url: URL
  readonly #abort = new AbortController()
  #failure: CallFailure | undefined
  #before: { readonly error: unknown } | undefined
  #isWaiting = false
  #timer: NodeJS.Timeout | undefined

  /** @param recorder records also what was asked before. @default one of its own */
  constructor(
    endpoint: Endpoint,
    request: ApiRequest,
    secrets: Pick<Secrets, 'redact'>,
    recorder = new CallRecorder(secrets),
  ) {
    this.#endpoint = endpoint
    this.#request = request
    this.#secrets = secrets
    this.#url = new URL(request.url ?? `${endpoint.base}${request.path}`)
    this.recorder = recorder
    this.progress = new RequestProgress(this.#url)
  }

  /** The provider may have the whole request. */
  get isWritten(): boolean {
    return this.progress.written === 'all'
  }

  get isCancelled(): boolean {
    return this.#abort.signal.aborted
  }

  /** What was written before was refused: none of it counts any more. */
  reset(): void {
    this.progress = new RequestProgress(this.#url)
  }

  /** Waits for what the call needs, such as a token. Undefined if the call is cancelled before. */
  async waitFor<Result>(need: () => Promise<Result> | Result): Promise<Result | undefined> {
    const { signal } = this.#abort
    const cancelled = Promise.withResolvers<undefined>()
    const onAbort = (): void => cancelled.resolve(undefined)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    this.#isWaiting = true
    try {
      return await Promise.race([need(), cancelled.promise])
    } finally {
      this.#isWaiting = false
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Ends the call, if it has not ended. */
  cancel(signal: AbortSignal | undefined): void {
    this.#end({ stage: this.#isWaiting ? 'auth' : this.progress.stage, ...diagnoseAbort(signal) })
  }

  /**
   * Calls. It may be called again once there is an answer, with other credentials.
   *
   * @param before called before the first octet of the body; if it rejects, nothing is written
   * @param credentials header fields that say who asks
   */
  async run(credentials: Readonly<Record<string, string>>, before: () => Promise<void>): Promise<CallResult> {
    const progress = (this.progress = new RequestProgress(this.#url))
    const { recorder } = this
    const { method, path, headers = {}, body } = this.#request
    const { fetch = globalThis.fetch } = this.#endpoint
    recorder.note('client', `${method} ${path}`)
    if (body) recorder.note('client', `<${body.length} octets>`)
    progress.onStage = () => this.#startTimer()
    progress.onProxyLoop = () =>
      this.#end(proxyFailure('the proxy closes every connection without an answer'))
    this.isRunning = true
    this.#startTimer()
    try {
      const init: RequestInit = {
        method,
        headers: {
          ...AGENT,
          ...headers,
          ...credentials,
          ...(body && { 'content-length': String(body.length) }),
        },
        // The request contains secrets: it goes nowhere else.
        redirect: 'manual',
        signal: this.#abort.signal,
        ...(body && (await requestBody(body, progress, () => this.#hold(before)))),
      }
      const response = await progress.run(() => fetch(this.#url, init))
      return { answer: await this.#read(response) }
    } catch (thrown) {
      if (this.#before) return { before: this.#before.error }
      const failure = this.#failure ?? callFailure(thrown, progress, this.#url.hostname)
      recorder.note('event', `failed: ${failure.stage}/${failure.kind}`)
      return { failure }
    } finally {
      this.isRunning = false
      progress.onStage = undefined
      clearTimeout(this.#timer)
    }
  }

  async #hold(before: () => Promise<void>): Promise<void> {
    // The caller takes the time that it needs.
    clearTimeout(this.#timer)
    try {
      await before()
    } catch (error) {
      this.#before = { error }
      throw error
    }
    this.#startTimer()
  }

  async #read(response: Response): Promise<Answer> {
    const { status, statusText } = response
    const { text, isWhole, cause } = await readBody(response)
    const { redact } = this.#secrets
    const words = redact(text)
    const headers = new Headers([...response.headers].map(([name, value]) => [name, redact(value)]))
    const id = REQUEST_IDS.map((name) => headers.get(name)).find(Boolean)
    this.recorder.note('server', `${status} ${statusText}${id ? ` (request ${id})` : ''}`.trimEnd())
    if (status >= 300 && words !== '') this.recorder.note('server', words.slice(0, 2_000))
    if (!isWhole)
      this.recorder.note('event', cause === undefined ? 'the answer is too long' : 'the answer was cut off')
    return { status, headers, text: words, json: isWhole ? parseJson(words) : undefined, isWhole }
  }

  #startTimer(): void {
    clearTimeout(this.#timer)
    // What the caller was asked for may come after the call has ended.
    if (!this.isRunning) return
    const { stage } = this.progress
    const ms = this.#endpoint.timeouts[stage]
    this.#timer = setTimeout(() => {
      const failure = { stage, kind: 'timeout' as const }
      this.#end({ ...failure, summary: `no answer arrived within ${ms} ms`, hint: hintOf(failure) })
    }, ms)
  }

  #end(failure: CallFailure): void {
    if (this.#abort.signal.aborted) return
    this.#failure = failure
    this.#abort.abort()
  }
}
