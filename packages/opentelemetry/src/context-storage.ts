import { AsyncLocalStorage } from 'node:async_hooks'
import { context, type Context } from '@opentelemetry/api'

/**
 * The storage in which the context manager of Node keeps the active context. OpenTelemetry has no stable function that
 * makes a span active between two events, so this reads private fields. If they change, spans keep their parents, and only
 * what others record within a send is no child of its span.
 */
export function contextStorage(): AsyncLocalStorage<Context> | undefined {
  const { _getContextManager: get } = context as unknown as Private
  if (typeof get !== 'function') return undefined
  const { _asyncLocalStorage: storage } = get.call(context) ?? {}
  return storage instanceof AsyncLocalStorage ? storage : undefined
}

interface Private {
  readonly _getContextManager?: () => { readonly _asyncLocalStorage?: AsyncLocalStorage<Context> } | undefined
}
