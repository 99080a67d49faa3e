import { MailError, type Transcript, type Transport } from '@loudmail/core'
import { checkOptions, configError, failAll, joinTranscripts, tellTrace } from '@loudmail/core/transport'
import { announceCapture } from './capture-notice.ts'
import { keep, keepUnbuilt, tellNotKept } from './keep.ts'
import type { Outcome } from './new-mail.ts'
import { scenesOf, type ScenesOptions } from './rehearsal/scenes.ts'
import {
  checkRehearsable,
  wantedByAddress,
  wantedFailure,
  type Rehearse,
} from './rehearsal/wanted-failure.ts'
import type { MailStore } from './stores/mail-store.ts'
import { memoryStore, type MemoryStore } from './stores/memory-store.ts'

/** The options of {@link debug}. */
export interface DebugOptions<Store extends MailStore = MailStore> extends ScenesOptions {
  /** Where messages are kept. @default memoryStore() */
  readonly store?: Store | undefined
  /**
   * The failure to rehearse: the same for every message, or what a function returns for each (`undefined` for none). It
   * happens on the wire. An address can ask for one without this option: `fail+rcpt-to.mailbox-full@example.test`.
   */
  readonly rehearse?: Rehearse | undefined
  /** Capture mail even if NODE_ENV is `production`, instead of throwing. @default false */
  readonly captureInProduction?: boolean | undefined
}

/** A transport that captures mail, with the store that keeps it. */
export interface DebugTransport<Store extends MailStore = MailStore> extends Transport {
  /** Where the mails are kept. */
  readonly store: Store
}

const NAME = 'debug()'

/**
 * Sends every message over a real SMTP connection to a server inside the process, or with the `provider` option through
 * the transport of that provider to a server that plays its API. The store keeps what went over the wire, with the
 * conversation. Nothing leaves the machine. If NODE_ENV is neither `development` nor `test`, a line on
 * standard error says so once, and another one where the inbox is.
 *
 * @throws MailError `config/invalid-config`; also if NODE_ENV is `production` and `captureInProduction` is not set
 */
export function debug<Store extends MailStore = MemoryStore>(
  options: DebugOptions<Store> = {},
): DebugTransport<Store> {
  checkOptions(options, NAME, {
    store: true,
    rehearse: true,
    tls: true,
    provider: true,
    captureInProduction: true,
  })
  const { store = memoryStore() as MailStore as Store, rehearse, captureInProduction = false } = options
  if (process.env.NODE_ENV === 'production' && captureInProduction !== true) {
    throw configError(
      'debug() keeps mail instead of sending it, but NODE_ENV is production: use a real transport, or set { captureInProduction: true }',
    )
  }
  if (typeof store.add !== 'function')
    throw configError('the store option of debug() must be a store, such as memoryStore()')
  const scenes = scenesOf(options)
  if (rehearse !== undefined && typeof rehearse !== 'function') checkRehearsable(rehearse, scenes.known)
  let closing: Promise<void> | undefined
  announceCapture(store)
  return {
    name: NAME,
    store,
    async send(message, context) {
      if (closing)
        throw failAll(message, 'not-attempted', { stage: 'queue', kind: 'pool-closed', transport: NAME })
      const scene = await scenes.of(wantedFailure(message, rehearse, scenes.known))
      const heard: Transcript[] = []
      const add = (transcript: Transcript): void => {
        heard.push(transcript)
        tellTrace(context, transcript)
      }
      /** With the content that the server received; its reply names the message. */
      const outcome = (facts: Omit<Outcome, 'transport'>, reply: string | undefined): Outcome => {
        const id = Number(/queued as (\d+)/.exec(reply ?? '')?.[1])
        return { ...facts, transport: NAME, content: scene.take(id) }
      }
      const delivery = await scene.client
        .send(message, { ...context, trace: { add } })
        .catch(async (error: unknown) => {
          if (!MailError.is(error)) throw error
          const failure = error.with({ transport: NAME })
          const accepted = failure.recipients.find(({ status }) => status === 'accepted')
          const { transcript } = failure
          const failed = outcome({ state: 'failed', transcript, error: failure }, accepted?.reply?.text)
          await keep(store, message, failed, context).catch((cause: unknown) =>
            tellNotKept(message, failed, NAME, cause, context),
          )
          throw failure
        })
      const transcript = joinTranscripts(heard)
      const captured = outcome({ state: 'captured', transcript }, delivery.response)
      await keep(store, message, captured, context).catch((cause: unknown) => {
        const init = { stage: 'submit', kind: 'storage', transport: NAME, transcript, cause } as const
        throw failAll(message, 'not-attempted', init)
      })
      return { ...delivery, transport: NAME, state: 'captured', transcript }
    },
    notBuilt: (written, error, context) => keepUnbuilt(store, written, error, NAME, context),
    verifiesEnvelope: true,
    announcesTransmission: true,
    async verify(context) {
      const byAddress = rehearse ? undefined : wantedByAddress(context?.envelope?.to ?? [], scenes.known)
      const { client } = await scenes.of(typeof rehearse === 'string' ? rehearse : byAddress)
      await client.verify?.(context)
    },
    close() {
      closing ??= scenes.close()
      return closing
    },
  }
}
