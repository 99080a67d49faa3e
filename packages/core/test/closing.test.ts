import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Mailer, MailError, memory, type MailEvent, type MessageInput, type Transport } from '../src/index.ts'
import { failAll } from '../src/transport.ts'
import { failureOf } from './scripted.ts'

const hello: MessageInput = { from: 'ann@example.com', to: 'bob@example.com', subject: 'Hello', text: 'Hi' }

/** Sends nothing, and ends a send when its signal says so: where it waits, or after the content was written. */
function stalled(status: 'not-attempted' | 'unknown'): Transport & { closed: boolean } {
  const transport: Transport & { closed: boolean } = {
    name: 'stalled()',
    closed: false,
    send: (message, context) =>
      new Promise((_resolve, reject) => {
        const end = (): void =>
          reject(
            failAll(message, status, { stage: status === 'unknown' ? 'body' : 'queue', kind: 'aborted' }),
          )
        if (context?.signal?.aborted) end()
        else context?.signal?.addEventListener('abort', end)
      }),
    close: async () => void (transport.closed = true),
  }
  return transport
}

/** Never settles, whatever happens. */
const deaf: Transport = { name: 'deaf()', send: () => new Promise(() => {}) }

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

describe('close() with drainMs', () => {
  it.each([
    ['not-attempted', 'queue/aborted', 'none'],
    ['unknown', 'body/aborted', 'unknown'],
  ] as const)('aborts what is left, and says what became of it: %s', async (status, code, delivered) => {
    const seen: string[] = []
    const observe = ({ type, error }: MailEvent): void => void seen.push(`${type} ${error?.code}`)
    const transport = stalled(status)
    const mailer = new Mailer({ transport, drainMs: 20, observe })
    const sending = failureOf(mailer.send(hello))
    mailer.sendInBackground(hello)
    await mailer.close()
    expect(seen).toEqual([`failed ${code}`, `failed ${code}`])
    expect(transport.closed).toBe(true)
    const error = await sending
    expect(error).toMatchObject({ code, delivered, summary: 'the mailer was closed before the send ended' })
    expect(error.hint).toContain('`drainMs`')
    expect(error.hint.includes('did not arrive')).toBe(delivered === 'unknown')
    expect(error.retryable).toBe(delivered === 'none')
  })

  it('aborts at once with 0, also what has not begun and sends without a deadline', async () => {
    const mailer = new Mailer({ transport: stalled('not-attempted'), drainMs: 0, deadlineMs: Infinity })
    const sending = failureOf(mailer.send(hello))
    const closing = mailer.close()
    mailer.sendInBackground(hello)
    await closing
    expect((await sending).code).toBe('queue/aborted')
  })

  it('aborts a background send that begins after the time is over', async () => {
    const codes: unknown[] = []
    const mailer = new Mailer({
      transport: stalled('not-attempted'),
      drainMs: 0,
      observe: ({ error }) => void codes.push(error?.code),
    })
    // In this phase of the event loop, timers come before what waits for the end of the turn.
    await turn()
    mailer.sendInBackground(hello)
    const closing = mailer.close()
    const busyUntil = performance.now() + 30
    while (performance.now() < busyUntil);
    await closing
    expect(codes).toEqual(['queue/aborted'])
  })

  it('settles sends of a transport that ignores the abort as unknown', async () => {
    const mailer = new Mailer({ transport: deaf, drainMs: 0 })
    const sending = failureOf(mailer.send(hello))
    await mailer.close()
    expect(await sending).toMatchObject({ code: 'submit/aborted', delivered: 'unknown' })
  })

  it('does not wait for ever for a transport that does not close, and warns', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const transport: Transport = { ...memory(), close: () => new Promise(() => {}) }
    await new Mailer({ transport, drainMs: 0 }).close()
    expect(warn).toHaveBeenCalledExactlyOnceWith('memory() did not close in time', 'LoudmailWarning')
  })

  it('passes on why a transport cannot close', async () => {
    const transport: Transport = { ...memory(), close: () => Promise.reject(new Error('stuck')) }
    await expect(new Mailer({ transport, drainMs: 5 }).close()).rejects.toThrow('stuck')
  })

  it('aborts nothing that ends in time, and leaves a failure of its caller as it is', async () => {
    const controller = new AbortController()
    const mailer = new Mailer({ transport: stalled('not-attempted'), drainMs: 60_000 })
    const sending = failureOf(mailer.send(hello, { signal: controller.signal }))
    const closing = mailer.close()
    controller.abort()
    await closing
    expect((await sending).summary).toBe('the caller aborted the send')
  })

  it('is refused if it is no number', () => {
    for (const drainMs of [-1, NaN, '5' as never])
      expect(() => new Mailer({ transport: memory(), drainMs })).toThrow('drainMs must be a number')
  })
})

it('without drainMs, close() waits until the last send has ended', async () => {
  const controller = new AbortController()
  const mailer = new Mailer({ transport: stalled('not-attempted') })
  let closed = false
  const sending = mailer.send(hello, { signal: controller.signal }).catch((error: unknown) => {
    expect(closed).toBe(false)
    return error
  })
  const closing = mailer.close().then(() => (closed = true))
  setImmediate(() => controller.abort())
  await closing
  expect(MailError.is(await sending, 'queue/aborted')).toBe(true)
})
