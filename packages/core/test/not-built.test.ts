import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  failover,
  Mailer,
  memory,
  type MessageInput,
  type Transport,
  type TransportContext,
  type WrittenMessage,
} from '../src/index.ts'

const bad = { to: 'bob', subject: 'Hello' }

interface Told {
  readonly name: string
  readonly written: WrittenMessage
  readonly code: string
  readonly context: TransportContext | undefined
}

function keeping(name: string, told: Told[], then: () => Promise<void> = async () => {}): Transport {
  return {
    ...memory(),
    name,
    notBuilt(written, { code }, context) {
      told.push({ name, written, code, context })
      return then()
    },
  }
}

describe('a transport that keeps mails', () => {
  it('is told of a message that could not be built, as it was written, over the defaults', async () => {
    const told: Told[] = []
    const mailer = new Mailer({ transport: keeping('a', told), defaults: { from: 'ann@example.com' } })
    await expect(mailer.send(bad)).rejects.toMatchObject({ code: 'compose/invalid-address' })
    await expect(mailer.send({ ...bad, subject: undefined, raw: 'x' })).rejects.toMatchObject({
      stage: 'compose',
    })
    await expect(mailer.send(null as unknown as MessageInput)).rejects.toMatchObject({ stage: 'compose' })
    expect(told.map(({ written }) => written)).toEqual([
      { from: 'ann@example.com', to: 'bob', subject: 'Hello' },
      { to: 'bob', raw: 'x' },
      { from: 'ann@example.com' },
    ])
    expect(told[0]).toMatchObject({
      code: 'compose/invalid-address',
      context: { signal: expect.any(AbortSignal) as unknown },
    })
  })

  it('is told what the template made, and not of the template', async () => {
    const told: Told[] = []
    const mailer = new Mailer({ transport: keeping('a', told) })
    await expect(mailer.send({ ...bad, template: () => ({ text: 'Hi' }) })).rejects.toThrow('compose')
    const template = (): never => {
      throw new Error('no name')
    }
    await expect(mailer.send({ ...bad, template })).rejects.toThrow('compose/template')
    expect(told.map(({ code, written }) => [code, written])).toEqual([
      ['compose/invalid-address', { to: 'bob', subject: 'Hello', text: 'Hi' }],
      ['compose/template', { to: 'bob', subject: 'Hello' }],
    ])
  })

  it('inside a wrapper is told once: the first that keeps mails', async () => {
    const told: Told[] = []
    const transport = failover(memory(), keeping('a', told), keeping('b', told))
    await expect(new Mailer({ transport }).send(bad)).rejects.toThrow('compose')
    expect(told.map(({ name }) => name)).toEqual(['a'])
    expect('notBuilt' in failover(memory(), memory())).toBe(false)
  })

  it.each<[string, () => Promise<void>]>([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
  ])('and %s causes a warning, and the failure stays what it is', async (_what, then) => {
    const heard: string[] = []
    const note = ({ message }: Error): unknown => heard.push(message)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))
    const mailer = new Mailer({ transport: keeping('a', [], then) })
    await expect(mailer.send(bad)).rejects.toMatchObject({ code: 'compose/invalid-address' })
    await vi.waitFor(() =>
      expect(heard).toEqual([expect.stringMatching(/notBuilt\(\) of the transport .*no/)]),
    )
    expect(mailer.stats).toMatchObject({ failed: 1, attemptsFailed: 0 })
  })

  it('and never answers holds a send up until its deadline, and a second more', async () => {
    const mailer = new Mailer({ transport: keeping('a', [], () => new Promise(() => {})), deadlineMs: 20 })
    await expect(mailer.send(bad)).rejects.toMatchObject({ code: 'compose/invalid-address' })
    const { signal } = new AbortController()
    const ended = AbortSignal.abort()
    await expect(mailer.send(bad, { signal: AbortSignal.any([signal, ended]) })).rejects.toMatchObject({
      code: 'compose/invalid-address',
    })
    await mailer.close()
  })
})
