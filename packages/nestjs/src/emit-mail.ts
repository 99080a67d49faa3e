import type { Observer } from '@loudmail/core'
import type { ModuleRef } from '@nestjs/core'

/** The part of EventEmitter2 that is used here. */
interface Emitter {
  emit(event: string, ...values: unknown[]): boolean
}

/**
 * An observer that emits `mail.sent`, `mail.failed`, `mail.attempt-failed` and `mail.late-reply`, each with its event, if
 * the application imports EventEmitterModule. Undefined if `@nestjs/event-emitter` is not installed. A failure counts as
 * seen when a listener reads `event.error`.
 */
export async function emitMail(moduleRef: ModuleRef): Promise<Observer | undefined> {
  const token = await emitterToken()
  if (!token) return undefined
  let emitter: Emitter | false | undefined
  return function emitMailObserver(event) {
    // Looked up at the first event, when the application is complete.
    emitter ??= find(moduleRef, token) ?? false
    if (emitter) emitter.emit(`mail.${event.type}`, event)
  }
}

async function emitterToken(): Promise<(abstract new () => Emitter) | undefined> {
  try {
    return (await import('@nestjs/event-emitter')).EventEmitter2
  } catch {
    return undefined
  }
}

function find(moduleRef: ModuleRef, token: abstract new () => Emitter): Emitter | undefined {
  try {
    return moduleRef.get<Emitter>(token, { strict: false })
  } catch {
    return undefined
  }
}
