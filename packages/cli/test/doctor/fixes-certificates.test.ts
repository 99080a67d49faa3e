import { readFileSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import { certificates } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { auth, expectToWork, fixesFor, IMPLICIT, logIns, optionsFor, start, STARTTLS } from './fix-scene.ts'
import { lookupOf } from './lookup-of.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../smtp/test/fixtures/${name}`, import.meta.url), 'utf8')
const weak = { key: fixture('weak-key.pem'), cert: fixture('weak-cert.pem') }

describe('a certificate that is not accepted', () => {
  it('behind the wrong beginning of TLS: both changes together', async () => {
    await using server = await start({ ...IMPLICIT, cert: 'selfsigned' })
    const options = optionsFor(server, { auth, tls: 'starttls', tlsOptions: {} })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('greeting/timeout')
    expect(fixes[0]!.change).toMatch(/expects TLS from the start.*Trust the certificate/)
    await expectToWork(fixes[0], options)
  })

  it('signed by itself: trust it, if the operator confirms the fingerprint', async () => {
    await using server = await start({ ...IMPLICIT, cert: 'selfsigned' })
    const options = optionsFor(server, { auth, tls: 'implicit' })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('tls/certificate-untrusted')
    const { fingerprint256 } = new X509Certificate(certificates.selfsigned.cert)
    expect(fixes[0]!.change).toContain(
      `only if the operator of the server confirms its SHA-256 fingerprint ${fingerprint256}`,
    )
    expect(fixes[0]!.change).toContain('NODE_EXTRA_CA_CERTS')
    expect(fixes[0]!.url).toBeUndefined()
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('with a chain up to its own authority: trust that authority', async () => {
    const tlsOpts = { ...certificates.good, cert: certificates.good.cert + certificates.ca }
    await using server = await start({ ...STARTTLS, tlsOpts })
    const options = optionsFor(server, { auth, tls: 'starttls', tlsOptions: {} })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]!.change).toContain('CN=Loudmail test authority')
    expect((fixes[0]!.options as { tlsOptions: { ca: string } }).tlsOptions.ca.trim()).toBe(
      certificates.ca.trim(),
    )
    await expectToWork(fixes[0], options)
  })

  it('without the authority that signed it: trust what there is, or ask for the chain', async () => {
    await using server = await start({ ...IMPLICIT, tlsOpts: { ...certificates.good, ca: [] } })
    const options = optionsFor(server, { auth, tls: 'implicit', tlsOptions: {} })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]!.change).toContain('send the whole chain')
    await expectToWork(fixes[0], options)
  })

  it('no password goes to another machine that shows a strange certificate', async () => {
    await using server = await start({ ...IMPLICIT, cert: 'selfsigned' })
    const lookup = lookupOf({ localhost: '127.0.0.1', 'mail.example.test': '127.0.0.1' })
    const tlsOptions = { servername: 'localhost' }
    const options = optionsFor(server, {
      auth,
      tls: 'implicit',
      host: 'mail.example.test',
      lookup,
      tlsOptions,
    })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]).toMatchObject({ verified: false, change: expect.stringContaining('sends no password') })
    expect(logIns(server)).toBe(0)
  })

  it('for another name: that name, where it leads to the same server', async () => {
    await using server = await start(STARTTLS)
    const lookup = lookupOf({ localhost: '127.0.0.1', 'mail.example.test': '127.0.0.1' })
    const options = optionsFor(server, { host: 'mail.example.test', lookup, tls: 'starttls' })
    const { failure, fixes } = await fixesFor({ ...options, auth })
    expect(failure.code).toBe('tls/certificate-hostname')
    expect(fixes[0]!.options).toMatchObject({ host: 'localhost' })
    await expectToWork(fixes[0], { ...options, auth })
    expect(fixes[1]!.change).toContain('Ask the operator')
  })

  it('for another name that does not lead there: the name for TLS alone', async () => {
    await using server = await start({ ...STARTTLS, cert: 'wronghost' })
    const options = optionsFor(server, { auth, tls: 'starttls' })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]!.options).toMatchObject({ tlsOptions: { servername: 'wrong.example' } })
    expect(logIns(server)).toBe(1)
    await expectToWork(fixes[0], options)
  })

  it('no password goes to another machine because its certificate is for some name', async () => {
    await using server = await start({ ...STARTTLS, cert: 'wronghost' })
    const lookup = lookupOf({ 'mail.example.test': '127.0.0.1' })
    const options = optionsFor(server, { auth, tls: 'starttls', host: 'mail.example.test', lookup })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]).toMatchObject({
      options: { tlsOptions: { servername: 'wrong.example' } },
      change: expect.stringContaining('sends no password'),
      verified: false,
    })
    expect(logIns(server)).toBe(0)
  })

  it('expired: only its operator can help', async () => {
    await using server = await start({ ...STARTTLS, cert: 'expired' })
    const { failure, fixes } = await fixesFor(optionsFor(server, { auth, tls: 'starttls' }))
    expect(failure.code).toBe('tls/certificate-expired')
    expect(fixes[0]).toMatchObject({
      verified: false,
      change: expect.stringMatching(/renew its certificate.*clock of this machine/),
    })
    expect(logIns(server)).toBe(0)
  })

  it('with a weak key: a stopgap', async () => {
    await using server = await start({ ...IMPLICIT, tlsOpts: { ...weak, ciphers: 'DEFAULT:@SECLEVEL=0' } })
    const options = optionsFor(server, { auth, tls: 'implicit', tlsOptions: { ca: weak.cert } })
    const { fixes } = await fixesFor(options)
    expect(fixes[0]!.change).toContain('only for a server that you trust')
    await expectToWork(fixes[0], options)
  })

  it('an old version of TLS: a stopgap', async () => {
    const tlsOpts = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const
    await using server = await start({ ...STARTTLS, tlsOpts })
    const options = optionsFor(server, { auth, tls: 'starttls' })
    const { failure, fixes } = await fixesFor(options)
    expect(failure.code).toBe('tls/protocol-version')
    expect(fixes[0]!.options).toEqual({ tlsOptions: { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } })
    await expectToWork(fixes[0], options)
  })

  it('a version that the application demands and the server does not have', async () => {
    await using server = await start({ ...STARTTLS, tlsOpts: { maxVersion: 'TLSv1.2' } })
    const options = optionsFor(server, { auth, tls: 'starttls' })
    const strict = { ...options, tlsOptions: { ...options.tlsOptions, minVersion: 'TLSv1.3' as const } }
    const { fixes } = await fixesFor(strict)
    expect(fixes[0]).toMatchObject({ options: { tlsOptions: { minVersion: undefined } } })
    await expectToWork(fixes[0], strict)
  })

  it('a private key in the options is in no fix', async () => {
    await using server = await start({ ...IMPLICIT, cert: 'selfsigned' })
    const tlsOptions = { ...certificates.client, passphrase: 'open sesame 7' }
    const { fixes } = await fixesFor(optionsFor(server, { tls: 'implicit', tlsOptions }))
    expect(JSON.stringify(fixes)).not.toMatch(/PRIVATE KEY|sesame/)
  })
})
