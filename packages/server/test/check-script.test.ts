import { startServer, type ServerScript } from '@loudmail/server'
import { describe, expect, test } from 'vitest'
import { greeted } from './raw-client.ts'

describe('a script that is not valid throws an error that names the fault', () => {
  const scripts: [script: unknown, message: string | RegExp][] = [
    [{ ons: {} }, 'Unknown key "ons" in the server script'],
    [{ caps: 'PIPELINING' }, '"caps" in the server script must be a list of EHLO keywords'],
    [{ kind: 'closed' }, '"kind" in the server script must be one of smtp'],
    [{ cert: 'best' }, '"cert" in the server script must be one of good, selfsigned, expired, wronghost'],
    [{ on: { HELLO: 'x' } }, /^Unknown event "HELLO" in the server script; the events are CONNECT EHLO /],
    [{ on: { EHLO: 5 } }, 'The action at EHLO must be a string, a function or an object'],
    [{ on: { EHLO: null } }, 'The action at EHLO must be a string, a function or an object'],
    [{ on: { EHLO: {} } }, 'Unknown action {  } at EHLO'],
    [{ on: { EHLO: { stal: true } } }, 'Unknown action { stal } at EHLO'],
    [
      { on: { EHLO: { stall: true, then: 'x' } } },
      'Unknown key "then" next to "stall" in the action at EHLO',
    ],
    [{ on: { EHLO: { close: 'fast' } } }, 'The value of "close" in the action at EHLO is not valid'],
    [{ on: { EHLO: { nth: [] } } }, 'The value of "nth" in the action at EHLO is not valid'],
    [{ on: { EHLO: { fill: { s: 'x' } } } }, 'The value of "fill" in the action at EHLO is not valid'],
    [{ on: { EHLO: { delay: 5 } } }, '"delay" in the action at EHLO needs "then"'],
    [{ on: { RCPT: { after: 5, do: 'x' } } }, '"after" can be used at BODY, not at RCPT'],
    [{ on: { RCPT: { accept: true } } }, '"accept" can be used at DOT, not at RCPT'],
    [{ on: { RCPT: { seq: [{ nth: ['x', { what: 1 }] }] } } }, 'Unknown action { what } at RCPT'],
    [{ on: { RCPT: { byRcpt: { 'a@b': { what: 1 } } } } }, 'Unknown action { what } at RCPT'],
    [{ on: { RCPT: { byRcpt: {}, default: { what: 1 } } } }, 'Unknown action { what } at RCPT'],
    [
      { on: { STARTTLS: { starttls: { stal: true } } } },
      'The value of "starttls" in the action at STARTTLS is not valid',
    ],
  ]
  test.each(scripts)('%j', async (script, message) => {
    await expect(startServer(script as ServerScript)).rejects.toThrow(message)
  })

  test('the same for an action that a function returns', async () => {
    await using server = await startServer({ on: { NOOP: () => ({ what: 1 }) as never } })
    using client = await greeted(server)
    await client.ask('NOOP')
    expect(server.connections[0]?.error?.message).toBe('Unknown action { what } at NOOP')
  })
})
