import type { FailureCode } from '@loudmail/core'
import type { ServerScript } from '@loudmail/server'
import type { Zone } from './names.ts'

/** What listens on a port of 127.0.0.1. */
export type Listener = ServerScript | 'silent' | 'http' | 'imap' | 'first command only'

/** The ports of a real server, for which the doctor's tests have root. */
export type RealName = 'Postfix' | 'Exim' | 'OpenSMTPD'

/** What is wrong, and what the doctor must find. */
export interface SetUp {
  /** As in the table in the docs. */
  readonly title: string
  /** Scripted servers by their port, or a real one on the usual ports (587 and 465). `IPv6` is port 587 at 2001:db8::25. */
  readonly servers: Readonly<Record<string, Listener>> | RealName
  /** The certificate of a real server. @default 'good' */
  readonly certificate?: string
  /** More names. @default those of mail.example.test, relay.example.test and mail.inbox.test */
  readonly zone?: Zone
  /** The name server does not answer. */
  readonly isNamesSilent?: boolean
  /** The arguments of the doctor. `SECRET` is the password, percent-encoded; `RAW` is the password as it is. */
  readonly asks: readonly string[]
  /** Environment variables, with `SECRET` and `RAW` in them. */
  readonly env?: Readonly<Record<string, string>>
  /** Files in the folder of the application. */
  readonly files?: Readonly<Record<string, string>>
  /** What is found: a failure, or nothing that keeps a send from working. */
  readonly finds: FailureCode | 'works'
  /** A step that is not `pass`, by a part of its name or detail. */
  readonly warns?: RegExp
  /** What can be done on this side: a change that was tried, one that was not, or nothing but to ask somebody. */
  readonly fix: 'tried' | 'proposed' | 'somebody else' | 'none needed'
  /** What a fix says. */
  readonly says?: RegExp
  /** The password. @default a random one */
  readonly password?: string
  /** Where the mail goes. @default 'bob@inbox.test' */
  readonly to?: string
  readonly from?: string
  /** The URL that stands for the options of the application, if they are not a URL. */
  readonly stands?: string
  /** The sender after the fix, if that is what it changes. */
  readonly fixedFrom?: string
}
