import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { startServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { loudmail, start } from '../cli.ts'

const MESSAGE = ['--from', 'ann@example.com', '--to', 'bob@example.org', '--subject', 'Hi']
const FULL = { on: { RCPT: '452 4.2.2 Mailbox full' } }
const UNKNOWN = { on: { RCPT: '550 5.1.1 No such user' } }

describe('a message that is sent', () => {
  it('takes one line, with the reply of the server', async () => {
    await using server = await startServer()
    const { stdout, stderr, status } = await loudmail(['send', server.url, ...MESSAGE])
    expect(stdout).toMatch(
      /^✓ sent <\S+> through smtp\(127\.0\.0\.1:\d+\) in \d+ ms: 250 2\.0\.0 Ok: queued as 1\n$/,
    )
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it('shows its conversation with --transcript', async () => {
    await using server = await startServer()
    const { stdout } = await loudmail(['send', server.url, ...MESSAGE, '--transcript'])
    expect(stdout).toMatch(/C: RCPT TO:<bob@example\.org>$/m)
    expect(stdout).toMatch(/S: 250 2\.0\.0 Ok: queued as 1$/m)
  })

  it('is one JSON object with --json', async () => {
    await using server = await startServer()
    const plain = await loudmail(['send', server.url, ...MESSAGE, '--json'])
    expect(JSON.parse(plain.stdout)).toEqual({
      ok: true,
      state: 'sent',
      response: '250 2.0.0 Ok: queued as 1',
      messageId: expect.stringMatching(/^<.+@example\.com>$/) as string,
      transport: `smtp(127.0.0.1:${server.port})`,
      durationMs: expect.any(Number) as number,
      failures: [],
    })
    const recorded = await loudmail(['send', server.url, ...MESSAGE, '--json', '--transcript'])
    const { transcript } = JSON.parse(recorded.stdout) as { transcript: { entries: { text: string }[] } }
    expect(transcript.entries.map((entry) => entry.text)).toContain('RCPT TO:<bob@example.org>')
  })
})

describe('a message that fails', () => {
  it('says what happened, what the server said, what to do, and shows the conversation', async () => {
    await using server = await startServer(UNKNOWN)
    const { stdout, stderr, status } = await loudmail(['send', server.url, ...MESSAGE])
    expect(stdout).toMatch(/^✗ rcpt-to\/mailbox-unknown\n/)
    expect(stdout).toContain('the server said 550 5.1.1 No such user')
    expect(stdout).toContain('bob@example.org: rejected')
    expect(stdout).toContain('what to do')
    expect(stdout).toMatch(/S: 550 5\.1\.1 No such user$/m)
    expect({ stderr, status }).toEqual({ stderr: '', status: 1 })
  })

  it('is one JSON object with --json, with its transcript', async () => {
    await using server = await startServer(FULL)
    const { stdout, status } = await loudmail(['send', server.url, ...MESSAGE, '--json'])
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      state: 'failed',
      error: {
        code: 'rcpt-to/mailbox-full',
        stage: 'rcpt-to',
        kind: 'mailbox-full',
        summary: expect.stringContaining('Mailbox full') as string,
        hint: expect.any(String) as string,
        delivered: 'none',
        permanence: 'transient',
        retryable: true,
        reply: expect.objectContaining({ code: 452, enhanced: '4.2.2', text: 'Mailbox full' }) as object,
        recipients: [expect.objectContaining({ address: 'bob@example.org', status: 'rejected' })],
      },
      silenced: false,
      messageId: expect.any(String) as string,
      transport: `smtp(127.0.0.1:${server.port})`,
      durationMs: expect.any(Number) as number,
      failures: [],
      transcript: { entries: expect.any(Array) as object[] },
    })
    expect(status).toBe(1)
  })

  it.each([
    ['loud', FULL, 1],
    ['silent', UNKNOWN, 0],
    ['silence-transient', FULL, 0],
    ['silence-transient', UNKNOWN, 1],
    ['silence-recipients', UNKNOWN, 0],
    ['silence-recipients', { on: { MAIL: '451 4.3.0 Not now' } }, 1],
  ])('counts as --policy %s says', async (policy, script, wanted) => {
    await using server = await startServer(script)
    const reply = Object.values(script.on)[0]!.slice(10)
    for (const format of [[], ['--json']]) {
      const run = await loudmail(['send', server.url, ...MESSAGE, '--policy', policy, ...format])
      expect(run.status).toBe(wanted)
      // A silenced failure is never lost.
      if (wanted === 0) expect(run.stderr).toMatch(new RegExp(`silenced by --policy.*${reply}`, 's'))
      if (format.length > 0)
        expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, silenced: wanted === 0 })
      else expect(run.stdout === '').toBe(wanted === 0)
    }
  })

  it('is tried again with --retry', async () => {
    await using server = await startServer({
      on: { RCPT: { nthGlobal: ['451 4.7.1 Greylisted', { pass: true }] } },
    })
    const args = ['send', server.url, ...MESSAGE, '--retry', '--json']
    const { stdout, stderr, status } = await loudmail(args)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, failures: [{ code: 'rcpt-to/greylisted' }] })
    expect(stderr).toContain('An attempt failed: rcpt-to/greylisted')
    expect(status).toBe(0)
  })

  it('ends at the deadline, and says that it may have been delivered', async () => {
    await using server = await startServer({ on: { DOT: { stall: true } } })
    const { stdout, status } = await loudmail(['send', server.url, ...MESSAGE, '--deadline', '0.5'])
    expect(stdout).toMatch(/^✗ body\/timeout\n/)
    expect(stdout).toContain('another attempt could deliver it twice')
    expect(status).toBe(1)
  })

  it('ends at Ctrl-C, and says that it may have been delivered', async () => {
    await using server = await startServer({ on: { DOT: { stall: true } } })
    const child = start(['send', server.url, ...MESSAGE])
    const [stdout, , [status]] = await Promise.all([
      text(child.stdout!),
      server
        .waitFor('command', ({ command }) => command === 'DATA')
        .then(async ({ connection }) => {
          await expect.poll(() => connection.entries.at(-1)?.text).toMatch(/octets|^\.$/)
          child.kill('SIGINT')
        }),
      once(child, 'close'),
    ])
    expect(stdout).toMatch(/^✗ body\/aborted\n/)
    expect(stdout).toContain('You stopped it with Ctrl-C.')
    expect(stdout).toContain('may have been delivered')
    expect(status).toBe(130)
  })

  it('does not hide the others', async () => {
    await using server = await startServer({
      on: { RCPT: { byRcpt: { 'bob@example.org': '550 5.1.1 No such user' } } },
    })
    const input = ['ann', 'bob', 'cleo']
      .map((name) => JSON.stringify({ from: 'a@example.com', to: `${name}@example.org`, subject: name }))
      .join('\n')
    const { stdout, stderr, status } = await loudmail(['send', server.url, '-', '--json'], { input })
    const results = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { ok: boolean }).ok)
    expect(results.filter((ok) => ok)).toHaveLength(2)
    expect(results).toHaveLength(3)
    expect({ stderr, status }).toEqual({ stderr: '2 sent, 1 failed\n', status: 1 })
  })
})

it('waits for standard input only until Ctrl-C', async () => {
  const child = start(['send', 'memory:', '--from', 'ann@example.com', '--to', 'bob@example.org'])
  // Large enough that it is read before it is written completely.
  await new Promise((resolve) => child.stdin!.write(Buffer.alloc(1_000_000, 'a'), resolve))
  child.stdin!.on('error', () => {})
  child.kill('SIGINT')
  const [status] = (await once(child, 'close')) as [number]
  expect(status).toBe(130)
})

it('does not let a server control the terminal', async () => {
  await using server = await startServer({
    on: { DOT: '250 Ok \u001B[31m\u001B]0;x\u0007', RCPT: { pass: true } },
  })
  const { stdout } = await loudmail(['send', server.url, ...MESSAGE])
  expect(stdout).toContain(String.raw`Ok \u001b[31m`)
  await using refusing = await startServer({ on: { RCPT: '550 No \u001B[31m' } })
  const failed = await loudmail(['send', refusing.url, ...MESSAGE])
  expect(failed.stdout).toContain(String.raw`No \u001b[31m`)
  // oxlint-disable-next-line no-control-regex
  expect(stdout + failed.stdout).not.toMatch(/\u001B/)
})
