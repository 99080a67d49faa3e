import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { certificates } from '@loudmail/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { applicationOf, type Application } from '../../src/environment/application.ts'
import { compareEnvironments, trustedAsIn } from '../../src/doctor/target/compare-environments.ts'
import { credentialSteps } from '../../src/doctor/target/credential-steps.ts'
import { environmentSteps } from '../../src/doctor/target/environment-steps.ts'
import { Variables } from '../../src/environment/variables.ts'
import type { Step } from '../../src/doctor/report.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const options = { host: 'mail.example.com' }

function steps(
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  target: { host: string; proxy?: string } = options,
): Step[] {
  const application: Application = {
    name: 'the environment',
    env,
    folder: temporaryFolder(files),
    pid: undefined,
  }
  return environmentSteps(application, new Variables(application, []), target)
}

describe('the environment of an application', () => {
  it('has nothing to tell', () => {
    expect(steps({})).toEqual([])
  })

  it.each([
    ['does not exist', {}, 'the file does not exist (ca.pem)'],
    ['has no certificate', { 'ca.pem': 'nothing' }, 'the file has no certificate in PEM format (ca.pem)'],
    ['is a folder', { 'ca.pem/x': '' }, 'the file cannot be read (ca.pem)'],
    [
      'has one that is broken',
      { 'ca.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
      'the file has a certificate that cannot be read (ca.pem)',
    ],
    ['has only old ones', { 'ca.pem': certificates.expired.cert }, 'None is still valid.'],
  ])('names authorities in a file that %s', (_, files, detail) => {
    const [step] = steps({ NODE_EXTRA_CA_CERTS: 'ca.pem' }, files)
    expect(step).toMatchObject({ stage: 'config', name: 'CA certificates', verdict: 'warn' })
    expect(step?.detail).toContain(detail)
  })

  it('names authorities that can be read', () => {
    const [step] = steps({ NODE_EXTRA_CA_CERTS: 'ca.pem' }, { 'ca.pem': certificates.good.cert })
    expect(step).toMatchObject({
      verdict: 'pass',
      detail: 'Node trusts one more certificate from ca.pem (NODE_EXTRA_CA_CERTS).',
    })
  })

  it('names authorities where Node does not look', () => {
    const [step] = steps({}, { '.env': 'NODE_EXTRA_CA_CERTS=ca.pem' })
    expect(step).toMatchObject({ verdict: 'warn' })
    expect(step?.detail).toContain('NODE_EXTRA_CA_CERTS is set in .env only, where it has no effect')
  })

  it('accepts every certificate', () => {
    const [step] = steps({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    expect(step).toMatchObject({ name: 'TLS checks', verdict: 'warn' })
    expect(steps({ NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toEqual([])
  })

  it('has a proxy that mail does not use', () => {
    const env = { HTTPS_PROXY: 'http://ann:hush@proxy.example.com', NO_PROXY: '*' }
    const [step] = steps(env)
    expect(step?.detail).toContain('HTTPS_PROXY, NO_PROXY are set in the environment. Mail does not use them')
    expect(step?.detail).not.toContain('proxy.example.com')
    expect(steps(env, {}, { host: 'localhost' })).toEqual([])
    expect(steps(env, {}, { ...options, proxy: 'http://proxy.example.com' })).toEqual([])
  })
})

describe.runIf(process.platform === 'linux')('a running application', () => {
  async function run(env: Readonly<Record<string, string>>, cwd: string): Promise<Application> {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], { env, cwd })
    onTestFinished(() => void child.kill())
    await once(child.stdout, 'data')
    return applicationOf(child.pid)
  }

  it('is read: its variables, and the .env in its folder', async () => {
    const folder = temporaryFolder({ '.env': 'OTHER=x' })
    const application = await run({ MAIL_URL: 'smtp://a=b.example.com' }, folder)
    const variables = new Variables(application, [])
    expect(application.folder).toBe(folder)
    expect(variables.get('MAIL_URL')).toBe('smtp://a=b.example.com')
    expect(variables.get('OTHER')).toBe('x')
    expect(variables.get('PATH')).toBeUndefined()
  })

  it('differs from this shell, by names and without values', async () => {
    const application = await run({ MAIL_URL: 'hush', NODE_TLS_REJECT_UNAUTHORIZED: '0' }, temporaryFolder())
    const found = compareEnvironments(application, ['MAIL_URL'])
    expect(found[0]).toMatchObject({
      name: 'environment',
      verdict: 'warn',
      detail: `MAIL_URL: only process ${application.pid} has it, not this shell.`,
    })
    expect(found).toContainEqual(
      expect.objectContaining({
        detail: expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED: ') as string,
      }),
    )
    expect(JSON.stringify(found)).not.toContain('hush')
  })

  it('trusts whom its own environment names', async () => {
    const folder = temporaryFolder({ 'ca.pem': certificates.good.cert })
    const application = await run(
      { NODE_EXTRA_CA_CERTS: 'ca.pem', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      folder,
    )
    const { tlsOptions } = trustedAsIn(application, options)
    expect(tlsOptions?.rejectUnauthorized).toBe(false)
    expect(tlsOptions?.ca).toHaveLength(rootCertificates.length + 1)
    expect(trustedAsIn(applicationOf(undefined), options)).toBe(options)
  })

  it('does not exist', () => {
    expect(() => applicationOf(2 ** 22 + 1)).toThrow('there is no such process')
    // It exists, whatever a shell shows of it.
    expect(readFileSync('/proc/self/environ')).toBeInstanceOf(Buffer)
  })
})

describe('user name and password', () => {
  it.each([
    ['hush ', 'begins or ends with white space'],
    ['hush%40hush', 'looks percent-encoded'],
    ['undefined', 'is the word undefined'],
    ['$SMTP_PASS', 'is a placeholder'],
    ['<password>', 'is a placeholder'],
  ])('are suspicious: %j', (pass, detail) => {
    const [step] = credentialSteps({ user: 'ann', pass })
    expect(step).toMatchObject({ stage: 'config', name: 'password', verdict: 'warn' })
    expect(step?.detail).toContain(detail)
  })

  it('are not', () => {
    expect(credentialSteps({ user: 'ann@example.com', pass: 'p$ss w<rd>' })).toEqual([])
    expect(credentialSteps({ user: 'ann', accessToken: 'token' })).toEqual([])
    expect(credentialSteps(undefined)).toEqual([])
  })
})
