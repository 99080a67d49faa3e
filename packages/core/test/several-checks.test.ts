import { describe, expect, it } from 'vitest'
import {
  dedupe,
  failover,
  limit,
  Mailer,
  MailError,
  memory,
  retry,
  roundRobin,
  tee,
  type Transport,
} from '../src/index.ts'
import { scripted } from './scripted.ts'

const refused = (): MailError => new MailError({ stage: 'connect', kind: 'connection-refused' })
const rejected = (): MailError => new MailError({ stage: 'auth', kind: 'bad-credentials' })

/** A transport that sends, and whose check fails while there is a failure. */
function checked(failure?: () => MailError): Transport & { failure: (() => MailError) | undefined } {
  const transport = {
    ...scripted(),
    failure,
    verify: async () => {
      if (transport.failure) throw transport.failure()
    },
  }
  return transport
}

const hello = { from: 'ann@example.com', to: 'bob@example.com', text: 'Hi' }

describe('a check of several transports', () => {
  it.each<[string, (a: Transport, b: Transport) => Transport]>([
    ['failover()', (a, b) => failover(a, b)],
    ['roundRobin()', (a, b) => roundRobin(a, b)],
    [
      'failover() in other wrappers',
      (a, b) => dedupe(tee(retry(limit(failover(a, b), { concurrent: 2 })), memory())),
    ],
    ['failover() in failover()', (a, b) => failover(failover(a, b), checked(refused))],
  ])('fails if one of them is down, but the mailer is only degraded: %s', async (_, make) => {
    const mailer = new Mailer({ transport: make(checked(refused), checked()) })
    await expect(mailer.verify()).rejects.toMatchObject({ code: 'connect/connection-refused' })
    const health = mailer.health()
    expect(health).toMatchObject({ state: 'degraded', lastFailure: { code: 'connect/connection-refused' } })
    expect(health.knownAt).toBeDefined()
    expect((await mailer.send(hello)).ok).toBe(true)
  })

  it('asks all of them, and tells what each one said', async () => {
    const mailer = new Mailer({ transport: failover(checked(refused), checked(rejected)) })
    await expect(mailer.verify()).rejects.toMatchObject({
      code: 'connect/connection-refused',
      failures: [{ code: 'connect/connection-refused' }, { code: 'auth/bad-credentials' }],
    })
    expect(mailer.health().state).toBe('down')
  })

  it('lets messages skip what is down, until a check shows that it is back', async () => {
    const primary = checked(refused)
    const mailer = new Mailer({ transport: failover(primary, memory()) })
    await expect(mailer.verify()).rejects.toThrow('connection-refused')
    expect((await mailer.send(hello)).transport).toBe('memory()')
    primary.failure = undefined
    await mailer.verify()
    expect(mailer.health().state).toBe('up')
    expect((await mailer.send(hello)).transport).toBe('scripted()')
  })

  it('takes what is no MailError for a bug of that transport', async () => {
    const broken = { ...checked(), verify: () => Promise.reject(new TypeError('oops')) }
    const mailer = new Mailer({ transport: failover(checked(refused), broken) })
    await expect(mailer.verify()).rejects.toMatchObject({ code: 'submit/unexpected' })
  })
})
