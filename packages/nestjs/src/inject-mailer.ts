import { Inject } from '@nestjs/common'
import { getMailerToken } from './mailer-token.ts'

/** Injects the mailer with this name. The one without a name needs no decorator. */
export function InjectMailer(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getMailerToken(name))
}
