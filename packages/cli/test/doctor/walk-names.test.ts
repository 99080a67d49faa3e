import type { LookupFunction } from 'node:net'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookupFailing, lookupSilent, lookupTo } from './lookups.ts'
import { nameServer } from './name-server.ts'
import { walked } from './walked.ts'

const host = 'mail.example.com'

describe('the doctor looks up the name', () => {
  let server: Awaited<ReturnType<typeof startServer>>
  beforeAll(async () => {
    server = await startServer({})
  })
  afterAll(() => server.close())
  const options = () => ({ host, port: server.port, tls: 'none' as const, lookup: lookupTo('127.0.0.1') })

  it('as the application does, and at the DNS servers', async () => {
    await using _ = await nameServer({ [host]: { A: ['127.0.0.1'], AAAA: ['2001:db8::1'] } })
    const { step, failure } = await walked({ options: options() })
    expect(step('name look-up')).toMatchObject({
      stage: 'dns',
      verdict: 'pass',
      detail: 'mail.example.com is 127.0.0.1.',
    })
    expect(step('DNS servers')).toMatchObject({
      verdict: 'pass',
      detail: 'They say 127.0.0.1 and 2001:db8::1.',
    })
    expect(failure).toBeUndefined()
  })

  it('only once', async () => {
    await using _ = await nameServer({})
    let asked = 0
    const lookup: LookupFunction = (_host, _options, callback) => {
      asked++
      callback(null, '127.0.0.1', 4)
    }
    expect((await walked({ options: { ...options(), lookup } })).failure).toBeUndefined()
    expect(asked).toBe(1)
  })

  it('and says when both give the same', async () => {
    await using _ = await nameServer({ [host]: { A: ['127.0.0.1'] } })
    expect((await walked({ options: options() })).step('DNS servers').detail).toBe(
      'They give the same addresses.',
    )
  })

  it.each([
    [
      'say something else',
      { [host]: { A: ['192.0.2.1'] } },
      'They say 192.0.2.1, but the application gets other',
    ],
    [
      'do not know the name',
      {},
      'They do not know this name. The application has its addresses from another place',
    ],
    ['are silent', 'silent', 'did not answer'],
  ] as const)('and warns when the DNS servers %s', async (_title, records, detail) => {
    await using _ = await nameServer(records)
    const { step, failure } = await walked({ options: options() })
    expect(step('DNS servers')).toMatchObject({ verdict: 'warn' })
    expect(step('DNS servers').detail).toContain(detail)
    expect(step('DNS servers').durationMs).toBeLessThan(5_000)
    expect(failure).toBeUndefined()
  })

  it('but not at the DNS servers for an address or this machine', async () => {
    await using dns = await nameServer('silent')
    const address = await walked({ options: { host: '127.0.0.1', port: server.port } })
    expect(address.step('name look-up').verdict).toBe('skip')
    const own = await walked({ options: { host: 'localhost', port: server.port } })
    expect(own.step('name look-up').verdict).toBe('pass')
    expect(own.step('DNS servers').verdict).toBe('skip')
    expect(dns.asked).toEqual([])
  })

  it.each([
    ['does not exist', 'ENOTFOUND', 'dns/host-not-found'],
    ['cannot be looked up now', 'EAI_AGAIN', 'dns/dns-temporary'],
  ])('and fails as smtp() does for a name that %s', async (_title, systemCode, code) => {
    await using _ = await nameServer({})
    const failing = { ...options(), lookup: lookupFailing(systemCode) }
    const { step, failure, told } = await walked({ options: failing })
    const thrown = await smtp(failing).verify!().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code })
    expect({ ...failure!.toJSON() }).toEqual({ ...(thrown as typeof failure)!.toJSON() })
    expect(step('name look-up')).toMatchObject({ verdict: 'fail' })
    expect(step('name look-up').detail).toContain(systemCode)
    expect(step('DNS servers')).toMatchObject({
      verdict: 'fail',
      detail: 'They do not know this name either.',
    })
    expect(told.slice(2)).toEqual(['skip connection', 'skip greeting', 'skip EHLO', 'skip MAIL FROM'])
  })

  it('and says when only the look-up of this machine fails', async () => {
    await using _ = await nameServer({ [host]: { A: ['127.0.0.1'] } })
    const { step } = await walked({ options: { ...options(), lookup: lookupFailing('ENOTFOUND') } })
    expect(step('DNS servers')).toMatchObject({ verdict: 'warn' })
    expect(step('DNS servers').detail).toContain('So only the look-up of this machine fails.')
  })

  it('and waits for one time-out when nothing answers', async () => {
    await using _ = await nameServer({ [host]: { A: ['127.0.0.1'] } })
    const begun = performance.now()
    const { step, failure } = await walked({
      options: { ...options(), lookup: lookupSilent, timeouts: { dns: 1_500 } },
    })
    expect(performance.now() - begun).toBeLessThan(2_900)
    expect(step('name look-up')).toMatchObject({ verdict: 'fail' })
    expect(step('name look-up').durationMs).toBeGreaterThan(1_400)
    expect(failure?.code).toBe('dns/dns-temporary')
  })
})
