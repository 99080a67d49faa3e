import { certificates, startServer } from '@loudmail/server'
import { probe, type ProbeCertificate } from '@loudmail/smtp/probe'
import { beforeAll, describe, expect, it } from 'vitest'
import { judgeCertificate } from '../../src/doctor/steps/judge-certificate.ts'
import { walked } from './walked.ts'
import { weakCertificate } from './weak-certificate.ts'

const DAY_MS = 86_400_000

describe('a certificate', () => {
  let chain: readonly ProbeCertificate[] = []
  beforeAll(async () => {
    const server = await startServer({ tls: 'implicit' })
    const tlsOptions = { ca: certificates.ca }
    const connection = await probe(
      { host: 'localhost', port: server.port, tls: 'implicit', tlsOptions },
      { onEvent: (event) => event.type === 'encrypted' && (chain = event.certificates) },
    )
    connection.close()
    await server.close()
  })
  const daysBefore = (days: number): number => chain[0]!.validTo.getTime() - days * DAY_MS

  it('that expires in more than two weeks is good', () => {
    const { detail, problems } = judgeCertificate(chain, daysBefore(14.5))
    expect(detail).toContain('It expires in 14 days (2119-12-31).')
    expect(problems).toEqual([])
  })

  it('that expires in less than two weeks has to be renewed', () => {
    expect(judgeCertificate(chain, daysBefore(13.5)).problems).toEqual([
      'It expires in 13 days (2119-12-31): have it renewed now.',
    ])
    expect(judgeCertificate(chain, daysBefore(1.5)).problems[0]).toContain('in 1 day (')
  })

  it('that is not valid any more, or not yet, says so', () => {
    expect(judgeCertificate(chain, daysBefore(-1)).detail).toContain('It expired on 2119-12-31.')
    expect(judgeCertificate(chain, chain[0]!.validFrom.getTime() - DAY_MS).detail).toContain(
      'It is not valid before',
    )
  })

  it('for many names shows only some of them', () => {
    const names = ['a.example', 'b.example', 'c.example', 'd.example', 'e.example']
    expect(judgeCertificate([{ ...chain[0]!, names }]).detail).toContain(
      'For a.example, b.example, c.example and 2 more, signed by',
    )
  })

  it('shows an IPv6 address as people write it', () => {
    expect(judgeCertificate(chain).detail).toContain('For localhost, 127.0.0.1 and ::1, signed by')
  })

  it('with a small key is a warning', async () => {
    const ciphers = 'DEFAULT@SECLEVEL=0'
    await using server = await startServer({ tls: 'implicit', tlsOpts: { ...weakCertificate, ciphers } })
    const { step, failure } = await walked({
      options: {
        host: 'localhost',
        port: server.port,
        tls: 'implicit',
        tlsOptions: { ca: weakCertificate.cert, ciphers },
      },
    })
    expect(failure).toBeUndefined()
    expect(step('certificate').verdict).toBe('warn')
    expect(step('certificate').detail).toContain('Its key is small (1024 bits): many programs refuse it.')
  })
})
