import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Mailer, MailError, memory, type MessageInput, type Transport } from '../src/index.ts'

const hello: MessageInput = { from: 'ann@example.com', to: 'bob@example.com', subject: 'Hello', text: 'Hi' }

const refused = (): MailError => new MailError({ stage: 'connect', kind: 'connection-refused' })

/** A transport that calls the function for every send. */
const acting = (act: () => unknown): Transport => ({ name: 'acting()', send: async () => act() as never })

const failing = acting(() => {
  throw refused()
})

let printed: string[]

beforeEach(() => {
  printed = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line))
})
afterEach(() => void vi.restoreAllMocks())

describe('sendMany', () => {
  const numbered = function* (count: number): Generator<MessageInput> {
    for (let n = 0; n < count; n++) yield { ...hello, subject: String(n) }
  }

  it('yields every message once, including failed ones, and never throws for them', async () => {
    let calls = 0
    const transport = acting(() => {
      if (calls++ % 3 === 0) throw refused()
      return { transport: 'acting()', state: 'sent', failures: [] }
    })
    const mailer = new Mailer({ transport })
    const seen: [number, boolean][] = []
    for await (const { index, receipt } of mailer.sendMany(numbered(10))) seen.push([index, receipt.ok])
    expect(seen.map(([index]) => index).toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 10 }).keys(),
    ])
    expect(seen.filter(([, ok]) => !ok)).toHaveLength(4)
    expect(mailer.stats).toMatchObject({ sent: 6, failed: 4, silenced: 0 })
    expect(printed).toEqual([])
  })

  it('prints a failure only if nobody reads its receipt', async () => {
    const program = (loop: string): string => `
      import { Mailer, memory } from '@loudmail/core'
      const mailer = new Mailer({ transport: memory() })
      const messages = Array.from({ length: 3 }, (_, n) => ({ from: 'ann@example.com', text: '', to: n === 1 ? 'nobody' : 'bob@example.com' }))
      ${loop}
    `
    const output = async (loop: string, ...flags: string[]): Promise<string> => {
      const values = [...flags, '--conditions=@loudmail/source', '--input-type=module', '-e', program(loop)]
      const { stdout, stderr } = await promisify(execFile)(process.execPath, values, {
        cwd: import.meta.dirname,
      })
      return stdout + stderr.replaceAll(/.*Warning.*\n/g, '')
    }
    expect(await output('for await (const _ of mailer.sendMany(messages)) {}')).toMatch(
      /^loudmail: unread failure compose\/invalid-address: .*\n$/,
    )
    expect(
      await output(
        `for await (const _ of mailer.sendMany(messages)) {}
        await new Promise((resolve) => setTimeout(resolve, 10))
        gc()
        await new Promise((resolve) => setTimeout(resolve, 10))
        console.log('and on')`,
        '--expose-gc',
      ),
    ).toMatch(/unread failure/)
    expect(
      await output(
        'for (const { receipt } of await Array.fromAsync(mailer.sendMany(messages))) void receipt',
      ),
    ).toBe('')
  })

  it.each([[{ to: 'bob@example.com' }], ['bob@example.com'], [undefined], [7]])(
    'of something else than messages is a mistake: %j',
    (inputs) => {
      const mailer = new Mailer({ transport: memory() })
      expect(() => mailer.sendMany(inputs as never)).toThrow(/sendMany\(\) needs an array/)
    },
  )

  it('is bounded and has back-pressure', async () => {
    let pulled = 0
    const source = function* (): Generator<MessageInput> {
      for (const input of numbered(100)) {
        pulled++
        yield input
      }
    }
    let most = 0
    let taken = 0
    for await (const _ of new Mailer({ transport: memory() }).sendMany(source(), { concurrency: 4 })) {
      taken++
      most = Math.max(most, pulled - taken)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(taken).toBe(100)
    expect(most).toBeLessThanOrEqual(4)
  })

  it('leaving the loop stops reading messages, waits for sends in progress, and prints failures that nobody received', async () => {
    let pulled = 0
    let closed = false
    const source = (async function* (): AsyncGenerator<MessageInput> {
      try {
        for (const input of numbered(100)) {
          pulled++
          yield input
        }
      } finally {
        closed = true
      }
    })()
    const mailer = new Mailer({ transport: failing })
    for await (const { receipt } of mailer.sendMany(source, { concurrency: 3 })) {
      expect(receipt.ok).toBe(false)
      await new Promise((resolve) => setImmediate(resolve))
      break
    }
    expect(closed).toBe(true)
    expect(pulled).toBeLessThan(10)
    expect(mailer.stats.failed).toBeGreaterThan(1)
    expect(printed).toHaveLength(mailer.stats.failed - 1)
  })

  it('an error of the source is thrown after its messages were sent', async () => {
    const source = function* (): Generator<MessageInput> {
      yield hello
      throw new RangeError('source')
    }
    const seen: boolean[] = []
    const run = async (): Promise<void> => {
      for await (const { receipt } of new Mailer({ transport: memory() }).sendMany(source()))
        seen.push(receipt.ok)
    }
    await expect(run()).rejects.toThrow(RangeError)
    expect(seen).toEqual([true])
  })

  it('a slow source does not delay what has settled', async () => {
    const source = (async function* (): AsyncGenerator<MessageInput> {
      yield hello
      await new Promise(() => {})
    })()
    for await (const { receipt } of new Mailer({ transport: memory() }).sendMany(source)) {
      expect(receipt.ok).toBe(true)
      break
    }
  })
})
