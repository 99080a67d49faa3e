import { readFileSync } from 'node:fs'
import type { ServerScript } from '@loudmail/server'

/** One conversation of failures.json: what the server does, what the client has to do, and what must be reported. */
export interface Scenario {
  readonly id: string
  readonly title: string
  readonly server: Omit<ServerScript, 'kind'> & { readonly kind?: string }
  readonly client: ClientSettings
  readonly truth: Truth
}

export interface ClientSettings {
  readonly mode?: 'plain' | 'starttls' | 'implicit'
  readonly host?: string
  readonly port?: number
  readonly auth?: {
    readonly user: string
    readonly pass?: string
    readonly method?: string
    readonly type?: string
    readonly token?: string
  }
  readonly msg?: {
    readonly to?: readonly string[]
    readonly subject?: string
    readonly text?: string
    readonly textBytes?: number
    readonly attachStreamError?: boolean
  }
  readonly proxy?: string
  readonly action?: 'poolCloseQueued' | 'secondAfterIdle' | 'secondSoon' | 'abort'
  readonly abortAfter?: number
}

export interface Truth {
  readonly outcome: 'ok' | 'fail' | 'partial'
  readonly stage?: readonly string[]
  readonly kind?: string | readonly string[]
  readonly permanence?: string
  readonly permAny?: boolean
  readonly delivered?: string
  readonly code?: number
  readonly enhanced?: string
  readonly rcpt?: Readonly<Record<string, { readonly code: number; readonly perm: string }>>
  readonly score?: boolean
}

export const scenarios = JSON.parse(
  readFileSync(new URL('../failures.json', import.meta.url), 'utf8'),
) as readonly Scenario[]
