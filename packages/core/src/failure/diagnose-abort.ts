/** Why an aborted signal ended a send: its deadline passed, or the caller gave up. */
export function diagnoseAbort(signal: AbortSignal | undefined): {
  /** `timeout` if the deadline passed, otherwise `aborted`. */
  readonly kind: 'timeout' | 'aborted'
  /** What happened, for the failure; undefined to use the text of the kind. */
  readonly summary: string | undefined
} {
  const isTimeout = (signal?.reason as { name?: unknown } | undefined)?.name === 'TimeoutError'
  return isTimeout
    ? { kind: 'timeout', summary: 'the deadline of the send passed before an answer arrived' }
    : { kind: 'aborted', summary: undefined }
}
