import type { Transport } from '@loudmail/core'
import { parseReply } from '@loudmail/core/transport'
import type { Wishes } from '../target.ts'
import { sizeInWords } from './describe-offer.ts'
import { list } from './list.ts'
import { ownFailure } from './own-failure.ts'
import type { StepLog } from './step-log.ts'
import type { TestMessage } from './test-message.ts'

/** Sends the message, as the application would. */
export async function sendStep(
  transport: Transport,
  { message }: TestMessage,
  log: StepLog,
  { signal, sizeOctets }: Pick<Wishes, 'signal' | 'sizeOctets'>,
): Promise<void> {
  log.waitFor('the message to be accepted')
  const begun = performance.now()
  try {
    const { response, state } = await transport.send(message, { signal })
    const durationMs = performance.now() - begun
    const size = sizeOctets === undefined ? '' : ` of about ${sizeInWords(sizeOctets)}`
    const who = list(message.envelope.to)
    const detail =
      state === 'sent'
        ? `A message${size} was accepted for ${who}. Look into the mailbox, also at spam.`
        : `The transport took a message${size} for ${who}, and says that it is ${state}.`
    const reply = response === undefined ? undefined : parseReply(response.split('\n'))
    log.add({ stage: 'body', name: 'send', verdict: 'pass', durationMs, detail, reply })
  } catch (error) {
    log.fail('send', performance.now() - begun, ownFailure(error, 'submit'))
  }
}
