import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Transport } from '@loudmail/core'
import { startServer, type ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { lookupSilent } from './lookups.ts'
import { silentPort } from './silent-port.ts'
import { walked } from './walked.ts'

/** Aborts a walk as soon as it waits for this, and gives what came of it and how long that took. */
async function interrupted(target: Parameters<typeof walked>[0], what: string) {
  const abort = new AbortController()
  let abortedAt = 0
  const onWait = (waiting: string): void => {
    if (!waiting.includes(what) || abort.signal.aborted) return
    // A little later, the step is under way.
    setTimeout(() => {
      abortedAt = performance.now()
      abort.abort()
    }, 50)
  }
  const found = await walked(target, { signal: abort.signal, onWait, timeoutMs: 15_000 })
  return { ...found, tookMs: performance.now() - abortedAt }
}

describe('Ctrl-C ends a walk at once', () => {
  it.each<[string, string, ServerScript]>([
    ['at the greeting', 'the greeting', { on: { CONNECT: { stall: true } } }],
    ['at EHLO', 'EHLO', { on: { EHLO: { stall: true } } }],
    ['at the log-in', 'the log-in', { caps: ['AUTH PLAIN'], on: { AUTH: { stall: true } } }],
    ['at MAIL', 'MAIL FROM', { caps: ['AUTH PLAIN'], on: { MAIL: { stall: true } } }],
    [
      'at PIPELINING',
      'together',
      { caps: ['AUTH PLAIN', 'PIPELINING'], on: { MAIL: { nth: [{ pass: true }, { stall: true }] } } },
    ],
  ])('%s', async (_title, what, script) => {
    const server = await startServer(script)
    const auth = { user: 'ann@example.com', pass: 's3cret-word' }
    const options = { host: server.host, port: server.port, ...(script.caps && { auth }) }
    const { failure, steps, tookMs } = await interrupted({ options }, what)
    expect(failure?.kind).toBe('aborted')
    expect(tookMs).toBeLessThan(1_000)
    expect(steps.some(({ verdict }) => verdict === 'fail')).toBe(false)
    await server.close()
  })

  it('at the look-up', async () => {
    const options = { host: 'localhost', lookup: lookupSilent }
    const { failure, tookMs } = await interrupted({ options }, 'name look-up')
    expect(failure?.kind).toBe('aborted')
    expect(tookMs).toBeLessThan(1_000)
  })

  it('at TCP', async () => {
    await using silent = await silentPort()
    const { failure, tookMs } = await interrupted(
      { options: { host: '127.0.0.1', port: silent.port } },
      'TCP',
    )
    expect(failure?.kind).toBe('aborted')
    expect(tookMs).toBeLessThan(1_000)
  })

  it('at a transport that does not listen', async () => {
    const transport: Transport = {
      name: 'own',
      send: () => new Promise(() => {}),
      verify: () => new Promise(() => {}),
    }
    const { failure, tookMs } = await interrupted({ transport }, 'own.verify()')
    expect(failure?.kind).toBe('aborted')
    expect(tookMs).toBeLessThan(1_000)
  })
})

const WALK = fileURLToPath(new URL('../../src/doctor/walk.ts', import.meta.url))

describe('after a walk, the program ends by itself', () => {
  it.each<[string, ServerScript]>([
    ['that went well', {}],
    ['whose server never closes its side', { on: { QUIT: { stall: true } } }],
    ['that failed', { on: { MAIL: { stall: true } } }],
  ])('%s', async (_title, script) => {
    await using server = await startServer(script)
    const program = `
      import { walk } from ${JSON.stringify(WALK)}
      const options = { host: '127.0.0.1', port: ${server.port}, timeouts: { 'mail-from': 300 } }
      const target = { url: '', options, words: 'smtp', steps: [] }
      const { failure } = await walk(target, { to: [], timeoutMs: 3000, signal: AbortSignal.any([]), onStep() {} })
      console.log(failure?.code ?? 'ok')
      const begun = performance.now()
      process.on('exit', () => { if (performance.now() - begun > 1500) process.exitCode = 9 })
    `
    const child = spawn(
      process.execPath,
      ['--conditions=@loudmail/source', '--input-type=module-typescript', '-e', program],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    )
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})
