import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ClientModule } from '../client.ts'
import { clientOf, type Build } from '../loudmail.ts'

/** The build of another checkout, loaded by path. */
export const connect: ClientModule['connect'] = async (target, work) => {
  const load = async (file: string): Promise<Partial<Build>> =>
    (await import(pathToFileURL(join(target.folder!, 'packages', file)).href)) as Partial<Build>
  const [core, { smtp }] = await Promise.all([load('core/dist/index.js'), load('smtp/dist/index.js')])
  // An older checkout exports it from @loudmail/core, a newer one from @loudmail/core/transport.
  const { toMessage } = core.toMessage ? core : await load('core/dist/transport.js')
  return clientOf({ Mailer: core.Mailer!, smtp: smtp!, toMessage: toMessage! }, target, work)
}
