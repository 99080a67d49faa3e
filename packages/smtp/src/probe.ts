import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate } from 'node:tls'
import type { Reply, Stage, Transcript } from '@loudmail/core'
import {
  Answer,
  diagnoseAbort,
  type Capabilities,
  type ReplyLines,
  type TlsMode,
} from '@loudmail/core/transport'
import { Account } from './opening/account.ts'
import { failedReply } from './opening/failed-reply.ts'
import { handshake } from './opening/handshake.ts'
import { openingError } from './opening/opening-error.ts'
import { Opening, type OpeningWatch } from './opening/opening.ts'
import { settingsOf, type SmtpOptions } from './options.ts'
import { optionsFromUrl } from './options-from-url.ts'
import { transportName } from './transport-name.ts'

export { optionsFromUrl }

/** Where `smtp()` connects to, with every default filled in. */
export interface ProbeDestination {
  /** The name or IP address of the server, in ASCII. */
  readonly host: string
  /** The port of the server. */
  readonly port: number
  /** What is spoken there. */
  readonly protocol: 'smtp' | 'lmtp'
  /** How the connection is encrypted. */
  readonly tls: TlsMode
}

/**
 * Checks options as `smtp()` does, and fills in the defaults.
 *
 * @throws MailError `config/invalid-config` or `config/missing-credentials`
 */
export function destinationOf(options: SmtpOptions): ProbeDestination {
  const { host, port, protocol, tls } = settingsOf(options)
  return { host, port, protocol, tls }
}

/** A certificate that the server showed. */
export interface ProbeCertificate {
  /** The names that it is for: host names and IP addresses. */
  readonly names: readonly string[]
  /** Who it is for, as one line such as `CN=mail.example.com, O=Example`. */
  readonly subject: string
  /** Who signed it, as one line. */
  readonly issuer: string
  /** Nobody but its owner signed it. */
  readonly isSelfSigned: boolean
  /** When it begins to be valid. */
  readonly validFrom: Date
  /** When it expires. */
  readonly validTo: Date
  /** The size of the key, in bits; undefined if it is not known. */
  readonly keyBits: number | undefined
  /** SHA-256, as pairs of hex digits with colons. */
  readonly fingerprint: string
  /** The certificate in PEM. */
  readonly pem: string
}

/** A TCP connection stands. */
export interface ProbeConnected {
  /** Which event it is. */
  readonly type: 'connected'
  /** The address of the server, or of the proxy. */
  readonly address: string
  /** Whether the connection goes through a proxy. */
  readonly throughProxy: boolean
  /** How long it took, with the look-up, in ms. */
  readonly durationMs: number
}

/** TLS stands. This is told before a failure, too, if the server's certificate is not accepted. */
export interface ProbeEncrypted {
  /** Which event it is. */
  readonly type: 'encrypted'
  /** Such as `TLSv1.3`. */
  readonly protocol: string
  /** The standard name of the cipher. */
  readonly cipher: string
  /** The certificate is trusted and is for this host. */
  readonly verified: boolean
  /** That of the server first, then those that signed it, as far as they are known. */
  readonly certificates: readonly ProbeCertificate[]
  /** How long the handshake took, in ms. */
  readonly durationMs: number
}

/** The server answered. */
export interface ProbeAnswered {
  /** Which event it is. */
  readonly type: 'answered'
  /** The stage of the command. */
  readonly stage: Stage
  /** The reply. Its command is as in a transcript: without secrets; `connection` for the greeting. */
  readonly reply: Reply
  /** How long the reply took, in ms. */
  readonly durationMs: number
}

/** What happens while a connection is opened, as it happens. */
export type ProbeEvent = ProbeConnected | ProbeEncrypted | ProbeAnswered

/** The options of {@link probe} beside those of `smtp()`. */
export interface ProbeOptions {
  /** Called for everything that happens. */
  readonly onEvent?: ((event: ProbeEvent) => void) | undefined
  /** Ends the probe. */
  readonly signal?: AbortSignal | undefined
}

/** A command for the envelope of a message. */
export interface ProbeCommand {
  /** The stage that it belongs to; RSET and QUIT belong to that of the command before. */
  readonly stage: 'mail-from' | 'rcpt-to' | 'data'
  /** The whole command, without a line end. */
  readonly command: string
}

/** A connection that is ready for MAIL. */
export interface Probe {
  /** What the server offered last. */
  readonly capabilities: Capabilities
  /** Whether the connection is encrypted. */
  readonly encrypted: boolean
  /**
   * Asks one command and gives the reply to it.
   *
   * @throws MailError if the server refuses (4xx or 5xx), or does not answer
   */
  ask(stage: ProbeCommand['stage'], command: string): Promise<Reply>
  /**
   * Asks several commands in one write (RFC 2920) and gives all replies, also those that refuse.
   *
   * @throws MailError if an answer does not come
   */
  askTogether(commands: readonly ProbeCommand[]): Promise<Reply[]>
  /** The conversation so far, without secrets. */
  transcript(): Transcript
  /** Says QUIT. The connection closes soon after that, and does not keep the process alive. */
  close: () => void
}

/**
 * Opens one connection as `smtp()` does, and tells what happens on the way: look-up, TCP, TLS, greeting, EHLO, log-in. It is
 * for tools that find out why sending fails. It sends no mail by itself.
 *
 * @throws MailError as `verify()` of `smtp()` does with the same options
 */
export async function probe(options: SmtpOptions, { onEvent, signal }: ProbeOptions = {}): Promise<Probe> {
  const settings = settingsOf(options)
  const account = new Account(settings)
  const transport = transportName(settings)
  const opening = new Opening(onEvent && watchFor(onEvent, settings.proxy !== undefined))
  const onAbort = (): void => opening.end(diagnoseAbort(signal))
  const release = (): void => signal?.removeEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort)
  const { link, conversation, capabilities, situation } = await handshake(settings, account, opening).catch(
    (error: unknown) => {
      release()
      throw openingError(error, opening, transport)
    },
  )
  const { protocol } = settings
  const { recorder } = link
  const answersTo = (commands: readonly ProbeCommand[]): Promise<ReplyLines[]> =>
    conversation.askTogether(commands).catch((error: unknown) => {
      throw openingError(error, opening, transport)
    })
  return {
    capabilities,
    get encrypted() {
      return situation.encrypted
    },
    async ask(stage, command) {
      const [lines] = await answersTo([{ stage, command }])
      if (lines!.code >= 400)
        throw openingError(failedReply(stage, lines!, protocol, command, recorder.redact), opening, transport)
      return new Answer(lines!, protocol, command, recorder.redact).reply
    },
    async askTogether(commands) {
      const all = await answersTo(commands)
      return all.map(
        (lines, index) => new Answer(lines, protocol, commands[index]!.command, recorder.redact).reply,
      )
    },
    transcript: () => recorder.transcript(),
    close: () => {
      release()
      link.quit()
    },
  }
}

function watchFor(tell: (event: ProbeEvent) => void, throughProxy: boolean): OpeningWatch {
  return {
    connected: ({ remoteAddress: address = '' }, durationMs) =>
      tell({ type: 'connected', address, throughProxy, durationMs }),
    encrypted: ({ protocol, cipher, verified, certificate }, durationMs) =>
      tell({
        type: 'encrypted',
        protocol,
        cipher,
        verified,
        certificates: chainOf(certificate).map(readCertificate),
        durationMs,
      }),
    answered: (stage, reply, durationMs) => tell({ type: 'answered', stage, reply, durationMs }),
  }
}

/** A root is its own issuer. */
function chainOf(first: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = []
  let next: DetailedPeerCertificate | undefined = first
  while (next?.raw && !chain.includes(next) && chain.length < LONGEST_CHAIN) {
    chain.push(next)
    next = next.issuerCertificate
  }
  return chain
}

const LONGEST_CHAIN = 10

function readCertificate({ raw, bits }: DetailedPeerCertificate): ProbeCertificate {
  const certificate = new X509Certificate(raw)
  const oneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ')
  return {
    names: namesOf(certificate),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    isSelfSigned: certificate.checkIssued(certificate),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    keyBits: bits,
    fingerprint: certificate.fingerprint256,
    pem: certificate.toString(),
  }
}

/** Without alternative names, old certificates have their host in the common name. */
function namesOf({ subjectAltName, subject }: X509Certificate): string[] {
  const names = [...(subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)].map(
    ([, name]) => name!,
  )
  const common = /^CN=(.+)$/m.exec(subject ?? '')?.[1]
  return names.length > 0 || common === undefined ? names : [common]
}
