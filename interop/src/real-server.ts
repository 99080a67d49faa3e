import type { RunningServer } from './running-server.ts'

/** A mail server that the suite sends through, and what it offers with the configuration here. */
export interface RealServer {
  readonly name: 'Postfix' | 'Exim' | 'OpenSMTPD' | 'Dovecot'
  readonly lmtp: boolean
  /** SASL mechanisms, once the connection is encrypted. */
  readonly mechanisms: readonly ('PLAIN' | 'LOGIN' | 'CRAM-MD5' | 'SCRAM-SHA-256')[]
  /** The extensions that it offers, of those that not every server has. */
  readonly extensions: readonly ('PIPELINING' | 'CHUNKING' | 'SMTPUTF8' | 'DSN' | 'SIZE')[]
  start(): Promise<RunningServer>
}
