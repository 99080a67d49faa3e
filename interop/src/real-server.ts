import type { KeyPair } from '@loudmail/server'
import type { RunningServer } from './running-server.ts'

/** A mail server that the suite sends through, and what it offers with the configuration here. */
export interface RealServer {
  readonly name: 'Postfix' | 'Exim' | 'OpenSMTPD' | 'Dovecot'
  readonly lmtp: boolean
  /** SASL mechanisms, once the connection is encrypted. */
  readonly mechanisms: readonly ('PLAIN' | 'LOGIN' | 'CRAM-MD5' | 'SCRAM-SHA-256')[]
  /** The extensions that it offers, of those that not every server has. */
  readonly extensions: readonly ('PIPELINING' | 'CHUNKING' | 'SMTPUTF8' | 'DSN' | 'SIZE')[]
  start(options?: StartOptions): Promise<RunningServer>
}

/** Where a server listens, and what it shows. */
export interface StartOptions {
  /** For STARTTLS, for STARTTLS with CHUNKING, for TLS from the first byte. @default free ones */
  readonly ports?: readonly [starttls: number, chunking: number, implicit: number]
  /** @default that for localhost */
  readonly pair?: KeyPair
}
