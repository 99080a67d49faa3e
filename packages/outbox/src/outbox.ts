import { MailError, type Delivery, type Message, type MessageInput, type Transport } from '@loudmail/core'
import { checkNumber, checkOptions, configError, failAll, toMessage } from '@loudmail/core/transport'
import { entryId } from './entry-id.ts'
import { entryOf, type EntryState, type OutboxEntry } from './entry/entry.ts'
import { EntryStateError } from './entry/entry-state-error.ts'
import { reopened, resolved } from './entry/decided.ts'
import { writeProgress, type Progress } from './entry/progress.ts'
import type { EncryptionOptions } from './message/encryption/keys.ts'
import { sealWith } from './message/encryption/seal.ts'
import { narrowed } from './message/narrowed.ts'
import { packMessage, type PackedMessage } from './message/pack-message.ts'
import { readTiming, type EntryTiming } from './message/timing.ts'
import { unpackMessage } from './message/unpack-message.ts'
import { messageWithoutContent, unreadable } from './message/unreadable-message.ts'
import type { EntryChange, EntryRecord, KeptState, OutboxStore, StateCounts } from './store/store.ts'
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

/** When a message is sent, and in whose transaction it is kept. */
export interface EnqueueOptions extends EntryTiming {
  /** A transaction of the caller: the message is sent if and only if it is committed. What it may be, the store says. */
  readonly using?: unknown
}

/** A message that is in the outbox. */
export interface Enqueued {
  /** That of its entry. */
  readonly id: string
  /** With its angle brackets. */
  readonly messageId?: string | undefined
  /** False if a message with the same `idempotencyKey` was there already. This one is not sent then. */
  readonly isNew: boolean
}

/** Which entries to list. */
export interface ListOptions {
  /** Only those in this state. @default all */
  readonly state?: EntryState | undefined
  /** The newest first. @default the oldest first */
  readonly newestFirst?: boolean | undefined
  /** Only those that follow the entry with this id, in the order of the list: for another page of it. @default from its start */
  readonly after?: string | undefined
}

/** How many entries there are in each state. */
export type OutboxCounts = Readonly<Record<EntryState, number>> & {
  /** How long the oldest entry that is due has been waiting, in ms; 0 if none is. */
  readonly oldestWaitingMs: number
}

/** A transport that keeps messages until a worker has sent them. A delivery is `queued` once the message is on disk. */
export interface Outbox extends Transport, WorkSource {
  /**
   * Keeps a message, without a `Mailer`.
   *
   * @throws MailError at stage `compose` if it is not valid, `submit/storage` if it cannot be kept
   */
  enqueue(message: MessageInput, options?: EnqueueOptions): Promise<Enqueued>
  /** Entries, read as the caller asks for them. */
  list(options?: ListOptions): AsyncIterable<OutboxEntry>
  /** One entry; undefined if there is none with this id. */
  get(id: string): Promise<OutboxEntry | undefined>
  /**
   * The message of an entry, to look at it. Undefined if there is none with this id, or if its content was removed because it
   * was sent or discarded.
   *
   * @throws MailError `submit/storage` if it cannot be read, such as without its key
   */
  read(id: string): Promise<Message | undefined>
  /** How many entries there are. */
  counts(): Promise<OutboxCounts>
  /**
   * Sends an entry now that is `dead`, `scheduled` or `waiting`: to those who did not get it.
   *
   * @throws EntryStateError if it is in another state
   */
  retry(id: string): Promise<void>
  /**
   * Gives up an entry that is `dead`, `in-doubt`, `scheduled` or `waiting`.
   *
   * @throws EntryStateError if it is in another state
   */
  discard(id: string): Promise<void>
  /**
   * Settles an entry that is `in-doubt`, once a person knows: it was `delivered`, or it was not and is sent again to those in
   * doubt.
   *
   * @throws EntryStateError if it is in another state
   */
  resolve(id: string, outcome: 'delivered' | 'not-delivered'): Promise<void>
  /** Removes entries in these states that changed last before this time. Resolves to how many. */
  purge(options: {
    /** @default sent and discarded */
    readonly states?: readonly ('sent' | 'discarded' | 'dead')[]
    /** Their last change was before this time. */
    readonly before: Date
  }): Promise<number>
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
    giveUpMs: true,
    encryption: true,
    keepSentMs: true,
    keepDeadMs: true,
  })
  const {
    store,
    work = false,
    defaults = {},
    giveUpMs = 5 * DAY_MS,
    encryption,
    keepSentMs = 7 * DAY_MS,
    keepDeadMs = Infinity,
  } = options
  if (typeof store?.lease !== 'function')
    throw configError("outbox() needs a store, such as sqlite('mail.db')")
  checkNumber(giveUpMs, 'outbox() giveUpMs', 1)
  checkNumber(keepSentMs, 'outbox() keepSentMs', 0)
  checkNumber(keepDeadMs, 'outbox() keepDeadMs', 0)
  const seal = encryption && sealWith(encryption)
  const name = `outbox(${transport.name}, ${store.name})`
  let closing: Promise<void> | undefined
  let sender: Worker | undefined

  async function add(
    message: Message,
    { using, ...given }: EnqueueOptions,
    signal?: AbortSignal,
  ): Promise<Enqueued> {
    const { sendAt, priority = 0, giveUpAt } = readTiming(message.transportData, given)
    const now = Date.now()
    const dueAt = sendAt?.getTime() ?? now
    const { from, to } = message.envelope
    const { subject } = message as { subject?: string | undefined }
    const progress: Progress = {
      from,
      to,
      subject: seal ? undefined : subject,
      giveUpAt: giveUpAt?.getTime() ?? dueAt + giveUpMs,
      open: to,
      recipients: [],
      failures: [],
    }
    const { idempotencyKey, messageId } = message
    const id = entryId()
    const entry = {
      id,
      messageId,
      idempotencyKey,
      priority,
      dueAt,
      createdAt: now,
      progress: writeProgress(progress),
    }
    let packed: PackedMessage | undefined
    try {
      packed = await packMessage(message, id, { seal, signal })
      const { head, body } = packed
      return await store.add({ ...entry, head, body }, using)
    } catch (error) {
      if (!MailError.is(error)) throw error
      const status = error.delivered === 'unknown' ? 'unknown' : 'not-attempted'
      const { permanence, hint } = error
      throw error.with({
        transport: name,
        messageId,
        replayable: message.replayable,
        recipients: to.map((address) => ({ address, status })),
        permanence,
        hint,
      })
    } finally {
      await packed?.close()
    }
  }

  function messageOf({ id, head }: EntryRecord): Message {
    return unpackMessage(id, head, (from, signal) => store.openBody(id, from, signal), seal)
  }

  async function record(id: string): Promise<EntryRecord> {
    const found = await store.get(id)
    if (!found) throw new EntryStateError(id, undefined)
    return found
  }

  /** Changes an entry as it is now. If somebody else changes it meanwhile, it is read again. */
  async function change(
    id: string,
    from: readonly KeptState[],
    next: (record: EntryRecord) => EntryChange,
  ): Promise<void> {
    for (;;) {
      const found = await record(id)
      if (!from.includes(found.state)) throw new EntryStateError(id, entryOf(found).state)
      if (await store.change(id, [found.state], next(found))) return
    }
  }

  const self: Outbox = {
    name,
    store,
    transport,
    retention: { keepSentMs, keepDeadMs },
    async send(message, context): Promise<Delivery> {
      const { signal } = context ?? {}
      if (signal?.aborted)
        throw failAll(message, 'not-attempted', { stage: 'queue', kind: 'aborted', transport: name })
      const { messageId } = await add(message, {}, signal)
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
      checkOptions(own, 'enqueue()', { using: true, sendAt: true, priority: true, giveUpAt: true })
      return add(toMessage(input, defaults), own)
    },
    async *list({ state, newestFirst, after } = {}) {
      const now = Date.now()
      const kept = state === 'scheduled' ? 'waiting' : state
      const due = state === 'scheduled' ? { dueAfter: now } : state === 'waiting' ? { dueUntil: now } : {}
      for await (const each of store.list({ state: kept, newestFirst, after, ...due }))
        yield entryOf(each, now)
    },
    async get(id) {
      const found = await store.get(id)
      return found && entryOf(found)
    },
    async read(id) {
      const found = await store.get(id)
      return found && found.head.byteLength > 0 ? messageOf(found) : undefined
    },
    unpack(entry, { from, open, recipients }) {
      try {
        return { message: narrowed(messageOf(entry), open, recipients) }
      } catch (error) {
        const message = messageWithoutContent(entry.messageId, { from, to: open, smtputf8: false })
        return { message, unreadable: unreadable(error, message, name) }
      }
    },
    counts: async () => countsOf(await store.counts()),
    retry: (id) =>
      change(id, ['waiting', 'dead'], ({ state, progress }) => ({
        state: 'waiting',
        dueAt: Date.now(),
        ...(state === 'dead' && reopened(progress, ['rejected', 'not-attempted'], giveUpMs)),
      })),
    discard: (id) =>
      change(id, ['waiting', 'dead', 'in-doubt'], () => ({ state: 'discarded', dropsMessage: true })),
    resolve: (id, outcome) =>
      change(id, ['in-doubt'], ({ progress }) =>
        outcome === 'delivered'
          ? resolved(progress)
          : { state: 'waiting', dueAt: Date.now(), ...reopened(progress, ['unknown'], giveUpMs) },
      ),
    purge: ({ states = ['sent', 'discarded'], before }) => store.purge(states, before.getTime()),
    health() {
      const inner = transport.health?.() ?? { transport: transport.name, state: 'up' as const }
      return { transport: name, state: inner.state === 'up' ? 'up' : 'degraded', parts: [inner] }
    },
    close: () => (closing ??= close()),
  }

  async function close(): Promise<void> {
    await sender?.close()
    await transport.close?.()
    await store.close()
  }

  if (work !== false) sender = startWorker(self, work === true ? {} : work, false)
  return self
}

function countsOf(counts: StateCounts): OutboxCounts {
  const { scheduled, waiting, oldestDueAt, ...others } = counts
  return {
    ...others,
    scheduled,
    waiting: waiting - scheduled,
    oldestWaitingMs: oldestDueAt === undefined ? 0 : Math.max(0, Date.now() - oldestDueAt),
  }
}
