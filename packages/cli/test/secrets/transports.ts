import { USER } from './forms-of-secret.ts'

/** What an application may export, as the text of a module, for the port of the server and the password or token. */
export const TRANSPORTS: readonly (readonly [
  title: string,
  textOf: (port: number, secret: string) => string,
])[] = [
  [
    'options of smtp()',
    (port, pass) =>
      `export default ${JSON.stringify({ host: '127.0.0.1', port, auth: { user: USER, pass } })}`,
  ],
  [
    'an access token of smtp()',
    (port, accessToken) =>
      `export default ${JSON.stringify({ host: '127.0.0.1', port, auth: { user: USER, accessToken } })}`,
  ],
  [
    'a transport',
    (port, pass) =>
      `import { smtp } from '@loudmail/smtp'
       export default smtp(${JSON.stringify({ host: '127.0.0.1', port, auth: { user: USER, pass } })})`,
  ],
  [
    'an access token of a function',
    (port, token) =>
      `import { smtp } from '@loudmail/smtp'
       const accessToken = async () => ${JSON.stringify(token)}
       export default smtp({ host: '127.0.0.1', port: ${port}, auth: { user: '${USER}', accessToken } })`,
  ],
  [
    'a mailer',
    (port, pass) =>
      `import { Mailer } from '@loudmail/core'
       import { smtp } from '@loudmail/smtp'
       const transport = smtp(${JSON.stringify({ host: '127.0.0.1', port, auth: { user: USER, pass } })})
       export default new Mailer({ transport })`,
  ],
  [
    'a transporter of nodemailer',
    (port, pass) =>
      `import { createTransport } from 'nodemailer'
       export default createTransport(${JSON.stringify({ host: '127.0.0.1', port, auth: { user: USER, pass } })})`,
  ],
  [
    'a transporter of nodemailer that logs',
    (port, pass) =>
      `import { createTransport } from 'nodemailer'
       const auth = ${JSON.stringify({ user: USER, pass })}
       export default createTransport({ host: '127.0.0.1', port: ${port}, auth, logger: true, debug: true })`,
  ],
  [
    'an access token of nodemailer',
    (port, accessToken) =>
      `import { createTransport } from 'nodemailer'
       const auth = ${JSON.stringify({ type: 'OAuth2', user: USER, accessToken })}
       export default createTransport({ host: '127.0.0.1', port: ${port}, auth })`,
  ],
  [
    'a URL',
    (port, pass) =>
      `export default ${JSON.stringify(`smtp://${USER}:${encodeURIComponent(pass)}@127.0.0.1:${port}`)}`,
  ],
]
