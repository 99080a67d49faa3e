import { MailError, type Message, type RecipientOutcome, type Transport } from '../src/index.ts'
import { toMessage } from '../src/transport.ts'

export const BOB = 'bob@example.com'
export const CAROL = 'carol@example.com'
export const DAVE = 'dave@example.com'

export const three = { from: 'ann@example.com', to: [BOB, CAROL, DAVE], text: 'Hi' }

export const toThree = (): Message => toMessage(three)

export const accepted = (address: string): RecipientOutcome => ({ address, status: 'accepted' })
export const unknown = (address: string): RecipientOutcome => ({ address, status: 'unknown' })
export const notAttempted = (address: string): RecipientOutcome => ({ address, status: 'not-attempted' })
export const greylisted = (address: string): RecipientOutcome => ({
  address,
  status: 'rejected',
  permanence: 'transient',
  kind: 'greylisted',
})
export const noSuchUser = (address: string): RecipientOutcome => ({
  address,
  status: 'rejected',
  permanence: 'permanent',
  kind: 'mailbox-unknown',
})

/** What a transport does with one attempt: it fails, or delivers if this returns nothing. */
export type Act = (message: Message) => MailError | undefined

/** Answers each attempt from the script, then always with a delivery, and keeps the messages that it receives. */
export function scripted(...script: Act[]): Transport & { readonly tries: Message[] } {
  const tries: Message[] = []
  return {
    name: 'scripted()',
    tries,
    async send(message) {
      const error = script[tries.length]?.(message)
      tries.push(message)
      if (error) throw error
      return { transport: 'scripted()', state: 'sent', response: '250 Ok', failures: [] }
    },
  }
}

export const refuses =
  (...outcomes: RecipientOutcome[]): Act =>
  () =>
    new MailError({
      stage: 'rcpt-to',
      kind: outcomes.find((each) => each.kind)?.kind ?? 'mixed',
      recipients: outcomes,
    })

export const lost: Act = (message) =>
  new MailError({
    stage: 'connect',
    kind: 'connection-refused',
    recipients: message.envelope.to.map(notAttempted),
  })

/** The recipients of each attempt. */
export const envelopes = ({ tries }: { readonly tries: readonly Message[] }): (readonly string[])[] =>
  tries.map(({ envelope }) => envelope.to)

/** The MailError that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<MailError> {
  const thrown: unknown = await promise.then(
    () => {
      throw new TypeError('this was to fail')
    },
    (error: unknown) => error,
  )
  if (MailError.is(thrown)) return thrown
  throw thrown
}
