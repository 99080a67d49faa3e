import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  Mailer,
  memory,
  silenceTransient,
  type MailEvent,
  type MessageInput,
  type TemplateContent,
  type TemplateInput,
} from '../src/index.ts'
import { held } from './held.ts'
import { failureOf } from './scripted.ts'

const to: MessageInput = { from: 'ann@example.com', to: 'bob@example.com' }
const welcome = { subject: 'Welcome', text: 'Hi' }
const broken: TemplateInput = () => {
  throw new Error('no name')
}
/** Never returns, and says when it is asked to stop. */
const hanging =
  (heard: string[] = []) =>
  ({ signal }: { readonly signal: AbortSignal }): Promise<never> =>
    new Promise<never>((_, reject) => {
      heard.push('asked')
      signal.addEventListener('abort', () => {
        heard.push('aborted')
        reject(new Error('the database gave up'))
      })
    })

let printed: string[]
let unhandled: unknown[]
const note = (reason: unknown): unknown => unhandled.push(reason)

beforeEach(() => {
  printed = []
  unhandled = []
  process.on('unhandledRejection', note)
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
})
afterEach(async () => {
  await turn()
  process.off('unhandledRejection', note)
  vi.restoreAllMocks()
  expect(unhandled).toEqual([])
})

function observed(): { readonly seen: string[]; readonly observe: (event: MailEvent) => void } {
  const seen: string[] = []
  const observe = ({ type, error, silenced, messageId, envelope, receipt }: MailEvent): void => {
    const about = [envelope?.to.join(), (receipt?.messageId ?? messageId) && 'with id']
    seen.push([type, error?.code, silenced, ...about].filter(Boolean).join(' '))
  }
  return { seen, observe }
}

describe('a templated send', () => {
  it('is counted and observed like any other', async () => {
    const { seen, observe } = observed()
    await using mailer = new Mailer({ transport: memory(), observe })
    const receipt = await mailer.send({ ...to, template: () => welcome })
    expect(receipt.messageId).toMatch(/@example\.com>$/)
    await expect(mailer.send({ ...to, template: broken })).rejects.toMatchObject({ code: 'compose/template' })
    expect(seen).toEqual(['sent bob@example.com with id', 'failed compose/template'])
    expect(mailer.stats).toMatchObject({ sent: 1, failed: 1, silenced: 0, lastFailure: { kind: 'template' } })
    expect(mailer.health()).toMatchObject({ state: 'up', sending: 0 })
  })

  it('is silenced by the policy, and printed if nobody takes its failure', async () => {
    await using mailer = new Mailer({ transport: memory(), failure: 'silent' })
    const receipt = await mailer.send({ ...to, template: broken })
    expect(receipt).toMatchObject({ ok: false, silenced: true, error: { code: 'compose/template' } })
    expect(printed).toEqual([
      expect.stringMatching(/^loudmail: silenced compose\/template: the template failed: no name - /),
    ])
    await expect(mailer.send({ ...to, template: broken }, { failure: silenceTransient })).rejects.toThrow(
      'compose/template',
    )
    expect(mailer.stats).toMatchObject({ failed: 2, silenced: 1 })
  })

  it('of a view has the signal and the context of the view', async () => {
    const contexts: unknown[] = []
    const mailer = new Mailer({ transport: memory(), observe: ({ context }) => void contexts.push(context) })
    const end = new AbortController()
    const view = mailer.with({ context: { tenant: 7 }, signal: end.signal })
    await view.send({ ...to, template: async () => welcome })
    const error = failureOf(view.send({ ...to, template: hanging() }))
    end.abort()
    expect((await error).code).toBe('compose/aborted')
    expect(contexts).toEqual([{ tenant: 7 }, { tenant: 7 }])
  })

  it('calls its template at once, with the fields that the message has then', async () => {
    const transport = memory()
    await using mailer = new Mailer({ transport })
    const message = { ...to, template: async (): Promise<TemplateContent> => (await turn(), welcome) }
    const sending = mailer.send(message)
    Object.assign(message, { to: 'carol@example.com' })
    await sending
    expect(transport.messages[0]!.envelope.to).toEqual(['bob@example.com'])
  })

  it('has the lists and objects of its message as they are when it is called', async () => {
    const transport = memory()
    const mailer = new Mailer({ transport })
    const recipients = [{ address: '' }]
    const headers = { 'X-For': [''] }
    const template = async (): Promise<TemplateContent> => (await turn(), welcome)
    for (const name of ['ann', 'bob', 'eve']) {
      recipients[0]!.address = `${name}@example.com`
      headers['X-For'][0] = name
      if (name !== 'eve') void mailer.send({ from: 'tea@example.com', to: recipients, headers, template })
    }
    await mailer.close()
    expect(transport.messages).toMatchObject([
      { envelope: { to: ['ann@example.com'] }, headers: [['X-For', 'ann']] },
      { envelope: { to: ['bob@example.com'] }, headers: [['X-For', 'bob']] },
    ])
  })

  it('fails once if both a field and its promise of content cannot be read', async () => {
    const input = {
      ...to,
      template: Promise.reject(new Error('no name')),
      get text(): string {
        throw new Error('no')
      },
    }
    const error = await failureOf(new Mailer({ transport: memory() }).send(input))
    expect(error.code).toBe('compose/invalid-message')
    await turn()
  })

  it.each<[string, (mailer: Mailer, input: MessageInput) => unknown]>([
    ['send()', (mailer, input) => mailer.send(input)],
    ['sendInBackground()', (mailer, input) => mailer.sendInBackground(input)],
  ])('has the content that an object has when %s is called', async (_name, send) => {
    const transport = memory()
    const mailer = new Mailer({ transport })
    const template = { subject: '', text: 'Hi' }
    for (const name of ['ann', 'bob']) {
      template.subject = name
      void send(mailer, { from: 'tea@example.com', to: `${name}@example.com`, template })
    }
    template.subject = 'eve'
    await new Promise((resolve) => setImmediate(resolve))
    await mailer.close()
    expect(transport.messages).toMatchObject([
      { subject: 'ann', envelope: { to: ['ann@example.com'] } },
      { subject: 'bob', envelope: { to: ['bob@example.com'] } },
    ])
  })

  it('through a closed mailer does not call its template', async () => {
    const heard: string[] = []
    const mailer = new Mailer({ transport: memory() })
    await mailer.close()
    await expect(mailer.send({ ...to, template: hanging(heard) })).rejects.toThrow('queue/pool-closed')
    await expect(mailer.send({ ...to, template: Promise.reject(new Error('no name')) })).rejects.toThrow(
      'queue/pool-closed',
    )
    expect(heard).toEqual([])
  })

  it('in the background has the fields of the call, and its failure reaches the observers', async () => {
    const transport = memory()
    const { seen, observe } = observed()
    const mailer = new Mailer({ transport, observe })
    const message = { ...to, template: () => welcome }
    mailer.sendInBackground(message)
    message.to = 'carol@example.com'
    mailer.sendInBackground({ ...to, template: broken })
    mailer.sendInBackground({ ...to, template: Promise.reject(new Error('no name')) })
    await mailer.close()
    expect(transport.messages.map(({ envelope }) => envelope.to)).toEqual([['bob@example.com']])
    expect(seen.toSorted()).toEqual(
      ['failed compose/template', 'failed compose/template', 'sent bob@example.com with id'].toSorted(),
    )
  })

  it('in the background that nobody observes is printed', async () => {
    const mailer = new Mailer({ transport: memory() })
    mailer.sendInBackground({ ...to, template: broken })
    await mailer.close()
    expect(printed).toEqual([expect.stringMatching(/^loudmail: failed in the background: compose\/template/)])
  })
})

describe('sendMany', () => {
  it('renders as many at once as it sends at once', async () => {
    await using mailer = new Mailer({ transport: memory() })
    let running = 0
    let most = 0
    const template = async (): Promise<TemplateContent> => {
      most = Math.max(most, ++running)
      await turn()
      running--
      return welcome
    }
    const inputs = Array.from({ length: 30 }, () => ({ ...to, template }))
    for await (const { receipt } of mailer.sendMany(inputs, { concurrency: 3 })) expect(receipt.ok).toBe(true)
    expect(most).toBe(3)
  })

  it('goes on after a template that fails', async () => {
    await using mailer = new Mailer({ transport: memory() })
    const templates: TemplateInput[] = [welcome, broken, async () => welcome]
    const outcomes: string[] = []
    for await (const { index, receipt } of mailer.sendMany(
      templates.map((template) => ({ ...to, template })),
    ))
      outcomes[index] = receipt.ok ? receipt.state : receipt.error.code
    expect(outcomes).toEqual(['captured', 'compose/template', 'captured'])
  })
})

describe('a template that does not return in time', () => {
  it('fails at the deadline, is told to stop, and is ignored after that', async () => {
    const heard: string[] = []
    const { seen, observe } = observed()
    const mailer = new Mailer({ transport: memory(), deadlineMs: 20, observe })
    const error = await failureOf(mailer.send({ ...to, template: hanging(heard) }))
    expect(error).toMatchObject({
      code: 'compose/timeout',
      scope: 'message',
      delivered: 'none',
      retryable: true,
      summary: 'the template was not ready before the deadline',
    })
    expect(error.hint).toMatch(/template.*signal/)
    expect(heard).toEqual(['asked', 'aborted'])
    expect(seen).toEqual(['failed compose/timeout'])
    expect(mailer.health().state).toBe('up')
    await mailer.close()
  })

  it('and returns content later sends nothing', async () => {
    const transport = memory()
    const mailer = new Mailer({ transport, deadlineMs: 20 })
    let done = (_content: TemplateContent): void => {}
    const template = (): Promise<TemplateContent> => new Promise((resolve) => (done = resolve))
    await expect(mailer.send({ ...to, template })).rejects.toThrow('compose/timeout')
    done(welcome)
    await turn()
    expect(transport.messages).toEqual([])
    expect(mailer.stats).toMatchObject({ sent: 0, failed: 1 })
    await mailer.close()
  })

  it('ends when its caller aborts: before it is called, while it runs, or by itself', async () => {
    const heard: string[] = []
    const { seen, observe } = observed()
    await using mailer = new Mailer({ transport: memory(), observe })
    const before = await failureOf(
      mailer.send({ ...to, template: hanging(heard) }, { signal: AbortSignal.abort() }),
    )
    expect(before).toMatchObject({ code: 'compose/aborted', summary: 'the caller aborted the send' })
    expect(heard).toEqual([])
    const rejecting = Promise.reject(new Error('no name'))
    await expect(
      mailer.send({ ...to, template: rejecting }, { signal: AbortSignal.abort() }),
    ).rejects.toThrow('compose/aborted')
    const during = new AbortController()
    const sending = failureOf(mailer.send({ ...to, template: hanging(heard) }, { signal: during.signal }))
    during.abort()
    expect(await sending).toMatchObject({ code: 'compose/aborted', delivered: 'none', retryable: true })
    expect(heard).toEqual(['asked', 'aborted'])
    const own = new AbortController()
    const ending = (): Promise<never> => {
      own.abort()
      return new Promise(() => {})
    }
    await expect(mailer.send({ ...to, template: ending }, { signal: own.signal })).rejects.toThrow(
      'compose/aborted',
    )
    expect(seen).toEqual(Array.from({ length: 4 }, () => 'failed compose/aborted'))
  })

  it('keeps its own failure if it fails before the send is aborted', async () => {
    await using mailer = new Mailer({ transport: memory() })
    const end = new AbortController()
    const sending = failureOf(mailer.send({ ...to, template: broken }, { signal: end.signal }))
    await sending
    end.abort()
    expect((await sending).code).toBe('compose/template')
  })

  it('ends when the mailer is closed and its time is over', async () => {
    const heard: string[] = []
    const mailer = new Mailer({ transport: memory(), drainMs: 5 })
    const sending = failureOf(mailer.send({ ...to, template: hanging(heard) }))
    await mailer.close()
    expect(await sending).toMatchObject({
      code: 'compose/aborted',
      summary: 'the mailer was closed before the send ended',
    })
    expect(heard).toEqual(['asked', 'aborted'])
  })

  it('and close() waits for it while it has time', async () => {
    const transport = memory()
    const mailer = new Mailer({ transport })
    const sending = mailer.send({ ...to, template: async () => (await turn(), welcome) })
    await mailer.close()
    expect(await sending).toMatchObject({ ok: true })
    expect(transport.messages).toHaveLength(1)
  })
})

describe('many templated sends', () => {
  it('that share a deadline cost no more each than a few do', async () => {
    const mailer = new Mailer({ transport: memory(), deadlineMs: 3_600_000 })
    // Everything that looks through the listeners of a signal, or through other sends, would show here.
    const listeners = vi.spyOn(AbortSignal.prototype, 'addEventListener')
    onTestFinished(() => listeners.mockRestore())
    const template = async (): Promise<TemplateContent> => (await turn(), welcome)
    const sends = Array.from({ length: 5_000 }, () => mailer.send({ ...to, template }))
    await Promise.all(sends)
    expect(mailer.stats.sent).toBe(5_000)
    expect(listeners).not.toHaveBeenCalled()
    await mailer.close()
  })
})

describe('a send without a template', () => {
  it('reaches its transport within the call, in the order of the calls', () => {
    const transport = held()
    const mailer = new Mailer({ transport })
    const names = ['a', 'b', 'c']
    for (const name of names) void mailer.send({ ...to, to: `${name}@example.com`, text: 'Hi' })
    expect(transport.sends.map(({ message }) => message.envelope.to[0])).toEqual([
      'a@example.com',
      'b@example.com',
      'c@example.com',
    ])
    for (const each of transport.sends) each.end()
  })

  it('is not held up by one with a template before it', async () => {
    const transport = held()
    const mailer = new Mailer({ transport })
    const templated = mailer.send({ ...to, to: 'slow@example.com', template: () => welcome })
    const plain = mailer.send({ ...to, text: 'Hi' })
    expect(transport.sends.map(({ message }) => message.envelope.to[0])).toEqual(['bob@example.com'])
    await turn()
    for (const each of transport.sends) each.end()
    await Promise.all([templated, plain])
    await mailer.close()
  })
})
