import { startServer, type ServerScript } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { greeted } from './raw-client.ts'

const caps = ['AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER SCRAM-SHA-256']
const users = { alice: 's3cret' }
const yes = '235 2.7.0 Authentication successful'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('refusals', () => {
  const refusals: [title: string, lines: string[], reply: string][] = [
    ['a mechanism that is not offered', ['AUTH GSSAPI'], '504 5.5.4 Unrecognized authentication type'],
    ['no mechanism', ['AUTH'], '504 5.5.4 Unrecognized authentication type'],
    ['something that is not base64', ['AUTH PLAIN !!'], '501 5.5.2 Not base64'],
    ['an answer that is not base64', ['AUTH LOGIN', 'alice!'], '501 5.5.2 Not base64'],
    ['a client that cancels', ['AUTH LOGIN', '*'], '501 5.7.0 Authentication cancelled'],
    ['an answer that is too long', ['AUTH LOGIN', 'x'.repeat(20_000)], '500 5.5.6 Line too long'],
    ['a malformed PLAIN', [`AUTH PLAIN ${base64('alice')}`], '501 5.5.2 Malformed PLAIN'],
    ['an empty first answer', ['AUTH PLAIN ='], '501 5.5.2 Malformed PLAIN'],
    ['a malformed CRAM-MD5', ['AUTH CRAM-MD5', base64('alice')], '501 5.5.2 Malformed CRAM-MD5'],
    ['a malformed XOAUTH2', [`AUTH XOAUTH2 ${base64('alice')}`], '501 5.5.2 Malformed XOAUTH2'],
    ['a malformed SCRAM', [`AUTH SCRAM-SHA-256 ${base64('alice')}`], '501 5.5.2 Malformed SCRAM message'],
    ['a second AUTH', [`AUTH PLAIN ${base64('\0a\0b')}`, 'AUTH PLAIN'], '503 5.5.1 Already authenticated'],
    ['AUTH within a transaction', ['MAIL FROM:<>', 'AUTH PLAIN'], '503 5.5.1 Not during a mail transaction'],
  ]
  test.each(refusals)('%s', async (_title, lines, reply) => {
    await using server = await startServer({ caps })
    using client = await greeted(server)
    expect(await client.askAll(...lines)).toBe(reply)
    expect(await client.ask('NOOP')).toBe('250 2.0.0 Ok')
  })

  test('requireAuth requires a successful AUTH before MAIL', async () => {
    await using server = await startServer({ caps, requireAuth: true, users })
    using client = await greeted(server)
    expect(await client.ask('MAIL FROM:<>')).toBe('530 5.7.0 Authentication required')
    await client.ask(`AUTH PLAIN ${base64('\0alice\0guess')}`)
    expect(await client.ask('MAIL FROM:<>')).toBe('530 5.7.0 Authentication required')
    await client.ask(`AUTH PLAIN ${base64('\0alice\0s3cret')}`)
    await client.askAll('MAIL FROM:<>', 'RCPT TO:<a@b>', 'DATA', '.')
    expect(server.messages[0]?.authenticatedAs).toBe('alice')
  })

  test('a client that leaves during AUTH does no harm', async () => {
    await using server = await startServer({ caps })
    using client = await greeted(server)
    await client.ask('AUTH LOGIN')
    client.socket.resetAndDestroy()
    await server.waitFor('close')
    expect(server.connections[0]?.authenticatedAs).toBeUndefined()
  })
})

describe('scripts', () => {
  const plain = `AUTH PLAIN ${base64('\0alice\0s3cret')}`
  const scripts: [title: string, on: NonNullable<ServerScript['on']>, lines: string[], reply: string][] = [
    ['AUTHCMD replaces all of AUTH', { AUTHCMD: '530 5.7.0 TLS first' }, [plain], '530 5.7.0 TLS first'],
    [
      'AUTHCMD that says 334 goes on with a line and AUTH',
      { AUTHCMD: '334 eyJ9', AUTH: '535 5.7.8 No' },
      [plain, 'AQ=='],
      '535 5.7.8 No',
    ],
    ['AUTHCMD that says 334 is otherwise a yes', { AUTHCMD: '334 ' }, ['AUTH PLAIN', 'x'], yes],
    ['AUTH replaces the verdict', { AUTH: '454 4.7.0 Later' }, [plain], '454 4.7.0 Later'],
    [
      'AUTH comes after every challenge',
      { AUTH: '535 5.7.8 No' },
      ['AUTH LOGIN', 'YQ==', 'Yg=='],
      '535 5.7.8 No',
    ],
    [
      'AUTH that says 334 reads on',
      { AUTH: { nth: ['334 e30=', '535 5.7.8 No'] } },
      [plain, 'AQ=='],
      '535 5.7.8 No',
    ],
    ['AUTH can let anyone in', { AUTH: '235 fine' }, [`AUTH PLAIN ${base64('\0bob\0x')}`], '235 fine'],
    [
      'a function sees the credentials',
      {
        AUTH: ({ credentials }) =>
          `535 ${credentials?.mechanism} ${credentials?.user} ${credentials?.password}`,
      },
      [plain],
      '535 PLAIN alice s3cret',
    ],
  ]
  test.each(scripts)('%s', async (_title, on, lines, reply) => {
    await using server = await startServer({ caps, users, on })
    using client = await greeted(server)
    expect(await client.askAll(...lines)).toBe(reply)
    expect(server.connections[0]?.authenticatedAs !== undefined).toBe(reply.startsWith('235'))
  })
})
