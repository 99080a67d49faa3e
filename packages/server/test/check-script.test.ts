import { startServer, type ServerScript } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { greeted } from './raw-client.ts'

describe('a script that means nothing throws, and says what', () => {
  const scripts: [script: unknown, message: string | RegExp][] = [
    [{ ons: {} }, 'Unknown key "ons" in the server script'],
    [{ caps: 'PIPELINING' }, '"caps" in the server script is a list of EHLO keywords'],
    [{ kind: 'closed' }, '"kind" in the server script is one of smtp'],
    [{ cert: 'best' }, '"cert" in the server script is one of good, selfsigned, expired, wronghost'],
    [{ on: { HELLO: 'x' } }, /^Unknown event "HELLO" in the server script; there are CONNECT EHLO /],
    [{ on: { EHLO: 5 } }, 'The action at EHLO is neither text, nor a function, nor an object'],
    [{ on: { EHLO: null } }, 'The action at EHLO is neither text, nor a function, nor an object'],
    [{ on: { EHLO: {} } }, 'Unknown action {  } at EHLO'],
    [{ on: { EHLO: { stal: true } } }, 'Unknown action { stal } at EHLO'],
    [{ on: { EHLO: { stall: true, then: 'x' } } }, 'Unknown key "then" beside "stall" in the action at EHLO'],
    [{ on: { EHLO: { close: 'fast' } } }, 'Bad value of "close" in the action at EHLO'],
    [{ on: { EHLO: { nth: [] } } }, 'Bad value of "nth" in the action at EHLO'],
    [{ on: { EHLO: { fill: { s: 'x' } } } }, 'Bad value of "fill" in the action at EHLO'],
    [{ on: { EHLO: { delay: 5 } } }, '"delay" in the action at EHLO needs "then"'],
    [{ on: { RCPT: { after: 5, do: 'x' } } }, '"after" is for BODY, not for RCPT'],
    [{ on: { RCPT: { accept: true } } }, '"accept" is for DOT, not for RCPT'],
    [{ on: { RCPT: { seq: [{ nth: ['x', { what: 1 }] }] } } }, 'Unknown action { what } at RCPT'],
    [{ on: { RCPT: { byRcpt: { 'a@b': { what: 1 } } } } }, 'Unknown action { what } at RCPT'],
    [{ on: { RCPT: { byRcpt: {}, default: { what: 1 } } } }, 'Unknown action { what } at RCPT'],
    [{ on: { STARTTLS: { starttls: { stal: true } } } }, 'Bad value of "starttls" in the action at STARTTLS'],
  ]
  test.each(scripts)('%j', async (script, message) => {
    await expect(startServer(script as ServerScript)).rejects.toThrow(message)
  })

  test('also when a function decides it', async () => {
    await using server = await startServer({ on: { NOOP: () => ({ what: 1 }) as never } })
    using client = await greeted(server)
    await client.ask('NOOP')
    expect(server.connections[0]?.error?.message).toBe('Unknown action { what } at NOOP')
  })
})
