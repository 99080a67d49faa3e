import { startServer, type ServerScript } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { atBody, connectTo, content, greeted } from './raw-client.ts'

test('a message is captured when it is accepted', async () => {
  await using server = await startServer()
  using client = await atBody(server)
  expect(await client.ask(`${content}..dot\r\n.`)).toBe('250 2.0.0 Ok: queued as 1')
  expect(server.messages).toMatchObject([
    {
      id: 1,
      connection: 1,
      envelope: { from: 'alice@sender.example', to: ['bob@rcpt.example'] },
      tls: false,
      eightBit: false,
      sentWith: 'DATA',
    },
  ])
  expect(server.messages[0]?.content.toString()).toBe(`${content}.dot\r\n`)
  expect(server.messages[0]?.octets).toBe(content.length + 6)
  expect(await client.ask('QUIT')).toBe('221 2.0.0 Bye')
  expect(await client.end()).toBe('fin')
})

test('EHLO offers the usual extensions', async () => {
  await using server = await startServer()
  using client = await connectTo(server)
  expect(await client.reply()).toBe('220 localhost ESMTP ready')
  expect(await client.ask('ehlo a.example')).toBe(
    '250-localhost\n250-PIPELINING\n250-SIZE 10485760\n250-ENHANCEDSTATUSCODES\n250-8BITMIME\n250 SMTPUTF8',
  )
})

describe('answers to commands', () => {
  const scripts = {
    default: {},
    dsn: { caps: ['DSN', 'SIZE 1000'] },
    binary: { caps: ['8BITMIME', 'BINARYMIME', 'CHUNKING'] },
    refusing: { on: { CONNECT: '554 5.7.1 Go away' } },
    authenticating: { caps: ['AUTH PLAIN'], requireAuth: true },
  } satisfies Record<string, ServerScript>
  type Name = keyof typeof scripts

  const mail = 'MAIL FROM:<a@b.example>'
  const rcpt = 'RCPT TO:<c@d.example>'
  const answers: [title: string, script: Name, lines: string[], reply: string][] = [
    ['HELO', 'default', ['HELO a'], '250 localhost'],
    ['EHLO without a name', 'default', ['EHLO'], '501 5.5.4 EHLO needs a name'],
    ['LHLO to an SMTP server', 'default', ['LHLO a'], '500 5.5.1 This is SMTP'],
    ['NOOP', 'default', ['NOOP'], '250 2.0.0 Ok'],
    ['NOOP with an argument', 'default', ['NOOP hello'], '250 2.0.0 Ok'],
    ['VRFY', 'default', ['VRFY bob'], '252 2.1.5 Send some mail'],
    ['RSET', 'default', ['RSET'], '250 2.0.0 Ok'],
    ['an unknown command', 'default', ['WHAT now'], '500 5.5.2 Command not recognized'],
    ['a name of Object.prototype', 'default', ['CONSTRUCTOR'], '500 5.5.2 Command not recognized'],
    ['STARTTLS that is not offered', 'default', ['EHLO a', 'STARTTLS'], '502 5.5.1 Command not implemented'],
    [
      'AUTH that is not offered',
      'default',
      ['EHLO a', 'AUTH PLAIN AGEAYg=='],
      '502 5.5.1 AUTH is not offered',
    ],
    ['BDAT that is not offered', 'default', ['EHLO a', 'BDAT 0 LAST'], '502 5.5.1 Command not implemented'],
    ['MAIL before EHLO', 'default', [mail], '503 5.5.1 Send EHLO first'],
    ['a second MAIL', 'default', ['EHLO a', mail, mail], '503 5.5.1 Sender already given'],
    ['MAIL after RSET', 'default', ['EHLO a', mail, 'RSET', mail], '250 2.1.0 Ok'],
    ['MAIL after another EHLO', 'default', ['EHLO a', mail, 'EHLO a', mail], '250 2.1.0 Ok'],
    ['MAIL from nobody', 'default', ['EHLO a', 'MAIL FROM:<>'], '250 2.1.0 Ok'],
    ['MAIL without FROM', 'default', ['EHLO a', 'MAIL <a@b>'], '501 5.5.4 Syntax: MAIL FROM:<address>'],
    ['MAIL where AUTH is required', 'authenticating', ['EHLO a', mail], '530 5.7.0 Authentication required'],
    ['MAIL with SIZE', 'default', ['EHLO a', `${mail} SIZE=100 BODY=8BITMIME SMTPUTF8`], '250 2.1.0 Ok'],
    ['MAIL with a bad SIZE', 'default', ['EHLO a', `${mail} SIZE=x`], '501 5.5.4 Bad SIZE value'],
    ['MAIL with a bad BODY', 'default', ['EHLO a', `${mail} BODY=x`], '501 5.5.4 Bad BODY value'],
    [
      'MAIL with a parameter after HELO',
      'default',
      ['HELO a', `${mail} SIZE=1`],
      '555 5.5.4 MAIL parameter not recognized or not implemented: SIZE',
    ],
    ['MAIL with DSN offered', 'dsn', ['EHLO a', `${mail} RET=HDRS ENVID=x`], '250 2.1.0 Ok'],
    [
      'MAIL with DSN not offered',
      'default',
      ['EHLO a', `${mail} RET=HDRS`],
      '555 5.5.4 MAIL parameter not recognized or not implemented: RET',
    ],
    [
      'BODY=BINARYMIME not offered',
      'default',
      ['EHLO a', `${mail} BODY=BINARYMIME`],
      '555 5.5.4 MAIL parameter not recognized or not implemented: BODY',
    ],
    [
      'DATA for BINARYMIME',
      'binary',
      ['EHLO a', `${mail} BODY=BINARYMIME`, rcpt, 'DATA'],
      '503 5.5.1 BINARYMIME needs BDAT',
    ],
    ['RCPT before MAIL', 'default', ['EHLO a', rcpt], '503 5.5.1 Send MAIL first'],
    ['RCPT without TO', 'default', ['EHLO a', mail, 'RCPT <c@d>'], '501 5.5.4 Syntax: RCPT TO:<address>'],
    ['RCPT to nobody', 'default', ['EHLO a', mail, 'RCPT TO:<>'], '501 5.1.3 A recipient cannot be empty'],
    ['RCPT with DSN offered', 'dsn', ['EHLO a', mail, `${rcpt} NOTIFY=NEVER`], '250 2.1.5 Ok'],
    [
      'RCPT with DSN not offered',
      'default',
      ['EHLO a', mail, `${rcpt} NOTIFY=NEVER`],
      '555 5.5.4 RCPT parameter not recognized or not implemented: NOTIFY',
    ],
    ['DATA before MAIL', 'default', ['EHLO a', 'DATA'], '503 5.5.1 Send MAIL first'],
    ['DATA before RCPT', 'default', ['EHLO a', mail, 'DATA'], '554 5.5.1 No valid recipients'],
    ['a command after a refusing greeting', 'refusing', ['EHLO a'], '503 5.5.1 No SMTP service here'],
    ['QUIT after a refusing greeting', 'refusing', ['QUIT'], '221 2.0.0 Bye'],
  ]
  test.each(answers)('%s', async (_title, name, lines, reply) => {
    await using server = await startServer(scripts[name])
    using client = await connectTo(server)
    await client.reply()
    expect(await client.askAll(...lines)).toBe(reply)
  })
})

test('the envelope has addresses and parameters, without routes, and with names in upper case', async () => {
  await using server = await startServer({ caps: ['DSN', 'SIZE', 'SMTPUTF8'] })
  using client = await greeted(server)
  await client.askAll(
    'mail from:<"a >b"@c.example> size=20 smtputf8',
    'rcpt to:<@relay.example:d@e.example> notify=NEVER',
    'RCPT TO: jürgen@e.example',
    'DATA',
  )
  await client.ask(`${content}.`)
  expect(server.messages[0]?.envelope).toEqual({
    from: '"a >b"@c.example',
    to: ['d@e.example', 'jürgen@e.example'],
    mailParameters: { SIZE: '20', SMTPUTF8: true },
    rcptParameters: [{ NOTIFY: 'NEVER' }, {}],
  })
})
