import {
  startCapture,
  startInbox,
  type MailStore,
  type RunningCapture,
  type ShownPreviews,
  type StoredMail,
} from '@loudmail/debug'
import { UsageError } from '../usage-error.ts'
import type { CheckedOptions } from './checked-options.ts'
import { whoHolds } from './who-holds.ts'

/** Where a program of this machine reaches the server. */
interface Place {
  readonly host: string
  readonly port: number
}

/** The SMTP server and the inbox, both running. */
export interface Servers {
  readonly place: Place
  /** For a browser on this machine. */
  readonly inboxUrl: string
  readonly ca: string
  close(): Promise<void>
}

/** What the servers tell. */
interface Events {
  readonly onKept: (mail: StoredMail, inboxUrl: string) => void
  readonly onNotKept: (error: unknown) => void
}

/** The port of one of the servers is taken. Its message says by whom, and what to do. */
export class PortTaken extends Error {}

/** @throws PortTaken; UsageError if the address is not one of this machine */
export async function openServers(
  store: MailStore,
  options: CheckedOptions,
  previews: ShownPreviews | undefined,
  events: Events,
): Promise<Servers> {
  const { host, hosts, tls, auth, rehearse } = options
  const inbox = await startInbox(store, {
    port: options.httpPort,
    host,
    hosts: hosts.includes('*') ? '*' : hosts,
    previews,
  }).catch((error: unknown) => explain(error, 'http', options))
  const name = nameOf(host)
  const inboxUrl = `http://${name.includes(':') ? `[${name}]` : name}:${inbox.port}/`
  let capture: RunningCapture
  try {
    capture = await startCapture(store, {
      port: options.smtpPort,
      host,
      tls,
      auth,
      rehearse,
      onKept: (mail) => events.onKept(mail, inboxUrl),
      onNotKept: events.onNotKept,
    })
  } catch (error) {
    await inbox.close()
    return explain(error, 'smtp', options)
  }
  return {
    place: { host: name, port: capture.port },
    inboxUrl,
    ca: capture.ca,
    async close() {
      await Promise.all([capture.close(), inbox.close()])
    },
  }
}

/** An address that means all addresses is none to connect to. */
function nameOf(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : host
}

async function explain(
  error: unknown,
  which: 'smtp' | 'http',
  { host, smtpPort, httpPort }: CheckedOptions,
): Promise<never> {
  const { code } = error as NodeJS.ErrnoException
  const port = which === 'smtp' ? smtpPort : httpPort
  const option = `--${which}-port`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    throw new UsageError(`--host ${host} is not an address of this machine`)
  if (code === 'EACCES')
    throw new PortTaken(`this user may not open port ${port}. Choose one above 1023 with ${option}`)
  if (code !== 'EADDRINUSE') throw error
  const holder = await whoHolds(nameOf(host), which === 'smtp' ? port : undefined, httpPort)
  const what = which === 'smtp' ? 'for mail' : 'for the inbox'
  throw new PortTaken(
    `port ${port} ${what} is taken${holder}. Stop that program, or choose another port with ${option}`,
  )
}
