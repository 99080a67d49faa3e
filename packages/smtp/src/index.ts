export type {
  AccessTokenFunction,
  Mechanism,
  PoolOptions,
  SmtpAuth,
  SmtpOptions,
  Timeouts,
} from './options.ts'
export type { TlsMode } from '@loudmail/core/transport'
export { smtp } from './smtp.ts'
export { smtpSchemes } from './schemes.ts'
