import type { Delivery, Message, MessageInput, Transport } from '@loudmail/core'
import {
  checkNumber,
  checkOptions,
  configError,
  failAll,
  healthOf,
  templateRenderer,
  toMessage,
} from '@loudmail/core/transport'
import { manageEntries, type EntryManagement } from './entry/manage-entries.ts'
import { QueueFigures } from './entry/queue-figures.ts'
import { keepMessage, type EnqueueOptions } from './keep-message.ts'
import type { EncryptionOptions } from './message/encryption/keys.ts'
import { sealWith } from './message/encryption/seal.ts'
import { narrowed } from './message/narrowed.ts'
import { unpackMessage } from './message/unpack-message.ts'
import { messageWithoutContent, unreadable } from './message/unreadable-message.ts'
import { closeStore } from './store/close-store.ts'
import type { Added, EntryRecord, OutboxStore } from './store/store.ts'
import type { WorkSource } from './worker/work-source.ts'
import { startWorker, type Worker, type WorkerOptions } from './worker/worker.ts'

/** The options of {@link outbox}. */
export interface OutboxOptions {
  /** Where messages are kept: `sqlite('mail.db')`, or `pgBoss(url)` from `@loudmail/outbox/pg-boss`. */
  readonly store: OutboxStore
  /** Also send, in this process: `true`, or the options of `worker()`. @default false */
  readonly work?: boolean | WorkerOptions | undefined
  /** Fields for messages that `enqueue()` is given without them, such as `from`. Those of a `Mailer` apply before. @default none */
  readonly defaults?: Partial<MessageInput> | undefined
  /** The longest time for the template of a message that `enqueue()` is given, in ms; `Infinity` for no limit. @default 120_000 */
  readonly deadlineMs?: number | undefined
  /** How long a message is tried before it is `dead`, in ms (RFC 5321 section 4.5.4.1). @default five days */
  readonly giveUpMs?: number | undefined
  /** Encrypts the content of messages with AES-256-GCM. Addresses, Message-IDs and failures stay in clear. @default not encrypted */
  readonly encryption?: EncryptionOptions | undefined
  /**
   * How long entries that are `sent` or `discarded` are listed, in ms; their content is removed at once. Workers remove them,
   * with `0` within seconds, and their idempotency keys are forgotten then. @default seven days
   */
  readonly keepSentMs?: number | undefined
  /** How long entries that are `dead` are kept, with their content, in ms. @default Infinity */
  readonly keepDeadMs?: number | undefined
}

/** A transport that keeps messages until a worker has sent them. A delivery is `queued` once the message is on disk. */
export interface Outbox extends Transport, WorkSource, EntryManagement {
  /**
   * Keeps a message, without a `Mailer`.
   *
   * @throws MailError at stage `compose` if it is not valid or its template fails or is not ready in time, `submit/storage` if it cannot be kept
   */
  enqueue(message: MessageInput, options?: EnqueueOptions): Promise<Added>
  /**
   * The message of an entry, to look at it. Undefined if there is none with this id, or if its content was removed because it
   * was sent or discarded.
   *
   * @throws MailError `submit/storage` if it cannot be read, such as without its key
   */
  read(id: string): Promise<Message | undefined>
}

const DAY_MS = 24 * 60 * 60 * 1_000

/**
 * Keeps messages on disk until a worker has sent them with `transport`. `send()` resolves once a message is kept. Nothing is
 * lost when a process dies, and nothing is sent twice: what may have been delivered when a worker died waits as `in-doubt`.
 *
 * @throws MailError `config/invalid-config`
 */
export function outbox(transport: Transport, options: OutboxOptions): Outbox {
  checkOptions(options, 'outbox()', {
    store: true,
    work: true,
    defaults: true,
    deadlineMs: true,
    giveUpMs: true,
    encryption: true,
    keepSentMs: true,
    keepDeadMs: true,
  })
  const {
    store,
    work = false,
    defaults = {},
    deadlineMs,
    giveUpMs = 5 * DAY_MS,
    encryption,
    keepSentMs = 7 * DAY_MS,
    keepDeadMs = Infinity,
  } = options
  if (typeof transport?.send !== 'function' || typeof transport.name !== 'string')
    throw configError('outbox() needs a transport, such as smtp(url), before its options')
  if (typeof store?.lease !== 'function')
    throw configError("outbox() needs a store, such as sqlite('mail.db')")
  checkNumber(deadlineMs, 'outbox() deadlineMs', 1)
  checkNumber(giveUpMs, 'outbox() giveUpMs', 1)
  checkNumber(keepSentMs, 'outbox() keepSentMs', 0)
  checkNumber(keepDeadMs, 'outbox() keepDeadMs', 0)
  // Whoever passes an empty variable must not get an outbox in clear.
  const seal = encryption === undefined ? undefined : sealWith(encryption)
  const name = `outbox(${transport.name}, ${store.name})`
  const figures = new QueueFigures(store)
  const render = templateRenderer(deadlineMs)
  let closing: Promise<void> | undefined
  let sender: Worker | undefined

  const keep = (message: Message, own: EnqueueOptions, signal?: AbortSignal): Promise<Added> =>
    keepMessage(message, own, { store, name, giveUpMs, seal, signal })

  function messageOf({ id, head }: EntryRecord): Message {
    return unpackMessage(id, head, (from, signal) => store.openBody(id, from, signal), seal)
  }

  const self: Outbox = {
    name,
    store,
    transport,
    ...manageEntries(store, giveUpMs),
    retention: { keepSentMs, keepDeadMs },
    async send(message, context): Promise<Delivery> {
      const { signal } = context ?? {}
      if (signal?.aborted)
        throw failAll(message, 'not-attempted', { stage: 'queue', kind: 'aborted', transport: name })
      const { messageId } = await keep(message, {}, signal)
      return { transport: name, state: 'queued', failures: [], messageId }
    },
    // Whoever has the same key is in the store already.
    honoursIdempotencyKey: true,
    async verify(context) {
      await store.open()
      await transport.verify?.(context)
    },
    verifiesEnvelope: transport.verifiesEnvelope === true,
    enqueue: async (input, own = {}) => {
      // Rendered first: a template that is a promise must not reject while nobody waits for it.
      const written = await render(input, defaults)
      checkOptions(own, 'enqueue()', { using: true, sendAt: true, priority: true, giveUpAt: true })
      return keep(toMessage(written, defaults), own)
    },
    async read(id) {
      const found = await store.get(id)
      return found && found.head.byteLength > 0 ? messageOf(found) : undefined
    },
    unpack(entry, { from, to, open, recipients }) {
      try {
        const whole = messageOf(entry)
        return { whole, message: narrowed(whole, open, recipients) }
      } catch (error) {
        const whole = messageWithoutContent(entry.messageId, { from, to, smtputf8: false })
        const message = whole.forRecipients(open)
        return { whole, message, unreadable: unreadable(error, message, name) }
      }
    },
    queue: () => figures.queue,
    health() {
      const { queue, failure } = figures
      const inner = healthOf(transport)
      // Without a way to send, messages are still kept.
      const state = failure ? 'down' : inner.state === 'up' ? 'up' : 'degraded'
      return { transport: name, state, queue, lastFailure: failure ?? inner.lastFailure, parts: [inner] }
    },
    close: () => (closing ??= close()),
  }

  async function close(): Promise<void> {
    try {
      await sender?.close()
      await transport.close?.()
    } finally {
      await closeStore(store)
    }
  }

  if (work !== false) sender = startWorker(self, work === true ? {} : work, false)
  return self
}
