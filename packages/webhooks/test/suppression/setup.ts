import {
  MailError,
  type Message,
  type RecipientOutcome,
  type Transport,
  type TransportContext,
} from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { memorySuppressions, type Suppression, type SuppressionStore } from '../../src/index.ts'

export const ANN = 'ann@sender.example'
export const BOB = 'bob@rcpt.example'
export const CAROL = 'carol@rcpt.example'
export const DAVE = 'dave@rcpt.example'

export const three = { from: ANN, to: [BOB, CAROL, DAVE], subject: 'Tea', text: 'Hi' }

export const toThree = (changes: object = {}): Message => toMessage({ ...three, ...changes })

export const bounced: Suppression = {
  address: BOB,
  reason: 'bounced',
  code: 'rcpt-to/mailbox-unknown',
  from: 'postmark',
  at: new Date('2026-11-20T10:00:00Z'),
}

/** A list in memory with these on it. */
export async function listOf(...suppressions: Suppression[]): Promise<SuppressionStore> {
  const store = memorySuppressions()
  await store.add(suppressions)
  return store
}

/** A list that cannot be read. */
export function broken(error = new TypeError('the cluster is gone')): SuppressionStore {
  return { ...memorySuppressions(), find: () => Promise.reject(error) }
}

export const unknown = (address: string): RecipientOutcome => ({ address, status: 'unknown' })
export const greylisted = (address: string): RecipientOutcome => ({
  address,
  status: 'rejected',
  kind: 'greylisted',
  permanence: 'transient',
})
export const noSuchUser = (address: string): RecipientOutcome => ({
  address,
  status: 'rejected',
  kind: 'mailbox-unknown',
  permanence: 'permanent',
})

/** What a transport does with one attempt: it fails, or delivers if this returns nothing. */
export type Act = (message: Message) => MailError | undefined

export const refuses =
  (...outcomes: RecipientOutcome[]): Act =>
  () =>
    new MailError({
      stage: 'rcpt-to',
      kind: outcomes.find(({ kind }) => kind)?.kind ?? 'mixed',
      recipients: outcomes,
    })

export const lost: Act = ({ envelope }) =>
  new MailError({
    stage: 'connect',
    kind: 'connection-refused',
    recipients: envelope.to.map((address) => ({ address, status: 'not-attempted' })),
  })

/** Answers each attempt from the script, then always with a delivery. */
export function scripted(
  ...script: Act[]
): Transport & { readonly tries: Message[]; readonly contexts: (TransportContext | undefined)[] } {
  const tries: Message[] = []
  const contexts: (TransportContext | undefined)[] = []
  return {
    name: 'scripted()',
    tries,
    contexts,
    async send(message, context) {
      const error = script[tries.length]?.(message)
      tries.push(message)
      contexts.push(context)
      if (error) throw error
      return { transport: 'scripted()', state: 'sent', response: '250 Ok', failures: [] }
    },
  }
}

/** The recipients of each attempt. */
export const envelopes = ({ tries }: { readonly tries: readonly Message[] }): (readonly string[])[] =>
  tries.map(({ envelope }) => envelope.to)

/** What became of each recipient. */
export const statuses = ({ recipients }: MailError): Record<string, string> =>
  Object.fromEntries(
    recipients.map(({ address, status, kind }) => [address, kind ? `${status} ${kind}` : status]),
  )

/** The MailError that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<MailError> {
  const thrown: unknown = await promise.then(
    () => new TypeError('this was to fail'),
    (error: unknown) => error,
  )
  if (MailError.is(thrown)) return thrown
  throw thrown
}
