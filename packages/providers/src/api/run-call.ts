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
  const credentials = await api.authorize(request, { renew: false })
  const result = await call.run(credentials ?? {}, before)
  if (!('answer' in result)) return result
  const { answer } = result
  if (!(api.refusesCredentials?.(answer) ?? answer.status === 401)) return result
  const others = await api.authorize(request, { renew: true })
  return others ? call.run(others, before) : result
}
