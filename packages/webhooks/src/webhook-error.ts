/** Why a webhook is refused, and the status that the provider gets. */
const STATUSES = {
  method: 405,
  timeout: 408,
  'too-large': 413,
  'content-type': 415,
  'raw-body': 400,
  malformed: 400,
  unsigned: 401,
  signature: 401,
  'too-old': 401,
  replay: 409,
  'unknown-event': 422,
} as const

/** Why a webhook is refused. */
export type WebhookProblem = keyof typeof STATUSES

/** A webhook that is refused: nothing that it says is believed. */
export class WebhookError extends Error {
  /** Always `WebhookError`. */
  override readonly name = 'WebhookError'
  /** Why. */
  readonly problem: WebhookProblem
  /** The HTTP status of the answer. */
  readonly status: number
  /** What to do about it. */
  readonly hint: string

  /** @param summary what is wrong, without secrets and without the words of the request */
  constructor(problem: WebhookProblem, summary: string, hint: string, cause?: unknown) {
    super(summary, cause === undefined ? undefined : { cause })
    this.problem = problem
    this.status = STATUSES[problem]
    this.hint = hint
  }
}

/** Whether it is a refusal. A revoked proxy, which anybody can throw, would make `instanceof` throw. */
export function isWebhookError(error: unknown): error is WebhookError {
  try {
    return error instanceof WebhookError
  } catch {
    return false
  }
}
