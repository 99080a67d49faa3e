import { Inject } from '@nestjs/common'
import { getOutboxToken } from './outbox-token.ts'

/** Injects the outbox of the mailer with this name, or of the one without a name: `@InjectOutbox() outbox: Outbox`. */
export function InjectOutbox(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getOutboxToken(name))
}
