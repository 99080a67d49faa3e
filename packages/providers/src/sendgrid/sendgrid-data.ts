import { invalid } from '../api/provider-data.ts'
import type { SendgridMailSettings, SendgridTracking, SendgridUnsubscribeGroup } from './sendgrid-settings.ts'

/** What `transportData.sendgrid` may contain. The names are those of the API, in the way of JavaScript. */
export interface SendgridData {
  /** A template at SendGrid, such as `d-1a2b...`. What it contains takes precedence over the message. */
  readonly templateId?: string | undefined
  /** The values for a dynamic template. */
  readonly dynamicTemplateData?: Readonly<Record<string, unknown>> | undefined
  /** The group that a recipient can unsubscribe from. */
  readonly asm?: SendgridUnsubscribeGroup | undefined
  /** The pool of IP addresses to send from. */
  readonly ipPoolName?: string | undefined
  /** Scheduled messages with the same id can be cancelled together. SendGrid makes such ids. */
  readonly batchId?: string | undefined
  /** SendGrid checks the request and sends nothing: the receipt says `discarded`. @default false */
  readonly sandboxMode?: boolean | undefined
  /** What SendGrid tracks. @default the settings of the account */
  readonly trackingSettings?: SendgridTracking | undefined
  /** Which lists of SendGrid do not count for this message, and its footer. @default the settings of the account */
  readonly mailSettings?: SendgridMailSettings | undefined
}

/** For `readData`. */
export const SENDGRID_FIELDS: Readonly<Record<keyof SendgridData, true>> = {
  templateId: true,
  dynamicTemplateData: true,
  asm: true,
  ipPoolName: true,
  batchId: true,
  sandboxMode: true,
  trackingSettings: true,
  mailSettings: true,
}

/**
 * The fields of the request that these settings become. SendGrid checks them, except for the one that decides whether a
 * message is sent at all.
 *
 * @throws MailError `compose/invalid-message`
 */
export function sendgridSettings(own: SendgridData): Readonly<Record<string, unknown>> {
  const { templateId, asm, ipPoolName, batchId, sandboxMode, trackingSettings, mailSettings } = own
  if (sandboxMode !== undefined && typeof sandboxMode !== 'boolean')
    throw invalid('transportData.sendgrid.sandboxMode must be true or false')
  const settings = {
    ...mailSettings,
    ...(sandboxMode !== undefined && { sandboxMode: { enable: sandboxMode } }),
  }
  return {
    ...(templateId !== undefined && { template_id: templateId }),
    ...(asm !== undefined && { asm: snakeCase(asm) }),
    ...(ipPoolName !== undefined && { ip_pool_name: ipPoolName }),
    ...(batchId !== undefined && { batch_id: batchId }),
    ...(Object.keys(settings).length > 0 && { mail_settings: snakeCase(settings) }),
    ...(trackingSettings !== undefined && { tracking_settings: snakeCase(trackingSettings) }),
  }
}

/** Names such as `groupId` as `group_id`, at every depth. */
function snakeCase(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([name, each]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    snakeCase(each),
  ])
  return Object.fromEntries(entries) as unknown
}
