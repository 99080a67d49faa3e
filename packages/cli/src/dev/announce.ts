import type { Terminal } from '../terminal/terminal.ts'
import type { CheckedOptions } from './checked-options.ts'
import type { DevOptions } from './dev-options.ts'
import type { Servers } from './open-servers.ts'

/** Says where mail goes and where the inbox is. With `--json`, standard output is for mails alone. */
export function announce(
  { place, inboxUrl }: Servers,
  options: DevOptions,
  checked: CheckedOptions,
  terminal: Terminal,
): void {
  const { host, tls } = checked
  if (!isLoopback(host) && checked.hosts.length === 0)
    terminal.note(
      'loudmail: the inbox answers only this machine. To open it from elsewhere, or from outside a container, add --allow-host with the name in the address bar, such as --allow-host localhost.',
    )
  if (options.quiet) return
  const print = (line: string): void => (options.json ? terminal.note(line) : terminal.print(line))
  const scheme = tls === 'implicit' ? 'smtps' : 'smtp'
  const name = place.host.includes(':') ? `[${place.host}]` : place.host
  const rows: [string, string | undefined][] = [
    ['mail', `${scheme}://${name}:${place.port}${tls === 'starttls' ? ' (with STARTTLS)' : ''}`],
    ['inbox', inboxUrl],
    ['previews', options.previews && `${inboxUrl}previews/`],
    ['log-in', logIn(options)],
    ['kept in', options.store],
    ['every mail', checked.rehearse && `fails with ${checked.rehearse}`],
    ['sent on', checked.forward && sentOn(checked.forward)],
    ['authority', options.ca],
  ]
  print('Loudmail catches all mail.')
  for (const [label, text] of rows) if (text !== undefined) print(`  ${label.padEnd(12)}${text}`)
  if (options.settings === undefined)
    print('For the settings of your program, add --settings, or --settings with django, rails, spring, ...')
  print('Ctrl-C stops it.')
}

function logIn({ auth, user }: DevOptions): string | undefined {
  if (user !== undefined) return `required, as ${user}`
  return auth && 'required, with any user and password'
}

function sentOn({ transport, to }: NonNullable<CheckedOptions['forward']>): string {
  return `through ${transport.name}${to === undefined ? '' : `, only to ${to}`}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
