import type { ApiCall, ApiRequest, CallResult } from './call-api.ts'
import type { ProviderApi } from './provider-api.ts'

/**
 * Calls; with new credentials as well, if the provider does not take the first. A refusal that was read has sent nothing.
 *
 * @throws what `authorize` throws, if there are no credentials
 */
export async function runCall(
  api: Pick<ProviderApi<object>, 'authorize' | 'refusesCredentials'>,
  call: ApiCall,
  request: ApiRequest,
  before: () => Promise<void>,
): Promise<CallResult> {
  // An address that the provider gave out for one file needs no credentials, and gets none.
  if (request.url !== undefined) return call.run({}, before)
  const credentials = await call.waitFor(() => api.authorize(request, { renew: false }))
  const result = await call.run(credentials ?? {}, before)
  if (!('answer' in result)) return result
  const { answer } = result
  if (!(api.refusesCredentials?.(answer) ?? answer.status === 401)) return result
  call.reset()
  const others = await call.waitFor(() => api.authorize(request, { renew: true }))
  return others || call.isCancelled ? call.run(others ?? {}, before) : result
}

/** Makes a call that sends nothing: it is over as soon as its caller gives up. */
export async function runUntilAborted(
  api: Parameters<typeof runCall>[0],
  call: ApiCall,
  request: ApiRequest,
  signal: AbortSignal | undefined,
): Promise<CallResult> {
  const onAbort = (): void => call.cancel(signal)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort)
  try {
    return await runCall(api, call, request, async () => {})
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
