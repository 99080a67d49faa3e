import type { FailureCode } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import type { ProviderName } from '@loudmail/server/http'
import { PROVIDERS } from './provider-clients.ts'
import { providerRehearsals } from './provider-rehearsals.ts'
import { openProviderScene } from './provider-scene.ts'
import { encrypted, type DebugTls } from './rehearsal.ts'
import { rehearsals } from './rehearsals.ts'
import { openScene, type Scene } from './scene.ts'
import { refuseByAddress } from './wanted-failure.ts'

/** Which server is inside the process. */
export interface ScenesOptions {
  /** How the conversation is encrypted. @default 'none' */
  readonly tls?: DebugTls | undefined
  /**
   * Send through the transport of this provider, to a server that answers as its API does. It can rehearse what the
   * provider documents, such as `submit/rate-limited`. It needs `@loudmail/providers`. @default SMTP
   */
  readonly provider?: ProviderName | undefined
}

/** The servers of a debug transport: each failure has its own, which starts when it is first needed. */
export interface Scenes {
  /** The failures that can be rehearsed. */
  readonly known: ReadonlyMap<FailureCode, unknown>
  of(code: FailureCode | undefined): Promise<Scene>
  close(): Promise<void>
}

/** @throws MailError `config/invalid-config` */
export function scenesOf({ tls = 'none', provider }: ScenesOptions): Scenes {
  if (!['none', 'starttls', 'implicit'].includes(tls))
    throw configError("the tls option of debug() must be 'none', 'starttls' or 'implicit'")
  if (provider === undefined) return smtpScenes(tls)
  if (!PROVIDERS.includes(provider))
    throw configError(`the provider option of debug() must be one of ${PROVIDERS.join(', ')}`)
  if (tls !== 'none')
    throw configError('the tls option of debug() is for SMTP: leave it out with the provider option')
  const known = providerRehearsals(provider)
  return { known, ...opened((code) => openProviderScene(provider, code && known.get(code))) }
}

function smtpScenes(tls: DebugTls): Scenes {
  const known = rehearsals(tls)
  const usual = encrypted({ script: { on: { RCPT: refuseByAddress } } }, tls)
  return { known, ...opened((code) => openScene(code ? known.get(code)! : usual)) }
}

function opened(open: (code: FailureCode | undefined) => Promise<Scene>): Pick<Scenes, 'of' | 'close'> {
  const scenes = new Map<FailureCode | undefined, Promise<Scene>>()
  return {
    of(code) {
      const scene = scenes.get(code) ?? open(code)
      scenes.set(code, scene)
      scene.catch(() => scenes.delete(code))
      return scene
    },
    async close() {
      await Promise.all([...scenes.values()].map(async (scene) => (await scene).close()))
    },
  }
}
