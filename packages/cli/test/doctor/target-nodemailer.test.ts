import { nodemailer } from '@loudmail/nodemailer'
import { createTransport } from 'nodemailer'
import { describe, expect, it } from 'vitest'
import { optionsFromNodemailer } from '../../src/doctor/target/options-from-nodemailer.ts'
import { recogniseTransport } from '../../src/doctor/target/recognise-transport.ts'

const FILE = import.meta.filename
const auth = { user: 'ann', pass: 'hush' }

describe('a transporter of nodemailer', () => {
  it('is read with the server that its service stands for', async () => {
    const transporter = createTransport({ service: 'gmail', auth })
    const { options, transport, words, failure } = await recogniseTransport(transporter, FILE, 1)
    expect(options).toMatchObject({ host: 'smtp.gmail.com', port: 465, tls: 'implicit', auth })
    expect({ words, failure }).toEqual({ words: 'nodemailer', failure: undefined })
    expect(transport?.name).toBe(nodemailer(transporter).name)
  })

  it('is read if it is pooled or comes from a URL', async () => {
    const pooled = createTransport({ pool: true, host: 'mail.example.com', auth })
    expect((await recogniseTransport(pooled, FILE, 1)).options).toMatchObject({
      host: 'mail.example.com',
      port: 587,
      auth,
    })
    const fromUrl = createTransport('smtps://ann:hush@mail.example.com')
    expect((await recogniseTransport(fromUrl, FILE, 1)).options).toMatchObject({
      port: 465,
      tls: 'implicit',
      auth,
    })
  })

  it('has no options to show if it does not speak SMTP', async () => {
    const { options, transport, failure } = await recogniseTransport(
      createTransport({ jsonTransport: true }),
      FILE,
      1,
    )
    expect({ options, failure }).toEqual({ options: undefined, failure: undefined })
    expect(transport?.name).toContain('nodemailer')
  })

  it('has no password', async () => {
    const transporter = createTransport({ host: 'mail.example.com', auth: { user: 'ann', pass: '' } })
    expect((await recogniseTransport(transporter, FILE, 1)).failure?.code).toBe('config/missing-credentials')
  })

  it('has a line break after its password, and is repaired', async () => {
    const transporter = createTransport({ host: 'mail.example.com', auth: { user: 'ann', pass: 'hush\n' } })
    const { options, failure, changes } = await recogniseTransport(transporter, FILE, 1)
    expect(failure?.code).toBe('config/invalid-config')
    expect(options?.auth).toEqual(auth)
    expect(changes).toEqual(['Remove the line break around the password.'])
  })
})

describe('options of nodemailer', () => {
  it.each([
    ['port 465', { port: 465 }, 'implicit', false],
    ['port 465 without secure', { port: '465', secure: false }, 'starttls', true],
    ['secure', { secure: true }, 'implicit', false],
    ['nothing', {}, 'starttls', true],
    ['requireTLS', { requireTLS: true, ignoreTLS: true }, 'starttls', false],
    ['ignoreTLS', { ignoreTLS: true, opportunisticTLS: true }, 'none', false],
    ['opportunisticTLS', { opportunisticTLS: true }, 'opportunistic', false],
  ])('encrypt with %s as nodemailer does', (_, given, tls, goesOn) => {
    const { options, goesOnPlain } = optionsFromNodemailer(given)
    expect({ tls: options.tls, goesOnPlain }).toEqual({ tls, goesOnPlain: goesOn })
  })

  it('have the same meaning as those of smtp()', () => {
    const { options, steps } = optionsFromNodemailer({
      host: 'mail.example.com',
      port: 2525,
      requireTLS: true,
      tls: { servername: 'other.example.com', host: 'x' },
      auth: { type: 'OAuth2', user: 'ann', accessToken: 'token' },
      name: 'client.example.com',
      localAddress: '192.0.2.1',
      proxy: 'socks://proxy.example.com:1080',
      connectionTimeout: 1000,
    })
    expect(options).toEqual({
      host: 'mail.example.com',
      port: 2525,
      tls: 'starttls',
      tlsOptions: { servername: 'other.example.com' },
      auth: { user: 'ann', accessToken: 'token' },
      name: 'client.example.com',
      localAddress: '192.0.2.1',
      proxy: 'socks5://proxy.example.com:1080',
      timeouts: { connect: 1000 },
    })
    expect(steps).toEqual([])
  })
})
