import type { ProviderFailure } from '../answers/provider-answer.ts'
import type { HttpRequest } from '../connection/http-request.ts'
import type { HttpAnswer } from '../script/http-action.ts'

/** A message as a request describes it. */
export interface PostedMessage {
  /** The recipients: To, Cc and Bcc. */
  readonly to: readonly string[]
  readonly subject?: string | undefined
}

/** A message, or why it is none. */
export type Posted = PostedMessage | NotWellFormed

/** The part of a provider that differs from the others. */
export interface ProviderApi {
  /** The paths that take messages. */
  readonly path: RegExp
  /** What tells whether credentials are right, and sends nothing. */
  readonly check?: { readonly path: string; readonly body: object }
  /** Whether the request has credentials in the form of this provider. */
  readonly hasCredentials: (request: HttpRequest) => boolean
  /** The names of its failures for a request without credentials, one that is not well-formed, and one of another path. */
  readonly failures: {
    readonly noCredentials: string
    readonly notWellFormed: string
    readonly noPath?: string
  }
  /** The idempotency key of a request, and whether a repeated one gets the same answer or a failure of this name. */
  readonly idempotency?: {
    readonly key: (request: HttpRequest) => string | undefined
    readonly repeated: 'same-answer' | { readonly failure: string }
    /** The failure for another body with the same key. */
    readonly otherBody: string
  }
  /** The form of its ids. */
  readonly id: (number: number) => string
  /**
   * Reads the messages of a request. Throws `NotWellFormed`, or another error where a body cannot be parsed. In a batch, a
   * `NotWellFormed` in the place of a message refuses only that one.
   */
  readonly read: (request: HttpRequest) => readonly Posted[] | Promise<readonly Posted[]>
  /** The answer to a request whose messages were taken under these ids, or refused. */
  readonly answer: (outcomes: readonly (string | ProviderFailure)[], request: HttpRequest) => HttpAnswer
}

/** A body that does not fit the API. `failure` names the answer, if it is not the usual one. */
export class NotWellFormed extends Error {
  readonly failure: string | undefined

  constructor(failure?: string) {
    super('The request is not well-formed')
    this.failure = failure
  }
}

/** Reads each message of a batch by itself. */
export function readEach(
  values: readonly unknown[],
  read: (value: unknown) => PostedMessage,
): readonly Posted[] {
  return values.map((value) => {
    try {
      return read(value)
    } catch (error) {
      if (error instanceof NotWellFormed) return error
      throw error
    }
  })
}
