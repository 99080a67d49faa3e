import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  Mailer,
  memory,
  silenceTransient,
  type MailEvent,
  type MessageInput,
  type SendOptions,
} from '../src/index.ts'
import { lost, noSuchUser, refuses, scripted } from './scripted.ts'

const hello: MessageInput = { from: 'ann@example.com', to: 'bob@example.com', subject: 'Hello', text: 'Hi' }

let printed: string[]

beforeEach(() => {
  printed = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
})
afterEach(() => void vi.restoreAllMocks())

function observed(): { readonly seen: string[]; readonly observe: (event: MailEvent) => void } {
  const seen: string[] = []
  return {
    seen,
    observe: ({ type, error, silenced, inBackground, context }) =>
      void seen.push([type, error?.code, silenced, inBackground, context?.id].filter(Boolean).join(' ')),
  }
}

describe('sendInBackground', () => {
  it('begins after the current turn, and close() waits for it', async () => {
    const transport = memory()
    const mailer = new Mailer({ transport })
    expect(mailer.sendInBackground(hello)).toBeUndefined()
    await Promise.resolve()
    expect(transport.messages).toHaveLength(0)
    expect(mailer.health().sending).toBe(1)
    await mailer.close()
    expect(transport.messages).toHaveLength(1)
    expect(mailer.stats).toMatchObject({ sent: 1, failed: 0 })
    expect(mailer.health().sending).toBe(0)
  })

  it('gives every failure to the observers, whatever the policy says, and then prints nothing', async () => {
    const { seen, observe } = observed()
    const mailer = new Mailer({
      transport: scripted(refuses(noSuchUser('bob@example.com')), lost, lost),
      observe,
    })
    mailer.sendInBackground(hello, { context: { id: 1 } })
    mailer.sendInBackground(hello, { context: { id: 2 }, failure: 'silent' })
    mailer.sendInBackground(hello, { context: { id: 3 }, failure: silenceTransient })
    await mailer.close()
    expect(seen).toEqual([
      'failed rcpt-to/mailbox-unknown true 1',
      'failed connect/connection-refused true true 2',
      'failed connect/connection-refused true true 3',
    ])
    expect(mailer.stats).toMatchObject({ failed: 3, silenced: 2 })
    expect(printed).toEqual([])
  })

  it.each([
    ['loud', 'loudmail: failed in the background: connect/connection-refused'],
    ['silent', 'loudmail: silenced connect/connection-refused'],
  ] as const)('prints a failure that no observer takes: %s', async (failure, line) => {
    const mailer = new Mailer({ transport: scripted(lost), failure, observe: () => {} })
    mailer.sendInBackground(hello)
    await mailer.close()
    expect(printed).toEqual([expect.stringContaining(line)])
  })

  it('fails after close() like a send, but throws nothing', async () => {
    const { seen, observe } = observed()
    const mailer = new Mailer({ transport: memory(), observe })
    await mailer.close()
    mailer.sendInBackground(hello)
    await turn()
    await vi.waitFor(() => expect(seen).toEqual(['failed queue/pool-closed true']))
  })

  const unreadable = (): never => {
    throw new Error('cannot be read')
  }

  it.each<[string, unknown, unknown, string]>([
    ['no message', undefined, undefined, 'compose/invalid-message'],
    ['no address', { ...hello, to: 'nobody' }, undefined, 'compose/invalid-address'],
    [
      'a field that throws',
      {
        ...hello,
        get text() {
          return unreadable()
        },
      },
      undefined,
      'compose/invalid-message',
    ],
    ['options that are none', hello, 'silent', 'config/invalid-config'],
    ['no options', hello, null, 'config/invalid-config'],
    ['an option that does not exist', hello, { policy: 'silent' }, 'config/invalid-config'],
    [
      'an option that throws',
      hello,
      {
        get failure() {
          return unreadable()
        },
      },
      'compose/invalid-message',
    ],
    ['a signal that is none', hello, { signal: 'stop' }, 'config/invalid-config'],
  ])('never throws: %s', async (_what, input, options, code) => {
    const { seen, observe } = observed()
    const mailer = new Mailer({ transport: memory(), observe })
    for (const each of [mailer, mailer.with({ context: { id: 'view' } })])
      each.sendInBackground(input as MessageInput, options as SendOptions)
    await mailer.close()
    expect(seen).toHaveLength(2)
    for (const line of seen) expect(line).toContain(`failed ${code} true`)
  })

  it('sends the message as it was at the call, also if the caller uses its objects again', async () => {
    const transport = memory()
    const { seen, observe } = observed()
    const mailer = new Mailer({ transport, observe })
    const message = { ...hello }
    const context = { id: '' }
    const options: SendOptions = { context }
    for (const name of ['bob', 'carol', 'dave']) {
      message.to = `${name}@example.com`
      context.id = name
      mailer.sendInBackground(message, options)
    }
    await mailer.close()
    expect(transport.messages.flatMap(({ envelope }) => envelope.to)).toEqual([
      'bob@example.com',
      'carol@example.com',
      'dave@example.com',
    ])
    expect(seen).toEqual(['sent true bob', 'sent true carol', 'sent true dave'])
  })

  it('sends an object of a class, whose fields are computed', async () => {
    const transport = memory()
    class Welcome {
      readonly from = 'ann@example.com'
      readonly to = 'bob@example.com'
      readonly #text = 'Hi'
      text = this.#text
    }
    await using mailer = new Mailer({ transport })
    mailer.sendInBackground(new Welcome())
    await mailer.close()
    expect(transport.messages[0]).toMatchObject({ text: 'Hi' })
  })

  it('of a view has the options of the view, and keeps the async context of its caller', async () => {
    const request = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const observe = ({ context }: MailEvent): void => void seen.push([context, request.getStore()])
    const mailer = new Mailer({ transport: memory(), observe })
    request.run('r1', () =>
      mailer.with({ context: { user: 7 } }).sendInBackground(hello, { context: { id: 1 } }),
    )
    await mailer.close()
    expect(seen).toEqual([[{ user: 7, id: 1 }, 'r1']])
  })
})
