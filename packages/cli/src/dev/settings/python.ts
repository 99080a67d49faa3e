import type { Framework } from './frameworks.ts'
import type { Settings } from './settings.ts'

/** Settings for programs in Python. */
export const PYTHON: Readonly<Record<Extract<Framework, 'python' | 'django'>, Settings>> = {
  python: {
    title: 'Python, with smtplib',
    text: ({ host, port, tls, user }) => `
with smtplib.${tls === 'implicit' ? 'SMTP_SSL' : 'SMTP'}("${host}", ${port}) as server:
${tls === 'starttls' ? '    server.starttls()' : ''}
${user === undefined ? '' : `    server.login("${user}", os.environ["MAIL_PASSWORD"])`}
    server.send_message(message)`,
  },
  django: {
    title: 'Django: settings.py',
    text: ({ host, port, tls, user }) => `
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "${host}"
EMAIL_PORT = ${port}
EMAIL_USE_TLS = ${tls === 'starttls' ? 'True' : 'False'}
EMAIL_USE_SSL = ${tls === 'implicit' ? 'True' : 'False'}
EMAIL_HOST_USER = "${user ?? ''}"
EMAIL_HOST_PASSWORD = ${user === undefined ? '""' : 'os.environ["MAIL_PASSWORD"]'}`,
  },
}
