import { join } from 'node:path'
import { startServer, type SmtpServer } from '@loudmail/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startNameServer, type Behaviour, type NameServer } from '../src/name-server.ts'

const PROGRAM = join(import.meta.dirname, '../src/send-by-name.ts')

describe('a name server', () => {
  let names: NameServer
  let server: SmtpServer
  beforeAll(async () => {
    names = await startNameServer()
    server = await startServer()
  })
  afterAll(async () => {
    await names[Symbol.asyncDispose]()
    await server.close()
  })

  async function sent(behaviour: Behaviour): Promise<{ ms: number }> {
    names.behaviour = behaviour
    const printed = await names.run('--conditions=@loudmail/source', PROGRAM, String(server.port))
    return JSON.parse(printed) as { ms: number }
  }

  it('that answers: the message reaches the server', async () => {
    expect(await sent('answer')).toMatchObject({ state: 'sent' })
    expect(server.messages).toHaveLength(1)
  })

  it("that is silent: the look-up ends at our timeout, not at the resolver's", async () => {
    const outcome = await sent('silent')
    expect(outcome).toMatchObject({
      code: 'dns/dns-temporary',
      permanence: 'transient',
      delivered: 'none',
    })
    expect(outcome.ms).toBeGreaterThanOrEqual(700)
    expect(outcome.ms).toBeLessThan(2_000)
  })

  it.each<[Behaviour, string, string]>([
    ['SERVFAIL', 'dns/dns-temporary', 'transient'],
    ['NXDOMAIN', 'dns/host-not-found', 'permanent'],
    ['no address', 'dns/host-not-found', 'permanent'],
  ])('that answers with %s makes it %s', async (behaviour, code, permanence) => {
    expect(await sent(behaviour)).toMatchObject({ code, permanence, delivered: 'none' })
  })
})
