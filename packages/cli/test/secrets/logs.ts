import { echoesOf, USER } from './forms-of-secret.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plainOf = (secret: string): string => base64(`\0${USER}\0${secret}`)
const refusals = (secret: string): string[] => {
  const echoes = echoesOf(secret)
  return echoes.map((echo, index) => `535${index < echoes.length - 1 ? '-' : ' '}5.7.8 you said ${echo}`)
}

/** Logs of programs in which the password stands, in the log-in and in what the server answers. */
export const LOGS: Readonly<Record<string, (secret: string) => string>> = {
  'a session in telnet': (secret) =>
    [
      'Trying 127.0.0.1...',
      'Connected to localhost.',
      '220 mail.example.com ESMTP',
      'EHLO x',
      '250-mail.example.com',
      '250 AUTH PLAIN LOGIN',
      `AUTH PLAIN ${plainOf(secret)}`,
      ...refusals(secret),
    ].join('\n'),
  'AUTH LOGIN in a session': (secret) =>
    [
      '220 mail.example.com ESMTP',
      'EHLO x',
      '250-mail.example.com',
      '250 AUTH PLAIN LOGIN',
      'AUTH LOGIN',
      '334 VXNlcm5hbWU6',
      base64(USER),
      '334 UGFzc3dvcmQ6',
      base64(secret),
      ...refusals(secret),
    ].join('\n'),
  smtplib: (secret) =>
    [
      "send: 'ehlo x\\r\\n'",
      "reply: b'250-mail.example.com\\r\\n'",
      "reply: b'250 AUTH PLAIN\\r\\n'",
      "reply: retcode (250); Msg: b'mail.example.com\\nAUTH PLAIN'",
      `send: 'AUTH PLAIN ${plainOf(secret)}\\r\\n'`,
      ...refusals(secret).map((line) => `reply: b'${line}\\r\\n'`),
      `smtplib.SMTPAuthenticationError: (535, b'5.7.8 you said ${base64(secret)}')`,
    ].join('\n'),
  swaks: (secret) =>
    [
      `$ swaks --server mail.example.com --auth-user ${USER} --auth-password '${secret}'`,
      '=== Trying mail.example.com:25...',
      '=== Connected to mail.example.com.',
      '<-  220 mail.example.com ESMTP',
      ' -> EHLO x',
      '<-  250-mail.example.com',
      '<-  250 AUTH PLAIN',
      ` -> AUTH PLAIN ${plainOf(secret)}`,
      ...refusals(secret).map((line) => `<** ${line}`),
    ].join('\n'),
  curl: (secret) =>
    [
      `$ curl -v smtp://mail.example.com --user '${USER}:${secret}'`,
      '*   Trying 127.0.0.1:25...',
      '* Connected to mail.example.com (127.0.0.1) port 25',
      '< 220 mail.example.com ESMTP',
      '> EHLO x',
      '< 250-mail.example.com',
      '< 250 AUTH PLAIN',
      '> AUTH PLAIN',
      '< 334',
      `> ${plainOf(secret)}`,
      ...refusals(secret).map((line) => `< ${line}`),
      '* Login denied',
    ].join('\n'),
  nodemailer: (secret) =>
    [
      '[2026-01-01 00:00:00] INFO  [abc] Connection established to 127.0.0.1:587',
      '[2026-01-01 00:00:00] DEBUG [abc] S: 220 mail.example.com ESMTP',
      '[2026-01-01 00:00:00] DEBUG [abc] C: EHLO x',
      '[2026-01-01 00:00:00] DEBUG [abc] S: 250-mail.example.com',
      '[2026-01-01 00:00:00] DEBUG [abc] S: 250 AUTH PLAIN',
      `[2026-01-01 00:00:00] DEBUG [abc] C: AUTH PLAIN ${plainOf(secret)}`,
      ...refusals(secret).map((line) => `[2026-01-01 00:00:00] DEBUG [abc] S: ${line}`),
    ].join('\n'),
  PHPMailer: (secret) =>
    [
      '2026-01-01 00:00:00 SERVER -> CLIENT: 220 mail.example.com ESMTP',
      '2026-01-01 00:00:00 CLIENT -> SERVER: EHLO x',
      '2026-01-01 00:00:00 SERVER -> CLIENT: 250-mail.example.com',
      '                                      250 AUTH PLAIN',
      `2026-01-01 00:00:00 CLIENT -> SERVER: AUTH PLAIN ${plainOf(secret)}`,
      ...refusals(secret).map((line) => `2026-01-01 00:00:00 SERVER -> CLIENT: ${line}`),
    ].join('\n'),
  'a program that writes JSON': (secret) =>
    JSON.stringify({
      entries: [
        { from: 'server', text: '220 mail.example.com ESMTP' },
        { from: 'client', text: 'EHLO x' },
        { from: 'server', text: '250-mail.example.com' },
        { from: 'server', text: '250 AUTH PLAIN' },
        { from: 'client', text: `AUTH PLAIN ${plainOf(secret)}` },
        ...refusals(secret).map((text) => ({ from: 'server', text })),
      ],
    }),
  'a program that shows its options': (secret) =>
    [
      `createTransport({ host: 'mail.example.com', auth: { user: '${USER}', pass: ${JSON.stringify(secret)} } })`,
      `MAIL_URL=smtp://${USER}:${encodeURIComponent(secret)}@mail.example.com`,
      `Error: Invalid login: 535 5.7.8 you said ${secret} or ${base64(secret)}`,
    ].join('\n'),
}
