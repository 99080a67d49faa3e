import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { closedPort, startServer, type SmtpServer } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import type { LoadSummary } from '../../src/send/load/load-summary.ts'
import { loudmail, start } from '../cli.ts'

const PEOPLE = ['--from', 'ann@example.com', '--to', 'bob@example.org']

const messageIdOf = (content: Buffer): string | undefined =>
  /^Message-ID: (<.+>)\r$/im.exec(content.toString('latin1'))?.[1]

/** How many AUTH commands a server has got. */
const logIns = ({ connections }: SmtpServer): number =>
  connections.flatMap(({ entries }) => entries).filter(({ text: said }) => said.startsWith('AUTH ')).length

/** Refuses every tenth recipient. */
function refusingSome(): () => string | undefined {
  let count = 0
  return () => (++count % 10 === 0 ? '452 4.2.2 Mailbox full' : undefined)
}

describe('a load check', () => {
  it('adds up with what the server took', async () => {
    await using server = await startServer({ on: { RCPT: refusingSome() } })
    const args = ['send', server.url, ...PEOPLE, '--repeat', '300', '--json']
    const { stdout, stderr, status } = await loudmail(args)
    expect({ stderr, status }).toEqual({ stderr: '', status: 1 })
    const summary = JSON.parse(stdout) as LoadSummary
    expect(summary).toMatchObject({ requested: 300, sent: 270, failed: 30, notStarted: 0 })
    expect(summary.failures).toEqual([
      {
        code: 'rcpt-to/mailbox-full',
        count: 30,
        summary: expect.stringContaining('452 4.2.2 Mailbox full') as string,
        hint: expect.stringContaining('Try again') as string,
      },
    ])
    // The seconds are rounded to milliseconds, and a fast run takes few of them.
    expect((summary.ratePerSecond * summary.seconds) / 270).toBeCloseTo(1, 1)
    const { p50, p90, p95, p99, max } = summary.latencyMs!
    expect([p50, p90, p95, p99, max]).toEqual([p50, p90, p95, p99, max].toSorted((a, b) => a - b))
    expect(p50).toBeGreaterThan(0)
    expect(summary.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(270)
    expect(server.messages).toHaveLength(270)
    expect(new Set(server.messages.map(({ content }) => messageIdOf(content))).size).toBe(270)
  })

  it('prints a summary for people', async () => {
    await using server = await startServer({ on: { RCPT: refusingSome() } })
    const { stdout, status } = await loudmail(['send', server.url, ...PEOPLE, '--repeat', '50'])
    expect(stdout).toMatch(/^45 sent, 5 failed, in \d+\.\d\d s\n[\d,.]+ messages a second\n/)
    expect(stdout).toContain('✗ rcpt-to/mailbox-full  5 times. For example:')
    expect(stdout).toMatch(/p50 [\d.]+ {3}p90 [\d.]+ {3}p95 [\d.]+ {3}p99 [\d.]+ {3}max [\d.]+/)
    expect(stdout).toMatch(/up to [\d.]+ {2}█+ +\d+$/m)
    expect(status).toBe(1)
  })

  it('counts failures as --policy says', async () => {
    await using server = await startServer({ on: { RCPT: refusingSome() } })
    const args = ['send', server.url, ...PEOPLE, '--repeat', '20', '--policy', 'silence-transient']
    expect((await loudmail(args)).status).toBe(0)
  })

  it('gives a whole message a Message-ID of its own each time, and changes nothing else', async () => {
    await using server = await startServer({ caps: ['PIPELINING', '8BITMIME'] })
    const folder = await mkdtemp(join(tmpdir(), 'loudmail-load-'))
    const before = 'From: ann@example.com\r\nTo: bob@example.org\r\n'
    const after = 'Subject: x\r\n\r\n\xE4\r\nMessage-ID: <stays@example.com>\r\n'
    await writeFile(
      join(folder, 'mail.eml'),
      Buffer.from(`${before}Message-ID:\r\n <old@example.com>\r\n${after}`, 'latin1'),
    )
    const run = await loudmail(['send', server.url, 'mail.eml', '--repeat', '20'], { cwd: folder })
    expect(run.status).toBe(0)
    const contents = server.messages.map(({ content }) => content.toString('latin1'))
    expect(new Set(server.messages.map(({ content }) => messageIdOf(content))).size).toBe(20)
    expect(
      new Set(contents.map((content) => content.replace(/^Message-ID: <.*@example\.com>\r\n/m, ''))),
    ).toEqual(new Set([before + after]))
  })

  it('does not repeat the Message-ID of a message in JSON', async () => {
    await using server = await startServer()
    const message = {
      from: 'ann@example.com',
      to: 'bob@example.org',
      text: 'Hi',
      messageId: '<x@example.com>',
    }
    const raw = { raw: 'Subject: x\r\n\r\n', envelope: { from: 'ann@example.com', to: 'bob@example.org' } }
    for (const input of [message, raw])
      await loudmail(['send', server.url, '-', '--repeat', '5'], { input: JSON.stringify(input) })
    const ids = server.messages.map(({ content }) => messageIdOf(content))
    expect(new Set(ids).size).toBe(10)
    expect(ids).not.toContain(undefined)
  })

  it('uses as many connections as --connections says', async () => {
    await using server = await startServer({ on: { DOT: { delay: 20, then: { pass: true } } } })
    for (const connections of [2, 7]) {
      const options = ['--repeat', '70', '--connections', String(connections)]
      await loudmail(['send', server.url, ...PEOPLE, ...options])
      expect(server.connections).toHaveLength(connections)
      expect(server.messages).toHaveLength(70)
      await expect.poll(() => server.connections.every(({ closedAt }) => closedAt)).toBe(true)
      server.clear()
    }
  })

  it('keeps the rate of --rate, whatever the server takes for a message', async () => {
    await using server = await startServer({ on: { DOT: { delay: 100, then: { pass: true } } } })
    const options = ['--repeat', '400', '--rate', '100', '--connections', '40', '--json']
    const { stdout } = await loudmail(['send', server.url, ...PEOPLE, ...options])
    const summary = JSON.parse(stdout) as LoadSummary
    expect(summary.sent).toBe(400)
    expect(summary.wantedRatePerSecond).toBe(100)
    // The last message starts after 3.99 s, and the server takes a tenth of a second for it. The rest is for a busy machine.
    expect(summary.seconds).toBeGreaterThan(4)
    expect(summary.seconds).toBeLessThan(4.6)
    expect(summary.ratePerSecond).toBeCloseTo(400 / summary.seconds, 0)
    expect(server.messages).toHaveLength(400)
  })

  it('ends at Ctrl-C with what is in progress, and prints its summary', async () => {
    await using server = await startServer({ on: { DOT: { delay: 50, then: { pass: true } } } })
    const child = start(['send', server.url, ...PEOPLE, '--repeat', '1000000', '--json'])
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout!),
      text(child.stderr!),
      once(child, 'close'),
      server.waitFor('message', ({ id }) => id === 20).then(() => child.kill('SIGINT')),
    ])
    const { sent, failed, notStarted } = JSON.parse(stdout) as LoadSummary
    expect({ sent, failed, notStarted }).toEqual({
      sent: server.messages.length,
      failed: 0,
      notStarted: 1_000_000 - server.messages.length,
    })
    expect(stderr).toContain('No more messages are started.')
    expect(status).toBe(130)
  })

  it.each([[[]], [['--rate', '500']], [['--policy', 'silent']]])(
    'stops at the first refused log-in with %j, because more could lock the account',
    async (options) => {
      await using server = await startServer({ caps: ['AUTH PLAIN'], users: { ann: 'right' } })
      const url = `smtp://ann:wrong-one@127.0.0.1:${server.port}`
      const args = ['send', url, ...PEOPLE, '--repeat', '50', ...options]
      const { stdout, status } = await loudmail(args)
      expect(stdout).toMatch(/^0 sent, 1 failed, 49 not started, in /)
      expect(stdout).toContain('No more messages were started after auth/bad-credentials')
      expect(status).toBe(1)
      const { stdout: json } = await loudmail([...args, '--json'])
      expect(JSON.parse(json)).toMatchObject({ stoppedBy: 'auth/bad-credentials', failed: 1, notStarted: 49 })
      expect(logIns(server)).toBe(2)
    },
  )

  it('stops at a refused log-in, too, if another server takes the message', async () => {
    await using first = await startServer({ caps: ['AUTH PLAIN'], users: { ann: 'right' } })
    await using second = await startServer()
    const url = `failover(smtp://ann:wrong-one@127.0.0.1:${first.port} ${second.url})`
    const { stdout, status } = await loudmail(['send', url, ...PEOPLE, '--repeat', '50'])
    expect(stdout).toMatch(/^1 sent, 0 failed, 49 not started, in /)
    expect(status).toBe(1)
    expect(logIns(first)).toBe(1)
  })

  it('goes on after log-ins that are refused for now', async () => {
    await using server = await startServer({
      caps: ['AUTH PLAIN'],
      on: { AUTH: { nthGlobal: ['454 4.7.0 Temporary authentication failure', { pass: true }] } },
    })
    const url = `smtp://ann:word@127.0.0.1:${server.port}`
    const { stdout } = await loudmail(['send', url, ...PEOPLE, '--repeat', '20'])
    expect(stdout).toMatch(/^19 sent, 1 failed, in /)
  })

  it('needs one message', async () => {
    const input = JSON.stringify([{ from: 'ann@example.com' }, { from: 'ann@example.com' }])
    const { stderr, status } = await loudmail(['send', 'memory:', '-', '--repeat', '2'], { input })
    expect(stderr).toContain('--repeat needs exactly one message')
    expect(status).toBe(2)
  })

  it.each([
    [['--rate', '5'], '--rate needs --repeat'],
    [['--connections', '5'], '--connections needs --repeat'],
    [['--repeat', '5', '--transcript'], '--transcript and --repeat cannot be used together'],
    [['--repeat', '0'], 'It must be a number greater than 0'],
    [['--repeat', '1.5'], 'It must be a whole number'],
  ])('refuses %j', async (options, words) => {
    const { stderr, status } = await loudmail(['send', 'memory:', ...PEOPLE, ...options])
    expect(stderr).toContain(words)
    expect(status).toBe(2)
  })
})

describe('a server that is not on this machine', () => {
  const LOAD = [...PEOPLE, '--repeat', '3']

  it.each([
    ['by name', 'smtp://mail.example.com'],
    ['that looks like this machine', 'smtp://localhost.example.com'],
    ['by address', 'smtps://192.0.2.1'],
    ['by IPv6 address', 'lmtp://[2001:db8::1]:24'],
    ['behind a failover', 'failover(SELF retry(smtp://mail.example.com))'],
    ['behind a proxy', 'smtp://localhost?proxy=socks5://127.0.0.1:PORT'],
  ])('%s is not checked under load, and nothing is connected', async (_which, template) => {
    await using server = await startServer()
    const url = template.replace('SELF', server.url).replace('PORT', String(server.port))
    const { stdout, stderr, status } = await loudmail(['send', url, ...LOAD])
    expect(stderr).toContain('is not this machine')
    expect(stderr).toContain('--i-own-this-server')
    expect({ stdout, status, connections: server.connections.length }).toEqual({
      stdout: '',
      status: 2,
      connections: 0,
    })
  })

  it('is checked if its owner says so', async () => {
    // A proxy that nothing listens on: no packet leaves this machine.
    const url = `smtp://mail.example.com?proxy=http://127.0.0.1:${await closedPort()}`
    const { stdout, status } = await loudmail(['send', url, ...LOAD, '--i-own-this-server', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ requested: 3, sent: 0, failed: 3 })
    expect(status).toBe(1)
  })

  it.each(['smtp://[::1]:PORT', 'smtp://localhost:PORT', 'smtp://127.9.9.9:PORT', 'memory:'])(
    'is not %s',
    async (template) => {
      const url = template.replace('PORT', String(await closedPort()))
      const { stderr, status } = await loudmail(['send', url, ...LOAD])
      expect(stderr).toBe('')
      expect(status).toBe(url === 'memory:' ? 0 : 1)
    },
  )
})
