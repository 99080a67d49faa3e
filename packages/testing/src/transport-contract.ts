import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  MailError,
  retry,
  type Message,
  type MessageInput,
  type TransportContext,
  type Transport,
} from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'

/** A transport under test; every case gets a new one. */
export interface ContractSubject {
  /** The transport under test. */
  readonly transport: Transport
  /** What has arrived so far, if the test can see it: one entry per message, with the recipients of its envelope. */
  readonly arrived?: () => readonly { readonly to: readonly string[] }[]
  /** Ends what the test started for this subject, after the case. */
  readonly release?: () => Promise<void> | void
}

/** What the contract should know about a transport. */
export interface ContractOptions {
  /** Creates a transport for each case. */
  readonly create: () => ContractSubject | Promise<ContractSubject>
  /**
   * It refuses single recipients: `unknown@rcpt.example` permanently (550 5.1.1) and `later@rcpt.example` for now
   * (451 4.7.1). The contract then also checks refusals.
   */
  readonly refuses?: boolean
  /** It has a conversation that a transcript can show: in SMTP (`true`), or with an API over HTTP. */
  readonly converses?: boolean | 'http'
  /** It reads the content, so an attachment that cannot be read makes the send fail. */
  readonly composes?: boolean
  /** Texts that must not appear in any name, error or transcript. */
  readonly secrets?: readonly string[]
}

/** One promise of the contract. Pass `title` and `run` to the `it` of any test runner. */
export interface ContractCase {
  /** The promise, in words. */
  readonly title: string
  /** Rejects if the promise is broken. */
  readonly run: () => Promise<void>
}

const ALL = ['bob@rcpt.example', 'carol@rcpt.example', 'dave@rcpt.example']
const UNKNOWN = 'unknown@rcpt.example'
const LATER = 'later@rcpt.example'

/** What every transport promises to the code that uses it. */
export function transportContract(options: ContractOptions): ContractCase[] {
  const cases: ContractCase[] = []
  const promise = (title: string, test: (subject: ContractSubject) => Promise<void>): void => {
    const run = async (): Promise<void> => {
      const subject = await options.create()
      try {
        await test(subject)
      } finally {
        await subject.transport.close?.()
        await subject.release?.()
      }
    }
    cases.push({ title, run })
  }

  promise('it has a name that shows no secret', async ({ transport }) => {
    assert.equal(typeof transport.name, 'string')
    assert.notEqual(transport.name, '')
    noSecret(transport.name)
  })

  promise('it delivers to every recipient of the envelope', async ({ transport, arrived }) => {
    const delivery = await transport.send(message())
    assert.ok(['sent', 'queued', 'captured', 'discarded'].includes(delivery.state))
    assert.equal(typeof delivery.transport, 'string')
    assert.deepEqual(delivery.failures, [])
    if (arrived)
      assert.deepEqual(
        arrived().flatMap(({ to }) => to),
        ALL,
      )
  })

  promise('it uses the envelope, not the headers', async ({ transport, arrived }) => {
    await transport.send(message().forRecipients([ALL[1]!]))
    if (arrived)
      assert.deepEqual(
        arrived().flatMap(({ to }) => to),
        [ALL[1]],
      )
  })

  promise('it accepts many messages at once, and each arrives once', async ({ transport, arrived }) => {
    const recipients = Array.from({ length: 20 }, (_, n) => `user${n}@rcpt.example`)
    await Promise.all(recipients.map((to) => transport.send(message({ to }))))
    if (arrived)
      assert.deepEqual(
        arrived()
          .flatMap(({ to }) => to)
          .toSorted(),
        recipients.toSorted(),
      )
  })

  promise('verify resolves if the transport works', async ({ transport }) => {
    await transport.verify?.()
  })

  promise('a send with an aborted signal fails, and nothing is delivered', async ({ transport, arrived }) => {
    const error = await failure(transport, message(), { signal: AbortSignal.abort() })
    assert.equal(error.kind, 'aborted')
    assert.equal(error.delivered, 'none')
    assert.ok(error.recipients.every(({ status }) => status === 'not-attempted'))
    if (arrived) assert.deepEqual(arrived(), [])
  })

  promise(
    'a send whose deadline has passed is a timeout, and nothing is delivered',
    async ({ transport }) => {
      const signal = AbortSignal.abort(new DOMException('The deadline passed', 'TimeoutError'))
      const error = await failure(transport, message(), { signal })
      // A transport without timeouts of its own may call it an abort.
      assert.ok(error.kind === 'timeout' || error.kind === 'aborted')
      assert.equal(error.delivered, 'none')
    },
  )

  promise(
    'if it announces transmissions, it sends nothing before beforeTransmission resolves, and nothing if it rejects',
    async ({ transport, arrived }) => {
      if (!transport.announcesTransmission) return
      const early: number[] = []
      await transport.send(message(), {
        beforeTransmission: async () => {
          await nextTurn()
          early.push(arrived?.().length ?? 0)
        },
      })
      assert.deepEqual(early, [0])
      const before = arrived?.().length
      const refused = new MailError({ stage: 'queue', kind: 'storage', summary: 'the lease was lost' })
      const error = await failure(transport, message(), {
        beforeTransmission: () => Promise.reject(refused),
      })
      assert.equal(error.code, 'queue/storage')
      assert.equal(error.summary, 'the lease was lost')
      assert.equal(error.delivered, 'none')
      assert.ok(error.recipients.every(({ status }) => status === 'not-attempted'))
      // One that was sent all the same would have arrived before this one.
      await transport.send(message())
      if (arrived) assert.equal(arrived().length, before! + 1)
    },
  )

  promise('close waits for sends in progress, and can be called again', async ({ transport, arrived }) => {
    const sending = transport.send(message())
    await Promise.all([transport.close?.(), transport.close?.()])
    await sending
    await transport.close?.()
    if (arrived)
      assert.deepEqual(
        arrived().flatMap(({ to }) => to),
        ALL,
      )
  })

  promise('after close a send fails, and nothing is sent', async ({ transport, arrived }) => {
    if (!('close' in transport)) assert.fail('a transport can be closed')
    await transport.close?.()
    const error = await failure(transport, message())
    assert.equal(error.code, 'queue/pool-closed')
    assert.equal(error.delivered, 'none')
    assert.equal(error.retryable, true)
    if (arrived) assert.deepEqual(arrived(), [])
  })

  if (options.converses) {
    promise('it adds the conversation to the trace, without content', async ({ transport }) => {
      const lines: string[] = []
      const trace: TransportContext['trace'] = {
        add: ({ entries }) => void lines.push(...entries.map(({ text }) => text)),
      }
      await transport.send(message({ text: 'the-content-of-the-message' }), { trace })
      const begin = options.converses === 'http' ? /^POST \// : /^MAIL FROM:<ann@sender\.example>/i
      assert.ok(
        lines.some((line) => begin.test(line)),
        lines.join('\n'),
      )
      assert.ok(
        lines.some((line) => /^<\d+ octets>$/.test(line)),
        lines.join('\n'),
      )
      assert.ok(!lines.some((line) => line.includes('the-content-of-the-message')))
      noSecret(lines.join('\n'))
    })
  }

  if (options.composes) {
    promise(
      'an attachment that cannot be read fails the message, and nothing arrives',
      async ({ transport, arrived }) => {
        const attachments = [{ path: '/does/not/exist.pdf' }]
        const error = await failure(transport, message({ attachments }))
        assert.equal(error.code, 'compose/attachment')
        assert.equal(error.delivered, 'none')
        if (arrived) assert.deepEqual(arrived(), [])
      },
    )
  }

  if (options.refuses) {
    promise(
      'a refused recipient is a failure, and the others have the message',
      async ({ transport, arrived }) => {
        const error = await failure(transport, message({ to: [ALL[0]!, UNKNOWN, ALL[2]!] }))
        assert.equal(error.code, 'rcpt-to/mailbox-unknown')
        assert.equal(error.delivered, 'some')
        assert.equal(error.permanence, 'permanent')
        assert.equal(error.retryable, false)
        assert.deepEqual(statuses(error), {
          [ALL[0]!]: 'accepted',
          [UNKNOWN]: 'rejected',
          [ALL[2]!]: 'accepted',
        })
        assert.equal(error.recipients.find(({ address }) => address === UNKNOWN)?.reply?.code, 550)
        if (arrived)
          assert.deepEqual(
            arrived().flatMap(({ to }) => to),
            [ALL[0], ALL[2]],
          )
      },
    )

    promise('only the recipient that is refused for now is tried again', async ({ transport, arrived }) => {
      const error = await failure(transport, message({ to: [ALL[0]!, LATER] }))
      assert.equal(error.code, 'rcpt-to/greylisted')
      assert.equal(error.retryable, true)
      assert.equal(error.permanence, 'transient')
      const again = await failure(
        retry(transport, { attempts: 2, delayMs: 1 }),
        message({ to: [ALL[1]!, LATER] }),
      )
      assert.deepEqual(statuses(again), { [ALL[1]!]: 'accepted', [LATER]: 'rejected' })
      if (arrived)
        assert.deepEqual(
          arrived().flatMap(({ to }) => to),
          [ALL[0], ALL[1]],
        )
    })

    promise(
      'recipients that are refused for different reasons keep their own reasons',
      async ({ transport, arrived }) => {
        const error = await failure(transport, message({ to: [UNKNOWN, LATER] }))
        assert.equal(error.code, 'rcpt-to/mixed')
        assert.equal(error.delivered, 'none')
        assert.deepEqual(
          error.recipients.map(({ kind }) => kind),
          ['mailbox-unknown', 'greylisted'],
        )
        if (arrived) assert.deepEqual(arrived(), [])
      },
    )

    promise('a refusal does not affect other messages', async ({ transport, arrived }) => {
      const sends = [ALL[0]!, UNKNOWN, ALL[1]!, LATER, ALL[2]!].map((to) => transport.send(message({ to })))
      const results = await Promise.allSettled(sends)
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
      )
      if (arrived)
        assert.deepEqual(
          arrived()
            .flatMap(({ to }) => to)
            .toSorted(),
          ALL,
        )
    })
  }

  /** The failure of a send. Checks what every failure must have. */
  async function failure(
    transport: Transport,
    sent: Message,
    context?: TransportContext,
  ): Promise<MailError> {
    const error: unknown = await transport.send(sent, context).then(
      () => assert.fail('the send should fail, but it succeeded'),
      (thrown: unknown) => thrown,
    )
    if (!MailError.is(error))
      throw new assert.AssertionError({ message: `it threw ${String(error)}, not a MailError` })
    assert.deepEqual(
      error.recipients.map(({ address }) => address).toSorted(),
      [...sent.envelope.to].toSorted(),
    )
    assert.equal(error.messageId, sent.messageId)
    assert.equal(typeof error.transport, 'string')
    assert.notEqual(error.hint, '')
    noSecret(
      `${error.stack}${JSON.stringify(error)}${JSON.stringify(error.transcript)}${String(error.cause)}`,
    )
    return error
  }

  function noSecret(text: string): void {
    for (const secret of options.secrets ?? [])
      assert.ok(!text.includes(secret), `there is a secret in ${text}`)
  }

  return cases
}

function message(changes: Partial<MessageInput> = {}): Message {
  return toMessage({ from: 'ann@sender.example', to: ALL, subject: 'Contract', text: 'Hello', ...changes })
}

function statuses(error: MailError): Record<string, string> {
  return Object.fromEntries(error.recipients.map(({ address, status }) => [address, status]))
}
