export type { Mechanism, PoolOptions, SmtpAuth, SmtpOptions, Timeouts, TlsMode } from './options.ts'
export { smtp } from './smtp.ts'
export { smtpSchemes } from './url.ts'
