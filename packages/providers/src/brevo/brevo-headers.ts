import type { ComposedMessage } from '@loudmail/core/transport'
import { headerObject } from '../api/header-object.ts'
import { nameBasedUuid } from '../api/name-based-uuid.ts'
import { headersOf } from '../api/parts.ts'
import { invalid } from '../api/provider-data.ts'
import type { Item } from '../api/provider-api.ts'
import type { BrevoData } from './brevo-data.ts'

/** The name space of the keys that Loudmail derives for Brevo. */
const KEYS = '0d3f4c1e-6a52-4b8e-9c57-2f1b7d90e3a4'

/** Header fields with which Brevo is told something, and where a message says it instead. */
const ORDERS: Readonly<Record<string, string>> = {
  idempotencykey: '`idempotencyKey` of the message',
  'sender.ip': '`transportData.brevo.senderIp`',
  'x-sib-sandbox': '`transportData.brevo.sandboxMode`',
  'x-mailin-custom': '`transportData.metadata`',
}

/**
 * The field `headers` of a request: the header fields of the message, and orders to Brevo.
 *
 * @throws MailError `compose/invalid-message`
 * @see https://developers.brevo.com/reference/send-transac-email
 */
export function brevoHeaders({ data }: Item<BrevoData>, message: ComposedMessage): Record<string, string> {
  const { metadata = {}, own } = data
  const { sandboxMode, senderIp } = own
  for (const [name] of message.headers) {
    const instead = ORDERS[name.toLowerCase()]
    if (instead !== undefined)
      throw invalid(
        `the header field ${name} is an order to Brevo, and no field of the message`,
        `Use ${instead}.`,
      )
  }
  if (sandboxMode !== undefined && typeof sandboxMode !== 'boolean')
    throw invalid('transportData.brevo.sandboxMode must be true or false')
  return {
    ...headerObject(headersOf(message), 'Brevo'),
    ...(Object.keys(metadata).length > 0 && { 'X-Mailin-custom': asciiJson(metadata) }),
    ...(message.idempotencyKey !== undefined && {
      idempotencyKey: nameBasedUuid(KEYS, message.idempotencyKey),
    }),
    ...(senderIp !== undefined && { 'sender.ip': senderIp }),
    ...(sandboxMode === true && { 'X-Sib-Sandbox': 'drop' }),
  }
}

/** Brevo writes the value into the header of the mail as it is. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0'),
  )
}
