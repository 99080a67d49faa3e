import type { RunningServer } from './running-server.ts'

/** A mail server that the suite sends through, and what it offers as it is configured here. */
export interface RealServer {
  readonly name: 'Postfix' | 'Exim' | 'OpenSMTPD' | 'Dovecot'
  readonly lmtp: boolean
  /** SASL mechanisms, once the connection is encrypted. */
  readonly mechanisms: readonly ('PLAIN' | 'LOGIN' | 'CRAM-MD5' | 'SCRAM-SHA-256')[]
  /** Extensions that it may have or not. */
  readonly extensions: readonly ('PIPELINING' | 'CHUNKING' | 'SMTPUTF8' | 'DSN' | 'SIZE')[]
  start(): Promise<RunningServer>
}
