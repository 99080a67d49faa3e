import { networkInterfaces } from 'node:os'
import { closedPort, startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { describe, expect, it } from 'vitest'
import { lookupTo } from './lookups.ts'
import { nameServer } from './name-server.ts'
import { silentPort } from './silent-port.ts'
import { walked } from './walked.ts'

const options = { host: 'mail.example.com', tls: 'none' } as const

describe('the doctor connects to every address', () => {
  it('and closes each connection', async () => {
    await using _ = await nameServer({})
    await using server = await startServer({})
    const { port } = server
    const { step } = await walked({ options: { ...options, port, lookup: lookupTo('127.0.0.1') } })
    expect(step(`TCP to 127.0.0.1:${port}`)).toMatchObject({ stage: 'connect', verdict: 'pass' })
    const [first] = server.connections
    const { error, commands, closedAt, openedAt } = await server.waitFor(
      'close',
      ({ id }) => id === first!.id,
    )
    expect(error).toBeUndefined()
    expect(commands).toEqual([])
    // A connection that is only forgotten is closed later.
    expect(closedAt!.getTime() - openedAt.getTime()).toBeLessThan(400)
  })

  it('and warns that IPv6 costs time when only IPv4 works', async () => {
    await using _ = await nameServer({})
    await using server = await startServer({})
    const { port } = server
    const lookup = lookupTo('::1', '127.0.0.1')
    const { step, failure } = await walked({ options: { ...options, port, lookup } })
    expect(step(`TCP to 127.0.0.1:${port}`).verdict).toBe('pass')
    const { verdict, detail } = step(`TCP to [::1]:${port}`)
    expect(verdict).toBe('warn')
    expect(detail).toContain('loses time on each connection')
    expect(failure).toBeUndefined()
  })

  it('and fails as smtp() does when nothing listens', async () => {
    await using _ = await nameServer({})
    const refused = { ...options, port: await closedPort(), lookup: lookupTo('127.0.0.1') }
    const { step, failure } = await walked({ options: refused })
    const { verdict, detail } = step(`TCP to 127.0.0.1:${refused.port}`)
    expect(verdict).toBe('fail')
    expect(detail).toBe(`It refuses: nothing listens on port ${refused.port} there.`)
    const thrown = await smtp(refused).verify!().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'connect/connection-refused' })
    expect(failure!.hint).toBe((thrown as Error & { hint: string }).hint)
    expect(failure!.summary).toBe((thrown as Error & { summary: string }).summary)
  })

  it('and waits for one time-out when a firewall drops the packets', async () => {
    await using _ = await nameServer({})
    await using silent = await silentPort()
    const begun = performance.now()
    const { step, failure } = await walked({
      options: { ...options, port: silent.port, lookup: lookupTo('127.0.0.1'), timeouts: { connect: 1_500 } },
    })
    expect(performance.now() - begun).toBeLessThan(2_900)
    const { verdict, detail } = step(`TCP to 127.0.0.1:${silent.port}`)
    expect(verdict).toBe('fail')
    expect(detail).toMatch(/^No answer in 1\.\d s: a firewall on the way may drop the packets\.$/)
    expect(failure?.code).toBe('connect/timeout')
  })

  it('and waits three seconds for the others once one answers', async () => {
    await using _ = await nameServer({})
    await using server = await startServer({})
    const { port } = server
    await using silent = await silentPort('127.0.0.2', port)
    expect(silent.port).toBe(port)
    const begun = performance.now()
    const lookup = lookupTo('127.0.0.2', '127.0.0.1')
    const { step, failure } = await walked({ options: { ...options, port, lookup } }, { timeoutMs: 60_000 })
    expect(performance.now() - begun).toBeLessThan(8_000)
    expect(step(`TCP to 127.0.0.2:${port}`)).toMatchObject({ verdict: 'warn' })
    expect(step(`TCP to 127.0.0.2:${port}`).detail).toMatch(/^No answer in 3\.\d s/)
    expect(failure).toBeUndefined()
  })

  it('up to four of each family', async () => {
    await using _ = await nameServer({})
    const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6']
    const port = await closedPort()
    const { steps } = await walked({ options: { ...options, port, lookup: lookupTo(...addresses) } })
    const tried = steps.filter(({ name }) => name.startsWith('TCP to'))
    expect(tried.map(({ name }) => name)).toEqual(
      addresses.slice(0, 4).map((address) => `TCP to ${address}:${port}`),
    )
  })

  it('of the family of localAddress alone', async () => {
    await using _ = await nameServer({})
    await using server = await startServer({})
    const { port } = server
    const lookup = lookupTo('::1', '127.0.0.1')
    const { steps } = await walked({ options: { ...options, port, lookup, localAddress: '127.0.0.1' } })
    expect(steps.filter(({ stage }) => stage === 'connect').map(({ name }) => name)).toEqual([
      `TCP to 127.0.0.1:${port}`,
    ])
  })

  const hasIPv6 = Object.values(networkInterfaces())
    .flat()
    .some((each) => each?.family === 'IPv6' && !each.internal && !each.address.startsWith('fe80:'))
  // With IPv6, the request would leave this machine.
  if (!hasIPv6)
    it('and does not blame the server when this machine has no IPv6', async () => {
      await using _ = await nameServer({})
      await using server = await startServer({})
      const { port } = server
      const lookup = lookupTo('2001:db8::1', '127.0.0.1')
      const { step } = await walked({ options: { ...options, port, lookup } })
      expect(step(`TCP to [2001:db8::1]:${port}`).verdict).toBe('skip')
    })
})
