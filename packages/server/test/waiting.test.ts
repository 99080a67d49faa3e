import { startServer, type CapturedMessage } from '@loudmail/server'
import { describe, expect, test, vi } from 'vitest'
import { atBody, connectTo, greeted } from './raw-client.ts'

describe('waiting', () => {
  test('for a message that arrives later, and one that has arrived', async () => {
    const heard: CapturedMessage[] = []
    await using server = await startServer({ onMessage: (message) => heard.push(message) })
    const later = server.waitFor('message')
    using client = await atBody(server)
    await client.ask('.')
    expect(await later).toBe(server.messages[0])
    expect(await server.waitFor('message', ({ id }) => id === 1)).toBe(server.messages[0])
    expect(heard).toEqual(server.messages)
  })

  test('for a command or a connection, past or future', async () => {
    await using server = await startServer()
    const future = server.waitFor('command', ({ line }) => line === 'NOOP x')
    using client = await greeted(server)
    await client.ask('NOOP x')
    const past = await server.waitFor('command', ({ command }) => command === 'NOOP')
    expect(await future).toEqual(past)
    expect(past).toMatchObject({ command: 'NOOP', line: 'NOOP x', connection: { id: 1 } })
    expect(await server.waitFor('connection')).toBe(past.connection)
  })

  test('for a line of a conversation, past or future', async () => {
    await using server = await startServer()
    const future = server.waitFor('entry', ({ entry }) => entry.text === '250 2.0.0 Ok')
    using client = await greeted(server)
    await client.ask('NOOP')
    expect(await future).toMatchObject({ connection: { id: 1 }, entry: { from: 'server' } })
    expect(await server.waitFor('entry')).toMatchObject({ entry: { text: '220 localhost ESMTP ready' } })
  })

  test('ends with the signal, and with the server', async () => {
    await using server = await startServer()
    const abort = new AbortController()
    const aborted = server.waitFor('message', undefined, { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const pending = server.waitFor('message')
    await Promise.all([expect(pending).rejects.toThrow('The server is closed'), server.close()])
    await expect(server.waitFor('message')).rejects.toThrow('The server is closed')
  })

  test('a listener that throws causes a warning, and is not called after it is removed', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    await using server = await startServer()
    const stop = server.on('command', () => {
      throw new Error('a bug')
    })
    using client = await connectTo(server)
    expect(await client.reply()).toMatch(/^220/)
    expect(await client.ask('NOOP')).toBe('250 2.0.0 Ok')
    stop()
    expect(await client.ask('NOOP')).toBe('250 2.0.0 Ok')
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
  })
})
