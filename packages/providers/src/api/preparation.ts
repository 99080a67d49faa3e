import type { Message } from '@loudmail/core'
import { failAll, Secrets } from '@loudmail/core/transport'
import type { Answer } from './answer.ts'
import { kindOfStatus } from './by-status.ts'
import { ApiCall, type ApiRequest } from './call-api.ts'
import { CallRecorder } from './call-recorder.ts'
import { refusedAll } from './outcome-of-call.ts'
import type { Item, ProviderApi } from './provider-api.ts'
import { runCall, runUntilAborted } from './run-call.ts'

/** The calls before the one that sends, such as those that upload a file. None of them sends anything. */
export class Preparation<Own extends object> {
  /** Records these calls, and the one that sends. */
  readonly recorder: CallRecorder
  readonly #api: ProviderApi<Own>
  readonly #message: Message
  readonly #signal: AbortSignal | undefined
  readonly #transport: string
  #undo: ApiRequest | undefined

  constructor(api: ProviderApi<Own>, { message, signal }: Item<Own>, transport: string) {
    this.recorder = new CallRecorder(api.secrets)
    this.#api = api
    this.#message = message
    this.#signal = signal
    this.#transport = transport
  }

  /**
   * Asks the provider for something that sends nothing.
   *
   * @throws MailError for anything but a positive answer that came whole
   */
  readonly ask = async (request: ApiRequest): Promise<Answer> => {
    const { recorder } = this
    const api = this.#api
    const message = this.#message
    const call = new ApiCall(api.endpoint, request, this.#secretsOf(request), recorder)
    const result = await runUntilAborted(api, call, request, this.#signal)
    if ('failure' in result)
      throw failAll(message, 'not-attempted', { ...result.failure, transcript: recorder.transcript })
    if ('before' in result) throw result.before
    const { answer } = result
    const { status, isWhole } = answer
    if (status >= 200 && status < 300 && isWhole) return answer
    const facts = { call, request, message, transport: this.#transport, title: api.title, keyMs: 0 }
    const refusal = api.refused(answer, message) ?? { kind: kindOfStatus(status) }
    throw refusedAll(facts, answer, { ...refusal, isInDoubt: false })
  }

  /** What removes again that which was prepared. It is asked for if the message is not sent. */
  readonly undoWith = (request: ApiRequest): void => {
    this.#undo = request
  }

  /** Removes what was prepared. What cannot be removed is left there: the caller waits for nothing. */
  async undo(): Promise<void> {
    if (!this.#undo) return
    const call = new ApiCall(this.#api.endpoint, this.#undo, this.#api.secrets)
    await runCall(this.#api, call, this.#undo, async () => {}).catch(() => {})
  }

  /** The address of an upload is a secret, too. It is one of this call only, so that the answer that gave it stays readable. */
  #secretsOf({ url }: ApiRequest): Pick<Secrets, 'redact'> {
    const { secrets } = this.#api
    if (url === undefined) return secrets
    const own = new Secrets([url, ...new URL(url).searchParams.values()])
    return { redact: (text) => own.redact(secrets.redact(text)) }
  }
}
