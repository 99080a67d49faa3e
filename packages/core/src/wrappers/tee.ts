import { Deadlines } from '../mailer/deadline.ts'
import { failAll } from '../failure/fail-all.ts'
import { MailError, type MailErrorInit } from '../failure/mail-error.ts'
import type { Message } from '../message/message.ts'
import { deliveryOf, sendThrough } from '../transports/send-through.ts'
import { Standing } from '../transports/standing.ts'
import { thrownInWords } from '../failure/thrown-in-words.ts'
import { tellFailed } from '../transports/tell.ts'
import { healthOf, newestFailure } from '../transports/transport-health.ts'
import type { Delivery, Transport, TransportContext, VerifyContext } from '../transports/transport.ts'
import { wrap } from '../transports/wrap.ts'

/** How long a copy may take, in ms. */
const DEADLINE_MS = 120_000
/** So many copies may be under way; more of them would fill the memory while `copy` does not answer. */
const MOST = 10_000

/**
 * Sends with `transport`, whose outcome is the outcome. Then it sends the same message with `copy`, for the recipients that
 * have it or may have it. Nothing waits for the copy except `close()`. A copy that fails is reported to observers as
 * `attempt-failed`, and has no other effect.
 */
export function tee(transport: Transport, copy: Transport): Transport {
  const deadlines = new Deadlines(DEADLINE_MS)
  const standing = new Standing()
  let sends = 0
  let copies = 0
  let drained: (() => void) | undefined
  let closing: Promise<void> | undefined

  const self = wrap('tee', [transport, copy], (message, context) => {
    sends++
    return sendThrough(transport, message, context, (result) => {
      const part = partThatArrived(message, result)
      // The caller gets its receipt first. One call for each copy: those before it may be over by then.
      if (part) setImmediate(send, part, context)
      else end()
      return deliveryOf(result)
    })
  })

  function settle(result: Delivery | MailError, context: TransportContext): void {
    standing.add(result)
    if (MailError.is(result)) report(result, context)
    end()
  }

  function end(): void {
    if (--sends === 0) drained?.()
  }

  function report(failure: MailError, context: TransportContext): void {
    const { summary, hint } = failure
    const error = failure.with({
      summary: `the copy was not kept: ${summary}`,
      hint: `This is only about the copy: the receipt says what became of the message. ${hint}`,
    })
    if (context.failed) tellFailed(context, error)
    else process.emitWarning(`${error.message} - ${error.hint}`, 'LoudmailWarning')
  }

  function send(message: Message, context: TransportContext): void {
    const refused = whyNot(message)
    if (refused) {
      settle(failAll(message, 'not-attempted', { transport: copy.name, ...refused }), context)
      return
    }
    copies++
    const deadline = deadlines.start()
    const { signal, at: deadlineAt } = deadline
    // Its conversation is not part of the receipt, its late replies say nothing about the message, and it is not the message
    // whose transmission begins.
    const own = {
      ...context,
      signal,
      deadlineAt,
      trace: undefined,
      late: undefined,
      beforeTransmission: undefined,
    }
    let isOver = false
    const over = (result?: Delivery | MailError): void => {
      if (isOver) return
      isOver = true
      deadlines.end(deadline)
      copies--
      settle(result ?? timedOut(message), context)
    }
    deadline.onGivenUp(over)
    void sendThrough(copy, message, own, over)
  }

  function timedOut(message: Message): MailError {
    return failAll(message, 'unknown', { stage: 'submit', kind: 'timeout', transport: copy.name })
  }

  /** Why a copy cannot be sent. */
  function whyNot(message: Message): Pick<MailErrorInit, 'stage' | 'kind' | 'summary' | 'hint'> | undefined {
    if (!message.replayable)
      return {
        stage: 'compose',
        kind: 'attachment',
        summary: 'its content could be read only once, and the message was sent with it',
        hint: 'Pass a function that opens the stream.',
      }
    if (copies < MOST) return undefined
    return { stage: 'queue', kind: 'queue-full', summary: `${MOST} copies are under way already` }
  }

  /** A copy that cannot be reached is no reason not to start. The check does not wait for it. */
  async function check(context: VerifyContext | undefined): Promise<void> {
    const deadline = deadlines.start()
    const own = { ...context, signal: deadline.signal, envelope: undefined }
    try {
      await deadline.race(Promise.resolve(copy.verify?.(own)))
    } catch (thrown) {
      const what = MailError.is(thrown) ? `${thrown.message} - ${thrown.hint}` : thrownInWords(thrown)
      process.emitWarning(`the copies of ${self.name} cannot be kept: ${what}`, 'LoudmailWarning')
    }
    deadlines.end(deadline)
  }

  async function close(): Promise<void> {
    try {
      await transport.close?.()
    } finally {
      if (sends > 0) await new Promise<void>((resolve) => (drained = resolve))
      await copy.close?.()
    }
  }

  return {
    ...self,
    verifiesEnvelope: transport.verifiesEnvelope === true,
    announcesTransmission: transport.announcesTransmission === true,
    async verify(context) {
      void check(context)
      await transport.verify?.(context)
    },
    health() {
      const parts = [healthOf(transport), healthOf(copy)] as const
      const isWhole = parts[1].state === 'up' && !standing.isDown
      const state = parts[0].state === 'up' && !isWhole ? 'degraded' : parts[0].state
      const lastFailure = newestFailure([...parts.map((part) => part.lastFailure), standing.lastFailure])
      return { transport: self.name, state, ...(lastFailure && { lastFailure }), parts }
    },
    close: () => (closing ??= close()),
  }
}

/** The message for those who have it, or may have it; undefined if nobody does. */
function partThatArrived(message: Message, result: Delivery | MailError): Message | undefined {
  if (!MailError.is(result)) return message
  const to = result.recipients
    .filter(({ status }) => status === 'accepted' || status === 'unknown')
    .map(({ address }) => address)
  if (to.length === message.envelope.to.length) return message
  return to.length === 0 ? undefined : message.forRecipients(to)
}
