import {
  Mailer,
  MailError,
  type Message,
  type MessageInput,
  type Receipt,
  type Transport,
} from '@loudmail/core'
import { failAll } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import type { InboxEvent, InboxStore, KeptMail } from '../src/index.ts'

/** A store in memory that shows its tests what they need. */
export class KeptMails implements InboxStore {
  readonly mails: KeptMail[] = []
  readonly listeners = new Set<(event: InboxEvent) => void>()

  add(mail: Omit<KeptMail, 'id' | 'at'>): void {
    const kept = { ...mail, id: String(this.mails.length + 1).padStart(6, '0'), at: new Date() }
    this.mails.push(kept)
    for (const listener of this.listeners) listener({ type: 'added', mail: kept })
  }

  async list({ limit = 100, before = '~' }: Parameters<InboxStore['list']>[0]) {
    const older = this.mails.filter(({ id }) => id < before)
    return { mails: older.slice(-limit).toReversed(), total: this.mails.length }
  }

  async get(id: string) {
    return this.mails.find((mail) => mail.id === id)
  }

  async clear() {
    this.mails.length = 0
    for (const listener of this.listeners) listener({ type: 'cleared' })
  }

  subscribe(listener: (event: InboxEvent) => void): () => void {
    const own = (event: InboxEvent): void => listener(event)
    this.listeners.add(own)
    return () => void this.listeners.delete(own)
  }
}

export interface Capture {
  readonly store: KeptMails
  /** Sends with defaults, silently. */
  readonly send: (input?: Partial<MessageInput>) => Promise<Receipt>
}

const NAME = 'capture()'

/**
 * Keeps what it sends as it would go over the wire. It refuses recipients at `full.example`; those at `lost.example` may
 * have it or not.
 */
export function capture(): Capture {
  const store = new KeptMails()
  const transport: Transport = {
    name: NAME,
    async send(message) {
      const { bytes } = compose(message)
      const { envelope } = message
      const shown = { from: '', to: [], subject: message.raw ? '' : (message.subject ?? ''), text: '' }
      const error = failure(message)
      store.add({
        ...shown,
        envelope,
        state: error ? 'failed' : 'captured',
        error,
        code: error?.code,
        content: bytes,
      })
      if (error) throw error
      return { transport: NAME, state: 'captured', failures: [] }
    },
  }
  const mailer = new Mailer({
    transport,
    failure: 'silent',
    defaults: { from: 'Tea Shop <tea@sender.example>', subject: 'Tea', text: 'It is ready.' },
    observe: (event) => void event.error,
  })
  return { store, send: (input = {}) => mailer.send({ to: 'ann@rcpt.example', ...input }) }
}

function failure(message: Message): MailError | undefined {
  const { to } = message.envelope
  if (to.some((address) => address.endsWith('@lost.example')))
    return failAll(message, 'unknown', { stage: 'body', kind: 'connection-lost', transport: NAME })
  const refused = to.filter((address) => address.endsWith('@full.example'))
  if (refused.length === 0) return undefined
  const reply = { protocol: 'smtp', code: 452, enhanced: '4.2.2', text: 'Mailbox full' } as const
  const recipients = to.map((address) => {
    const status = refused.includes(address) ? ('rejected' as const) : ('accepted' as const)
    return { address, status, ...(status === 'rejected' && { permanence: 'transient' as const, reply }) }
  })
  return new MailError({
    stage: 'rcpt-to',
    kind: 'mailbox-full',
    reply,
    recipients,
    transport: NAME,
    messageId: message.messageId,
  })
}
