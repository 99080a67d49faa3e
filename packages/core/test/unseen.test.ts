import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Mailer, MailError, memory, type MailEvent, type Observer, type Transport } from '../src/index.ts'
import { failAll } from '../src/transport.ts'
import { failureOf, three } from './scripted.ts'

const failing: Transport = {
  name: 'failing()',
  async send(message) {
    throw failAll(message, 'not-attempted', { stage: 'connect', kind: 'timeout', hint: 'Wait.' })
  },
}

const silent = (observe?: Observer | Observer[]): Mailer =>
  new Mailer({ transport: failing, failure: 'silent', ...(observe && { observe }) })

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

let printed: string[]
beforeEach(() => {
  printed = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
})
afterEach(() => void vi.restoreAllMocks())

describe('a line of what nobody has seen', () => {
  it('names the failure, its message and what to do', async () => {
    const { messageId, error } = await silent().send(three)
    expect(printed).toEqual([`loudmail: silenced ${error!.message} ${messageId} - Wait.`])
  })

  it('leaves out the message where it could not be built', async () => {
    const { error } = await silent().send({ ...three, to: [] })
    expect(printed).toEqual([`loudmail: silenced ${error!.message} - ${error!.hint}`])
  })

  it('is printed at once, where no observer is busy with it', async () => {
    let late: ((error: MailError) => void) | undefined
    const doubtful: Transport = {
      name: 'doubtful()',
      async send(message, context) {
        late = context!.late
        throw failAll(message, 'unknown', { stage: 'body', kind: 'timeout' })
      },
    }
    await failureOf(new Mailer({ transport: doubtful, observe: () => {} }).send(three))
    late!(new MailError({ stage: 'body', kind: 'spam' }))
    expect(printed).toHaveLength(1)
  })

  it('is printed when the process ends, where an observer is still busy with it', async () => {
    const others = process.listeners('exit')
    const ours = () => process.listeners('exit').filter((listener) => !others.includes(listener))
    const busy: ((take: boolean) => void)[] = []
    const observe: Observer = async (event) => {
      if (await new Promise<boolean>((resolve) => busy.push(resolve))) void event.error
    }
    const mailer = silent(observe)
    await mailer.send(three)
    expect([printed.length, ours().length]).toEqual([0, 1])
    await mailer.send(three)
    expect([printed.length, ours().length]).toEqual([0, 1])

    ours()[0]!(0)
    expect(printed).toHaveLength(2)

    busy[0]!(true)
    await turn()
    expect([printed.length, ours().length]).toEqual([2, 1])
    ours()[0]!(0)
    expect(printed).toHaveLength(3)

    busy[1]!(false)
    await turn()
    expect([printed.length, ours().length]).toEqual([4, 0])
  })
})

describe('a failure is seen', () => {
  it.each<[string, Observer[]]>([
    ['by one who answers null', [(event) => (void event.error, null as never)]],
    ['by one of two, while the other takes its time', [(event) => void event.error, async () => {}]],
    [
      'by one who takes its time, while the other does not look',
      [() => {}, async (event) => void event.error],
    ],
  ])('%s', async (_who, observers) => {
    const warn = vi.spyOn(process, 'emitWarning')
    await silent(observers).send(three)
    await turn()
    expect(printed).toEqual([])
    expect(warn).not.toHaveBeenCalled()
  })
})

describe('where the console fails, a line goes', () => {
  const fails = (): never => {
    throw new Error('no')
  }
  const rejects = (): Promise<never> => Promise.reject(new Error('no'))

  it.each([
    ['throws', fails, 'threw'],
    ['rejects', rejects, 'rejected'],
  ])('to stderr: it %s', async (_how, error, how) => {
    vi.spyOn(console, 'error').mockImplementation(error as () => void)
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const receipt = await silent().send(three)
    await turn()
    expect(write.mock.calls).toEqual([
      [`loudmail: silenced ${receipt.error!.message} ${receipt.messageId} - Wait.\n`],
    ])
    expect(warn.mock.calls).toEqual([[`console.error() ${how}: Error: no`, 'LoudmailWarning']])
  })

  it('to a process warning, where stderr fails too', async () => {
    vi.spyOn(console, 'error').mockImplementation(fails)
    vi.spyOn(process.stderr, 'write').mockImplementation(fails)
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await silent().send(three)
    expect(warn.mock.calls).toEqual([
      ['console.error() threw: Error: no', 'LoudmailWarning'],
      ['process.stderr.write() threw: Error: no', 'LoudmailWarning'],
      [expect.stringMatching(/^loudmail: silenced connect\/timeout/), 'LoudmailWarning'],
    ])
  })

  it('nowhere else, where it was printed', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await silent().send(three)
    expect(printed).toHaveLength(1)
    expect(write).not.toHaveBeenCalled()
  })
})

describe('the event of a message that was sent', () => {
  it('has no error', async () => {
    const events: MailEvent[] = []
    await new Mailer({ transport: memory(), observe: (event) => void events.push(event) }).send(three)
    expect(events.map((event) => [event.type, 'error' in event])).toEqual([['sent', false]])
  })
})
