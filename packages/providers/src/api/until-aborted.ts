/** The value, unless the caller gives up first: content that never comes must not hold up who no longer waits for it. */
export async function untilAborted<Value>(
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
