import { describe, expect, it } from 'vitest'
import type { Application } from '../../src/environment/application.ts'
import { readVariable, type VariableReading } from '../../src/doctor/target/read-variable.ts'
import { Variables } from '../../src/environment/variables.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const URL = 'smtp://ann:hush@mail.example.com'

function read(
  name: string,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): VariableReading {
  const application: Application = {
    name: 'the environment',
    env,
    folder: temporaryFolder(files),
    pid: undefined,
  }
  return readVariable(new Variables(application, []), name, 1)
}

describe('a variable with a URL', () => {
  it('is warned of if another variable is written into it, which nothing replaces', () => {
    const { steps } = read('MAIL_URL', {}, { '.env': 'MAIL_URL=smtp://${MAIL_HOST}:587' })
    expect(steps.find(({ verdict }) => verdict === 'warn')?.detail).toContain(
      'Node and dotenv leave it as it is',
    )
  })

  it.each([
    ['the environment', { MAIL_URL: URL }, {}],
    ['.env', {}, { '.env': `MAIL_URL=${URL}` }],
    ['.env', {}, { '.env': `export MAIL_URL="${URL}" # the provider` }],
    ['.env.local, which dotenv alone does not read', {}, { '.env.local': `MAIL_URL=${URL}`, '.env': '' }],
    [
      '.env.staging, which dotenv alone does not read',
      { NODE_ENV: 'staging' },
      { '.env.staging': `MAIL_URL=${URL}` },
    ],
  ])('is read from %s', (place, env, files) => {
    const { options, failure, steps } = read('MAIL_URL', env, files)
    expect(failure).toBeUndefined()
    expect(options).toMatchObject({ host: 'mail.example.com', auth: { pass: 'hush' } })
    expect(steps[0]).toMatchObject({ verdict: 'pass', detail: `Set in ${place}.` })
  })

  it('counts in the environment if a file has another value', () => {
    const { options, steps } = read(
      'MAIL_URL',
      { MAIL_URL: URL },
      { '.env': 'MAIL_URL=smtp://other.example.com' },
    )
    expect(options?.host).toBe('mail.example.com')
    expect(steps[0]).toMatchObject({
      verdict: 'warn',
      detail: 'Set in the environment and in .env, with different values. The environment counts.',
    })
    expect(JSON.stringify(steps)).not.toContain('other.example.com')
  })

  it('is not set, and one with almost the same name is', () => {
    const { options, failure, changes, steps } = read('MAIL_URL', {}, { '.env': `MAIL_URI=${URL}` })
    expect(failure).toMatchObject({
      code: 'config/invalid-config',
      hint: 'Did you mean MAIL_URI? It is set.',
    })
    expect(options?.host).toBe('mail.example.com')
    expect(changes).toEqual(['Set MAIL_URL, or let the application read MAIL_URI, which is set.'])
    expect(steps[0]).toMatchObject({ verdict: 'fail' })
    expect(steps[0]?.detail).toContain('has no .env.local')
  })

  it('is not set, and another one has the URL of a mail server', () => {
    expect(read('MAILER_DSN', { SMTP_ADDRESS: URL }).options?.host).toBe('mail.example.com')
  })

  it('is not set at all', () => {
    const { options, failure } = read('MAIL_URL', { HOME: '/home/ann' })
    expect(options).toBeUndefined()
    expect(failure?.summary).toContain('MAIL_URL is not set: it is not in the environment')
  })

  it('is empty in the environment, and hides the one in .env', () => {
    const { options, failure, changes } = read('MAIL_URL', { MAIL_URL: '' }, { '.env': `MAIL_URL=${URL}` })
    expect(failure?.summary).toBe(
      'MAIL_URL is set in the environment, but empty, and hides the value in .env',
    )
    expect(options?.host).toBe('mail.example.com')
    expect(changes).toEqual(['Remove the empty MAIL_URL from the environment, so that .env counts.'])
  })

  it('is cut at a # in .env', () => {
    const { options, failure, changes } = read(
      'MAIL_URL',
      {},
      { '.env': 'MAIL_URL=smtp://ann:hu#sh@mail.example.com\n' },
    )
    expect(failure?.summary).toContain('the value of MAIL_URL in .env ends at a #')
    expect(options?.auth).toMatchObject({ pass: 'hu#sh' })
    expect(changes[0]).toBe('In .env, put the value of MAIL_URL into quotes.')
  })

  it('is not read from .env.local in tests, as frameworks do it', () => {
    const files = { '.env.local': 'MAIL_URL=smtp://other.example.com', '.env': `MAIL_URL=${URL}` }
    expect(read('MAIL_URL', { NODE_ENV: 'test' }, files).options?.host).toBe('mail.example.com')
    expect(read('MAIL_URL', {}, files).options?.host).toBe('other.example.com')
  })

  it('has white space around it', () => {
    const { failure, steps } = read('MAIL_URL', { MAIL_URL: `${URL}\n` })
    expect(failure).toBeUndefined()
    expect(steps.map((step) => step.verdict)).toEqual(['pass', 'warn', 'pass'])
  })

  it('is not shown if the shell put its value in the place of its name', () => {
    expect(() => read(URL, {})).toThrow('--env takes the name of a variable, such as MAIL_URL, without a $')
  })
})

describe('variables with the parts', () => {
  it('are read by their prefix', () => {
    const env = {
      SMTP_HOST: 'mail.example.com',
      SMTP_PORT: '465',
      SMTP_USER: 'ann',
      SMTP_PASS: 'hush',
      SMTP_SECURE: 'true',
    }
    const { options, words } = read('SMTP', env)
    expect(options).toEqual({
      host: 'mail.example.com',
      port: 465,
      tls: 'implicit',
      auth: { user: 'ann', pass: 'hush' },
    })
    expect(words).toBe('smtp')
    expect(read('SMTP_HOST', env).options).toEqual(options)
  })

  it('are read although the shell has a variable with the name of the prefix', () => {
    const { options } = read('MAIL', {
      MAIL: '/var/mail/ann',
      MAIL_SERVER: 'mail.example.com',
      MAIL_USERNAME: 'ann',
      MAIL_PASSWORD: 'hush',
    })
    expect(options).toMatchObject({ host: 'mail.example.com', auth: { user: 'ann', pass: 'hush' } })
  })

  it('have a password that is cut at a # in .env', () => {
    const env = 'SMTP_HOST=mail.example.com\nSMTP_USER=ann\nSMTP_PASS=hu#sh\n'
    const { options, failure, changes } = read('SMTP', {}, { '.env': env })
    expect(options?.auth).toMatchObject({ pass: 'hu#sh' })
    expect(failure?.summary).toContain('the value of SMTP_PASS in .env ends at a #')
    expect(changes).toEqual(['In .env, put the value of SMTP_PASS into quotes.'])
  })

  it('may have a comment after the password', () => {
    const { options, failure } = read(
      'SMTP',
      {},
      { '.env': 'SMTP_HOST=mail.example.com\nSMTP_USER=ann\nSMTP_PASS=hush # of ann\n' },
    )
    expect(failure).toBeUndefined()
    expect(options?.auth).toMatchObject({ pass: 'hush' })
  })

  it('have no host', () => {
    expect(read('SMTP', { SMTP_PORT: '587' }).failure?.summary).toContain('SMTP_HOST is not set')
  })

  it('have a port that is no number', () => {
    expect(read('SMTP', { SMTP_HOST: 'mail.example.com', SMTP_PORT: 'tls' }).failure?.code).toBe(
      'config/invalid-config',
    )
  })

  it('have a user and no password', () => {
    const { failure } = read('SMTP', { SMTP_HOST: 'mail.example.com', SMTP_USER: 'ann' })
    expect(failure?.code).toBe('config/missing-credentials')
  })
})
