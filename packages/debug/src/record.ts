import { MailError, type Transcript, type Transport } from '@loudmail/core'
import { checkOptions, joinTranscripts, wrap } from '@loudmail/core/transport'
import { newMail } from './new-mail.ts'
import type { MailStore } from './stores/mail-store.ts'

export interface RecordOptions {
  /** Where every send is kept as well. One that cannot be kept costs a process warning: the mail itself is not lost. */
  readonly store?: MailStore | undefined
}

/**
 * Watches real sends: the receipt of each carries the conversation of all its tries, through any number of wrappers.
 * Failures carry theirs anyway.
 */
export function record(transport: Transport, options: RecordOptions = {}): Transport {
  checkOptions(options, 'record()', ['store'])
  const { store } = options
  return wrap('record', transport, async (message, context) => {
    const heard: Transcript[] = []
    const add = (transcript: Transcript): void => {
      heard.push(transcript)
      context.trace?.add(transcript)
    }
    const keep = async (outcome: Parameters<typeof newMail>[1]): Promise<void> => {
      try {
        await store?.add(await newMail(message, outcome))
      } catch (error) {
        process.emitWarning(
          `a send could not be kept in the store of record(): ${String(error)}`,
          'LoudmailWarning',
        )
      }
    }
    try {
      const delivery = await transport.send(message, { ...context, trace: { add } })
      const transcript = joinTranscripts(heard) ?? delivery.transcript
      await keep({ state: delivery.state, transport: delivery.transport, transcript })
      return { ...delivery, transcript }
    } catch (error) {
      if (MailError.is(error)) {
        const { transcript } = error
        await keep({ state: 'failed', transport: error.transport ?? transport.name, transcript, error })
      }
      throw error
    }
  })
}
