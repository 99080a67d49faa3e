import { MailError, type Message, type TransportContext, type WrittenMessage } from '@loudmail/core'
import { tellFailed, type MailErrorInit } from '@loudmail/core/transport'
import { newMail, type Outcome } from './new-mail.ts'
import type { MailStore } from './stores/mail-store.ts'
import { unbuiltMail } from './unbuilt-mail.ts'

/** How long a store may take after the deadline, in ms; the mailer waits twice as long for the result of the send. */
const GRACE_MS = 500

/** Keeps a send in a store; rejects if the store cannot keep it, or does not answer in time. */
export function keep(
  store: MailStore,
  message: Message,
  outcome: Outcome,
  { signal }: TransportContext = {},
): Promise<unknown> {
  return inTime(
    newMail(message, outcome).then((mail) => store.add(mail)),
    signal,
  )
}

/** Keeps a message that could not be built. Never rejects: a store that cannot keep it is reported. */
export async function keepUnbuilt(
  store: MailStore,
  written: WrittenMessage,
  error: MailError,
  transport: string,
  context: TransportContext = {},
): Promise<void> {
  try {
    const adding = async (): Promise<unknown> => store.add(unbuiltMail(written, error, transport))
    await inTime(adding(), context.signal)
  } catch (cause) {
    const hint = 'Nothing was sent. Check the disk or database behind the store: space and permissions.'
    tellStorage(
      { summary: 'a message that could not be built could not be kept in the store', hint, transport, cause },
      context,
    )
  }
}

/**
 * Reports that a send could not be kept, without changing how it ended: observers hear of it as `attempt-failed` with the
 * code `submit/storage`, and the process warns.
 *
 * @param transport the one that has the store
 */
export function tellNotKept(
  message: Message,
  { error }: Pick<Outcome, 'error'>,
  transport: string,
  cause: unknown,
  context: TransportContext | undefined,
): void {
  const what = error ? 'a failed send' : 'a send that succeeded'
  const init = {
    summary: `${what} could not be kept in the store`,
    recipients:
      error?.recipients ?? message.envelope.to.map((address) => ({ address, status: 'accepted' }) as const),
    hint: `${error ? '' : 'The send itself succeeded, so do not send the message again. '}Check the disk or database behind the store: space and permissions.`,
    transport,
    messageId: message.messageId,
    cause,
  }
  tellStorage(init, context)
}

function tellStorage(
  init: Omit<MailErrorInit, 'stage' | 'kind'>,
  context: TransportContext | undefined,
): void {
  const notKept = new MailError({ stage: 'submit', kind: 'storage', ...init })
  tellFailed(context, notKept)
  const why = init.cause === undefined ? '' : `: ${String(notKept.cause)}`
  process.emitWarning(`${notKept.message}${why} - ${notKept.hint}`, 'LoudmailWarning')
}

function inTime<T>(task: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return task
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const wait = (): void => {
      timer = setTimeout(reject, GRACE_MS, new Error('the store did not answer in time'))
    }
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wait)
    }
    if (signal.aborted) wait()
    else signal.addEventListener('abort', wait)
    task.then(resolve, reject).finally(end)
  })
}
