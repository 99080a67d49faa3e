import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkNumber, checkOptions } from '@loudmail/core/transport'
import { announceInbox } from '../capture-notice.ts'
import type { MailStore } from '../stores/mail-store.ts'
import { inbox, type InboxOptions } from './inbox.ts'

/** The options of {@link startInbox}. */
export interface StartInboxOptions extends Pick<InboxOptions, 'hosts' | 'previews'> {
  /** @default 0, a free one */
  readonly port?: number | undefined
  /** The address it listens on. @default '127.0.0.1' */
  readonly host?: string | undefined
}

/** An inbox with a server of its own. */
export interface RunningInbox extends AsyncDisposable {
  /** Its address, with a slash at the end. */
  readonly url: string
  /** The port that it listens on. */
  readonly port: number
  /** Idempotent. */
  close(): Promise<void>
}

/**
 * Starts a server that shows a store, for programs without a server of their own.
 *
 * @throws MailError `config/invalid-config`; the system's error if it cannot listen
 */
export async function startInbox(store: MailStore, options: StartInboxOptions = {}): Promise<RunningInbox> {
  checkOptions(options, 'startInbox()', { hosts: true, port: true, host: true, previews: true })
  const { hosts, previews, port = 0, host = '127.0.0.1' } = options
  checkNumber(port, 'startInbox() port', 0, true)
  const server = createServer(inbox(store, { hosts, previews }))
  server.listen(port, host)
  await once(server, 'listening')
  const { port: listening } = server.address() as AddressInfo
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${listening}/`
  announceInbox(store, url)
  const close = (): Promise<void> => ended(server)
  return {
    url,
    port: listening,
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function ended(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
