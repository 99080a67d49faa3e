import {
  checkOptions,
  joinTranscripts,
  MailError,
  wrap,
  type Transcript,
  type Transport,
} from '@loudmail/core'
import type { MailStore } from './mail-store.ts'

export interface RecordOptions {
  /** Where every send is kept as well. */
  readonly store?: MailStore | undefined
}

/**
 * Watches real sends: the receipt of each carries the conversation of all its tries, through any number of wrappers.
 * Failures carry theirs anyway.
 */
export function record(transport: Transport, options: RecordOptions = {}): Transport {
  checkOptions(options, 'record()', ['store'])
  return wrap('record', transport, async (message, context) => {
    const heard: Transcript[] = []
    const add = (transcript: Transcript): void => {
      heard.push(transcript)
      context.trace?.add(transcript)
    }
    const { envelope, messageId } = message
    try {
      const delivery = await transport.send(message, { ...context, trace: { add } })
      const transcript = joinTranscripts(heard) ?? delivery.transcript
      options.store?.add({ envelope, messageId, transcript })
      return { ...delivery, transcript }
    } catch (error) {
      if (MailError.is(error))
        options.store?.add({ envelope, messageId, transcript: error.transcript, error })
      throw error
    }
  })
}
