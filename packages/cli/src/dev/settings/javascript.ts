import type { Framework } from './frameworks.ts'
import type { Reach, Settings } from './settings.ts'

/** Settings for programs in JavaScript and TypeScript. */
export const JAVASCRIPT: Readonly<Record<Extract<Framework, 'node' | 'express' | 'nest'>, Settings>> = {
  node: {
    title: 'Node, with nodemailer',
    text: ({ host, port, tls, user }) => `
const transport = nodemailer.createTransport({
  host: '${host}',
  port: ${port},
  secure: ${tls === 'implicit'},${tls === 'starttls' ? '\n  requireTLS: true,' : ''}${
    tls === 'none' ? '' : '\n  tls: { rejectUnauthorized: false }, // only here: the certificate is for tests'
  }${user === undefined ? '' : `\n  auth: { user: '${user}', pass: process.env.MAIL_PASSWORD },`}
})`,
  },
  express: {
    title: 'Express, with @loudmail/express and @loudmail/smtp',
    text: (reach) => `
const mailer = new Mailer({ transport: ${smtpOf(reach)} })
app.use(mail(mailer))`,
  },
  nest: {
    title: 'Nest, with @loudmail/nestjs and @loudmail/smtp: the imports of a module',
    text: (reach) => `
imports: [MailerModule.forRoot({ transport: ${smtpOf(reach)} })],`,
  },
}

function smtpOf({ host, port, tls, user }: Reach): string {
  const options = [
    `host: '${host}'`,
    `port: ${port}`,
    `tls: '${tls}'`,
    ...(tls === 'none' ? [] : ['tlsOptions: { rejectUnauthorized: false }']),
    ...(user === undefined ? [] : [`auth: { user: '${user}', pass: process.env.MAIL_PASSWORD }`]),
    ...(user !== undefined && tls === 'none' ? ['allowInsecureAuth: true'] : []),
  ]
  return `smtp({ ${options.join(', ')} })`
}
