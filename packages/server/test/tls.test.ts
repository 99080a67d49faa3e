import { certificates, startServer, type CertificateName } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { connectTo, content } from './raw-client.ts'

test('implicit TLS begins with the handshake', async () => {
  await using server = await startServer({ tls: 'implicit' })
  expect(server.url).toBe(`smtps://127.0.0.1:${server.port}`)
  using client = await connectTo(server)
  await client.secure({ ca: server.ca, servername: 'localhost' })
  expect(await client.reply()).toBe('220 localhost ESMTP ready')
  await client.askAll('EHLO a', 'MAIL FROM:<>', 'RCPT TO:<a@b>', 'DATA')
  expect(await client.ask(`${content}.`)).toMatch(/^250/)
  expect(server.messages[0]?.tls).toBe(true)
  expect(server.connections[0]).toMatchObject({ tls: true, tlsVersion: 'TLSv1.3' })
  expect(await client.ask('QUIT')).toMatch(/^221/)
  expect(await client.end()).toBe('fin')
})

test('commands are still answered after the client has ended its side', async () => {
  await using server = await startServer({ tls: 'implicit' })
  using client = await connectTo(server)
  await client.secure()
  await client.reply()
  client.socket.end('NOOP\r\nNOOP\r\n')
  await client.end()
  expect(client.heard.toString()).toBe('250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n')
})

describe('certificates', () => {
  test.each(['localhost', '127.0.0.1', '::1'])('good is valid for %s', async (host) => {
    await using server = await startServer({ tls: 'implicit' })
    using client = await connectTo(server)
    await client.secure({ host, servername: host === 'localhost' ? host : '' })
    expect(await client.reply()).toMatch(/^220/)
  })

  const wrong: [name: CertificateName, code: string][] = [
    ['selfsigned', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wronghost', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ]
  test.each(wrong)('%s makes a verifying client say %s', async (cert, code) => {
    await using server = await startServer({ tls: 'implicit', cert })
    using client = await connectTo(server)
    await expect(client.secure()).rejects.toMatchObject({ code })
  })
})

describe('tlsOpts', () => {
  const tlsOpts = { requestCert: true, rejectUnauthorized: true }

  test('a missing client certificate ends the handshake and is recorded', async () => {
    await using server = await startServer({ tls: 'implicit', tlsOpts })
    using client = await connectTo(server)
    await client.secure()
    expect(await client.end()).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')
    const { error } = await server.waitFor('close')
    expect(error).toBeInstanceOf(Error)
  })

  test('the client certificate of the test authority is accepted', async () => {
    await using server = await startServer({ tls: 'implicit', tlsOpts })
    using client = await connectTo(server)
    await client.secure(certificates.client)
    expect(await client.reply()).toMatch(/^220/)
  })

  test('the script sets the protocol version', async () => {
    await using server = await startServer({ tls: 'implicit', tlsOpts: { maxVersion: 'TLSv1.2' } })
    using client = await connectTo(server)
    await client.secure()
    await client.reply()
    expect(server.connections[0]?.tlsVersion).toBe('TLSv1.2')
  })

  test('a client that does not offer that version gets the reason', async () => {
    await using server = await startServer({ tls: 'implicit', tlsOpts: { minVersion: 'TLSv1.3' } })
    using client = await connectTo(server)
    await expect(client.secure({ maxVersion: 'TLSv1.2' })).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    })
  })

  test('a client that leaves during the handshake is recorded', async () => {
    await using server = await startServer({ tls: 'implicit' })
    using client = await connectTo(server)
    await server.waitFor('connection')
    client.socket.end(Buffer.from([22, 3, 1, 2, 0]))
    const { error } = await server.waitFor('close')
    expect(error).toBeInstanceOf(Error)
  })

  test('a handshake that is not TLS is recorded', async () => {
    await using server = await startServer({ tls: 'implicit' })
    using client = await connectTo(server)
    client.write('EHLO a.example\r\n')
    await client.end()
    const { error, lines } = await server.waitFor('close')
    expect(error).toMatchObject({ code: 'ERR_SSL_WRONG_VERSION_NUMBER' })
    expect(lines).toEqual([])
  })
})
