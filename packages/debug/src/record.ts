import { MailError, type Transcript, type Transport } from '@loudmail/core'
import {
  checkOptions,
  configError,
  joinTranscripts,
  sendThrough,
  tellTrace,
  wrap,
} from '@loudmail/core/transport'
import { keep, keepUnbuilt, tellNotKept } from './keep.ts'
import type { Outcome } from './new-mail.ts'
import type { MailStore } from './stores/mail-store.ts'

/** The options of {@link record}. */
export interface RecordOptions {
  /**
   * Where every send is kept. A store that cannot keep a send does not change the result of the send: observers hear of
   * it as `attempt-failed` with the code `submit/storage`, and the process warns.
   */
  readonly store?: MailStore | undefined
}

/**
 * Records real sends: each receipt has the conversation of all its attempts, through any number of wrappers. Failures have
 * theirs anyway.
 *
 * @throws MailError `config/invalid-config`
 */
export function record(transport: Transport, options: RecordOptions = {}): Transport {
  checkOptions(options, 'record()', { store: true })
  const { store } = options
  if (store !== undefined && typeof store.add !== 'function')
    throw configError('the store option of record() must be a store, such as memoryStore()')
  const self = wrap('record', transport, async (message, context) => {
    const heard: Transcript[] = []
    const add = (transcript: Transcript): void => {
      heard.push(transcript)
      tellTrace(context, transcript)
    }
    const kept = async (outcome: Outcome): Promise<void> => {
      if (!store) return
      await keep(store, message, outcome, context).catch((cause: unknown) =>
        tellNotKept(message, outcome, self.name, cause, context),
      )
    }
    const result = await sendThrough(transport, message, { ...context, trace: { add } })
    if (MailError.is(result)) {
      const { transcript } = result
      await kept({
        state: 'failed',
        transport: result.transport ?? transport.name,
        transcript,
        error: result,
      })
      throw result
    }
    const transcript = joinTranscripts(heard) ?? result.transcript
    await kept({ state: result.state, transport: result.transport, transcript })
    return { ...result, transcript }
  })
  if (!store) return self
  return {
    ...self,
    async notBuilt(written, error, context) {
      await keepUnbuilt(store, written, error, self.name, context)
      await self.notBuilt?.(written, error, context)
    },
  }
}
