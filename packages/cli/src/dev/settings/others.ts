import type { Framework } from './frameworks.ts'
import type { Reach, Settings } from './settings.ts'

type Other = Exclude<Framework, 'node' | 'express' | 'nest' | 'python' | 'django'>

/** Settings for programs in Ruby, PHP, Java and Go. */
export const OTHERS: Readonly<Record<Other, Settings>> = {
  rails: {
    title: 'Rails: config/environments/development.rb',
    text: ({ host, port, tls, user }) => `
config.action_mailer.delivery_method = :smtp
config.action_mailer.perform_deliveries = true
config.action_mailer.raise_delivery_errors = true
config.action_mailer.smtp_settings = {
  address: "${host}",
  port: ${port},
${tls === 'none' ? '  enable_starttls_auto: false,' : '  openssl_verify_mode: "none", # only here: the certificate is for tests'}
${tls === 'starttls' ? '  enable_starttls: true,' : ''}
${tls === 'implicit' ? '  tls: true,' : ''}
${user === undefined ? '' : `  user_name: "${user}",\n  password: ENV["MAIL_PASSWORD"],\n  authentication: :plain,`}
}`,
  },
  laravel: {
    title: 'Laravel: .env',
    text: ({ host, port, tls, user }) => `
MAIL_MAILER=smtp
MAIL_SCHEME=${tls === 'implicit' ? 'smtps' : 'smtp'}
MAIL_HOST=${host}
MAIL_PORT=${port}
MAIL_USERNAME=${user ?? 'null'}
MAIL_PASSWORD=${user === undefined ? 'null' : '"${MAIL_PASSWORD}"'}
# Laravel 10 and older, instead of MAIL_SCHEME:
MAIL_ENCRYPTION=${{ none: 'null', starttls: 'tls', implicit: 'ssl' }[tls]}`,
  },
  symfony: {
    title: 'Symfony: .env',
    text: ({ host, port, tls, user }) =>
      `MAILER_DSN=${tls === 'implicit' ? 'smtps' : 'smtp'}://${
        user === undefined ? '' : `${encodeURIComponent(user)}:\${MAIL_PASSWORD}@`
      }${inUrl(host)}:${port}${tls === 'none' ? '' : '?verify_peer=0'}`,
  },
  php: {
    title: 'PHP, with PHPMailer',
    text: ({ host, port, tls, user }) => `
$mail->isSMTP();
$mail->Host = '${host}';
$mail->Port = ${port};
$mail->SMTPAutoTLS = false;
$mail->SMTPSecure = ${{ none: "''", starttls: 'PHPMailer::ENCRYPTION_STARTTLS', implicit: 'PHPMailer::ENCRYPTION_SMTPS' }[tls]};
$mail->SMTPAuth = ${user !== undefined};
${user === undefined ? '' : `$mail->Username = '${user}';\n$mail->Password = getenv('MAIL_PASSWORD');`}`,
  },
  spring: {
    title: 'Spring Boot: application.properties',
    text: ({ host, port, tls, user }) => `
spring.mail.host=${host}
spring.mail.port=${port}
spring.mail.properties.mail.smtp.auth=${user !== undefined}
spring.mail.properties.mail.smtp.starttls.enable=${tls === 'starttls'}
${tls === 'implicit' ? 'spring.mail.properties.mail.smtp.ssl.enable=true' : ''}
${tls === 'none' ? '' : 'spring.mail.properties.mail.smtp.ssl.trust=*'}
${user === undefined ? '' : `spring.mail.username=${user}\nspring.mail.password=\${MAIL_PASSWORD}`}`,
  },
  go: { title: 'Go, with net/smtp', text: goText },
}

function goText({ host, port, tls, user }: Reach): string {
  const address = `"${inUrl(host)}:${port}"`
  const auth =
    user === undefined ? 'nil' : `smtp.PlainAuth("", "${user}", os.Getenv("MAIL_PASSWORD"), "${host}")`
  if (tls === 'implicit')
    return `
// net/smtp begins without TLS: start loudmail dev without --tls implicit for it.
err := smtp.SendMail(${address}, ${auth}, from, to, message)`
  return `
${tls === 'starttls' ? '// net/smtp checks the certificate: let the system trust the file that --ca writes.' : ''}
err := smtp.SendMail(${address}, ${auth}, from, to, message)`
}

function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
