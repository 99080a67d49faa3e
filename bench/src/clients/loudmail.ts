import { Mailer } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import { smtp } from '@loudmail/smtp'
import type { ClientModule } from '../client.ts'
import { clientOf, inputOf } from '../loudmail.ts'

export const connect: ClientModule['connect'] = async (target, work) => {
  // Only the runs of record() pay for loading it.
  const record = target.variant === 'record' ? (await import('@loudmail/debug')).record : undefined
  return clientOf({ Mailer, smtp, toMessage, record }, target, work)
}

export const composer: ClientModule['composer'] = (work, variant) => {
  const input = inputOf(work)
  const message = toMessage(input)
  return variant === 'parsed before' ? () => compose(message) : () => compose(toMessage(input))
}
