import type { FailureCode, Schemes } from '@loudmail/core'
import { configError } from '@loudmail/core/transport'
import type { ProviderName } from '@loudmail/server/http'
import { debug } from './debug.ts'
import type { DebugTls } from './rehearsal/rehearsal.ts'
import { folderStore } from './stores/folder-store.ts'

const PARAMETERS = ['rehearse', 'tls', 'provider']

/** Schemes for `transportFromUrl`: `debug:`, `debug:./mails` for a folder, `debug:?rehearse=rcpt-to/mailbox-full`. */
export const debugSchemes: Schemes = {
  /** `debug:` keeps mails in memory, `debug:./mails` in a folder. */
  debug(url) {
    if (url.host !== '') throw configError('a debug URL has no host: write debug: or debug:./folder')
    const stranger = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name))
    if (stranger !== undefined)
      throw configError(
        `a debug URL has no parameter ${stranger}; its parameters are ${PARAMETERS.join(', ')}`,
      )
    const folder = decodeURIComponent(url.pathname)
    return debug({
      store: folder === '' ? undefined : folderStore(folder),
      rehearse: (url.searchParams.get('rehearse') ?? undefined) as FailureCode | undefined,
      tls: (url.searchParams.get('tls') ?? undefined) as DebugTls | undefined,
      provider: (url.searchParams.get('provider') ?? undefined) as ProviderName | undefined,
    })
  },
}
