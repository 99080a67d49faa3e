import { sqlite } from '@loudmail/outbox'
import type { OutboxStore } from '@loudmail/outbox/store'
import { applicationOf } from '../environment/application.ts'
import { variable } from '../environment/variable.ts'
import { Variables } from '../environment/variables.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { urlSecrets } from '../terminal/url-secrets.ts'
import { UsageError } from '../usage-error.ts'
import { needOutboxIn } from './need-outbox-in.ts'
import type { StoreOptions } from './outbox-options.ts'
import { loadPgBoss } from './load-pg-boss.ts'

const VARIABLE = 'LOUDMAIL_OUTBOX'

/**
 * The store that the options or `LOUDMAIL_OUTBOX` name. Its password is a secret from then on.
 *
 * @throws UsageError if none is named, or if it is not there: a mistyped name must not create one
 */
export async function openStore(options: StoreOptions, terminal: Terminal): Promise<OutboxStore> {
  const { place, option } = placeOf(options)
  const passwords = [...urlSecrets(place)].filter((secret) => secret !== '')
  for (const password of passwords) terminal.secrets.add(password)
  if (option === '--store' && passwords.length > 0)
    terminal.note(
      'Note: the password is on the command line. The history of your shell keeps it, and other users of this machine can see it. Put the URL into a variable and name that with --store-env.',
    )
  if (/^postgres(?:ql)?:\/\//i.test(place)) return (await loadPgBoss())(place)
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(place))
    throw new UsageError(`${option} takes a file, or a URL that begins with postgres://`)
  needOutboxIn(place)
  return sqlite(place)
}

function placeOf({ store, storeEnv }: StoreOptions): { readonly place: string; readonly option: string } {
  if (store !== undefined && storeEnv !== undefined)
    throw new UsageError('--store and --store-env exclude each other')
  if (store !== undefined) return { place: store, option: '--store' }
  if (storeEnv !== undefined) return { place: variable(storeEnv, '--store-env'), option: '--store-env' }
  const place = new Variables(applicationOf(undefined), []).get(VARIABLE)
  if (place) return { place, option: VARIABLE }
  throw new UsageError(
    `where the outbox is, is missing: add --store mail.db or --store postgres://user@host/name, or set ${VARIABLE}`,
  )
}
