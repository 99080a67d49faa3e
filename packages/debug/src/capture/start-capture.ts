import type { FailureCode } from '@loudmail/core'
import { checkNumber, checkOptions, configError, thrownInWords } from '@loudmail/core/transport'
import {
  startServer,
  type Action,
  type ActionContext,
  type ConnectionRecord,
  type ServerScript,
} from '@loudmail/server'
import type { DebugTls } from '../rehearsal/rehearsal.ts'
import type { MailStore, StoredMail } from '../stores/mail-store.ts'
import { captureScript, MOST_OCTETS } from './capture-script.ts'
import { heardMail } from './heard-mail.ts'
import { HeardConversation, type Heard } from './heard-conversation.ts'

/** The options of {@link startCapture}. */
export interface StartCaptureOptions {
  /** @default 0, a free one */
  readonly port?: number | undefined
  /** The address it listens on. @default '127.0.0.1' */
  readonly host?: string | undefined
  /** How conversations are encrypted. The certificate is that of `ca`. @default 'none' */
  readonly tls?: DebugTls | undefined
  /** Refuse mail without a log-in: `any`, or this user with this password. @default a log-in is possible, with any password */
  readonly auth?: 'any' | { readonly user: string; readonly pass: string } | undefined
  /**
   * The failure to rehearse with every mail: one of `rehearsable` that happens after the connection. An address can ask
   * for one at RCPT or later without this option: `fail+rcpt-to.mailbox-full@example.test`.
   */
  readonly rehearse?: FailureCode | undefined
  /** Called for each mail that the store keeps, also for those that failed. */
  readonly onKept?: ((mail: StoredMail) => void) | undefined
  /** Called if the store cannot keep a mail. A message is then refused with 452. @default a warning of the process */
  readonly onNotKept?: ((error: unknown) => void) | undefined
}

/** An SMTP server that keeps what it hears. */
export interface RunningCapture extends AsyncDisposable {
  /** `smtp://127.0.0.1:1025`, or `smtps://` if TLS begins at once. */
  readonly url: string
  /** The port that it listens on. */
  readonly port: number
  /** The test authority that signed the certificate, as PEM. */
  readonly ca: string
  /** Ends all connections, and waits until the store has kept what was heard. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts an SMTP server for programs in any language. A store keeps what it hears as `debug()` keeps it: each message
 * with the conversation, and each failure with its reason. A message is kept before the client hears that it was
 * accepted. Passwords and tokens of clients are not kept.
 *
 * @throws MailError `config/invalid-config`; the system's error if it cannot listen
 */
export async function startCapture(
  store: MailStore,
  options: StartCaptureOptions = {},
): Promise<RunningCapture> {
  checkOptions(options, 'startCapture()', {
    port: true,
    host: true,
    tls: true,
    auth: true,
    rehearse: true,
    onKept: true,
    onNotKept: true,
  })
  if (typeof (store as MailStore | undefined)?.add !== 'function')
    throw configError('startCapture() needs a store, such as memoryStore()')
  checkNumber(options.port, 'startCapture() port', 0, true)
  const { rehearse, onKept, onNotKept = warn } = options
  const conversations = new Map<number, HeardConversation>()
  const keeping = new Set<Promise<unknown>>()

  const keep = async (heard: Heard): Promise<boolean> => {
    try {
      const mail = await store.add(await heardMail(heard, 'smtp server'))
      onKept?.(mail)
      return true
    } catch (error) {
      onNotKept(error)
      return false
    }
  }
  const keepInTime = (heard: Heard): Promise<boolean> => {
    const kept = keep(heard)
    keeping.add(kept)
    void kept.then(() => keeping.delete(kept))
    return kept
  }
  const conversationOn = (connection: ConnectionRecord): HeardConversation => {
    const known = conversations.get(connection.id)
    if (known) return known
    const begun = new HeardConversation(connection, (heard) => void keepInTime(heard), rehearse)
    conversations.set(connection.id, begun)
    return begun
  }

  const script = captureScript(options)
  /** Keeps a message before its reply: whoever reads the reply finds the message in the store. */
  const acceptContent = async (context: ActionContext): Promise<Action | undefined> => {
    const conversation = conversationOn(context.connection)
    const message = context.message!
    conversation.complete(message)
    const action = await scripted(script, context)
    if (action !== undefined) return action
    if (message.envelope.to.length === 0 || message.octets > MOST_OCTETS) return undefined
    const reply = `250 2.0.0 Ok: queued as ${message.id}`
    const kept = await keepInTime(conversation.accepted(reply))
    return kept ? reply : '452 4.3.1 The message could not be kept'
  }
  const server = await startServer({
    ...script,
    on: { ...script.on, DOT: acceptContent },
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    // The store keeps what is needed.
    maxMessages: 0,
    maxConnections: 0,
    maxEntries: 10,
  })
  server.on('entry', ({ connection, entry }) => conversationOn(connection).add(entry))
  server.on('close', (connection) => {
    conversationOn(connection).end()
    conversations.delete(connection.id)
  })
  const close = async (): Promise<void> => {
    await server.close()
    await Promise.all(keeping)
  }
  return { url: server.url, port: server.port, ca: server.ca, close, [Symbol.asyncDispose]: close }
}

/** What the script says about complete content. */
function scripted(
  { on }: ServerScript,
  context: ActionContext,
): Action | undefined | Promise<Action | undefined> {
  const action = on?.DOT
  return typeof action === 'function' ? action(context) : action
}

function warn(error: unknown): void {
  process.emitWarning(`a mail could not be kept in the store: ${thrownInWords(error)}`, 'LoudmailWarning')
}
