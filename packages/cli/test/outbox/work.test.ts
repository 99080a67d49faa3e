import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { startServer, type ServerScript } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { loudmail } from '../cli.ts'
import { loudmailPty } from '../pty.ts'
import { accepting, filledOutbox, waitingOutbox, type FilledOutbox } from './filled-outbox.ts'
import { startWork } from './start-work.ts'

const countsOf = ({ look }: FilledOutbox) => look((box) => box.counts())

/** Waits until there are so many entries in each of these states. */
const reaches = (filled: FilledOutbox, counts: object): Promise<void> =>
  expect.poll(() => countsOf(filled), { timeout: 20_000 }).toMatchObject(counts)

const REFUSING: ServerScript = {
  on: {
    RCPT: {
      byRcpt: {
        'gone@rcpt.example': '550 5.1.1 No such user',
        'full@rcpt.example': '452 4.2.2 Mailbox full',
      },
    },
  },
}

describe('loudmail outbox work', () => {
  it('sends what waits and what comes, prints every outcome, and ends with SIGTERM', async () => {
    await using server = await startServer(REFUSING)
    const filled = await waitingOutbox(['bob', 'gone', 'full'])
    const work = startWork(filled.file, ['--url', server.url])
    await reaches(filled, { sent: 1, dead: 1, scheduled: 1 })
    await filled.look((box) =>
      box.enqueue({ from: 'ann@sender.example', to: 'cleo@rcpt.example', text: 'Hi' }),
    )
    await reaches(filled, { sent: 2 })
    const { stdout, stderr, status } = await work.stop('SIGTERM')
    expect(stdout.match(/^✓ sent <\S+> through .*: 250 .*$/gm)).toHaveLength(2)
    expect(stdout).toMatch(/^✗ rcpt-to\/mailbox-unknown$/m)
    expect(stdout).toMatch(/S: 550 5\.1\.1 No such user$/m)
    expect(stdout).toMatch(/^ {2}entry +[\da-f-]{36}$/m)
    expect(stderr).toMatch(
      /^Sending what is in outbox\(smtp\(127\.0\.0\.1:\d+\), sqlite\(mail\.db\)\)\. Ctrl-C stops it\.\n/,
    )
    expect(stderr).toMatch(/^An attempt failed: rcpt-to\/mailbox-full/m)
    expect(stderr).toMatch(/\nNo more messages are started\.\n2 sent, 1 failed, 1 to be tried again later\n$/)
    expect(status).toBe(0)
  })

  it('waits for the messages in progress when it is stopped', async () => {
    const held = Promise.withResolvers<undefined>()
    await using server = await startServer({ on: { DOT: () => held.promise } })
    const filled = await waitingOutbox(['bob', 'cleo'])
    const work = startWork(filled.file, ['--url', server.url, '--concurrency', '1'])
    await server.waitFor('command', ({ command }) => command === 'DATA')
    const ended = work.stop('SIGINT')
    await once(work.child.stderr!, 'data')
    held.resolve(undefined)
    const { stdout, stderr, status } = await ended
    expect(stdout).toMatch(/^✓ sent .*\n$/)
    expect(stderr).toContain('1 sent, 0 failed\n')
    expect(status).toBe(130)
    expect(await countsOf(filled)).toMatchObject({ sent: 1, waiting: 1, 'in-flight': 0 })
  })

  it('prints one JSON object on a line for each message with --json', async () => {
    await using server = await startServer(REFUSING)
    const filled = await waitingOutbox(['bob', 'gone', 'full'])
    const work = startWork(filled.file, ['--url', server.url, '--json'])
    await reaches(filled, { sent: 1, dead: 1, scheduled: 1 })
    const { stdout } = await work.stop('SIGTERM')
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; state: string })
    expect(lines.map(({ state }) => state).toSorted()).toEqual(['failed', 'queued', 'sent'])
    const failed = lines.find(({ state }) => state === 'failed')!
    expect(failed).toMatchObject({
      ok: false,
      error: { code: 'rcpt-to/mailbox-unknown', reply: { code: 550 } },
    })
    expect((await filled.look((box) => box.get(failed.id)))?.state).toBe('dead')
  })

  it('removes nothing: how long entries are kept, their owner has decided', async () => {
    const filled = await filledOutbox(['bob', 'gone'])
    const database = new DatabaseSync(filled.file)
    database.exec('UPDATE loudmail_outbox SET updated_at = 0')
    database.close()
    const server = await accepting()
    const work = startWork(filled.file, ['--url', server.url])
    await filled.look((box) =>
      box.enqueue({ from: 'ann@sender.example', to: 'cleo@rcpt.example', text: 'Hi' }),
    )
    await reaches(filled, { sent: 2 })
    await work.stop('SIGTERM')
    expect(await countsOf(filled)).toMatchObject({ sent: 2, dead: 1 })
  })

  it('prints only what goes wrong with --quiet', async () => {
    await using server = await startServer(REFUSING)
    const filled = await waitingOutbox(['bob', 'gone'])
    const work = startWork(filled.file, ['--url', server.url, '--quiet'])
    await reaches(filled, { sent: 1, dead: 1 })
    const { stdout, stderr } = await work.stop('SIGTERM')
    expect(stdout).toMatch(/^✗ rcpt-to\/mailbox-unknown\n/)
    expect(stdout).not.toContain('✓')
    expect(stderr).not.toContain('Ctrl-C')
  })

  it.each([
    ['park', 'in-doubt', 0],
    ['resend', 'sent', 1],
  ])(
    '--in-doubt %s: a message whose worker was killed while it was sent is %s',
    async (rule, state, copies) => {
      await using stalling = await startServer({ on: { DOT: { stall: true } } })
      const filled = await waitingOutbox(['bob'])
      const box = startWork(filled.file, ['--url', stalling.url])
      await stalling.waitFor('command', ({ command }) => command === 'DATA')
      await expect
        .poll(() => stalling.connections[0]?.entries.at(-1)?.text, { timeout: 20_000 })
        .toMatch(/octets|^\.$/)
      await box.stop('SIGKILL')
      // Nobody waits a minute here.
      expireLeases(filled)
      const server = await accepting()
      const work = startWork(filled.file, ['--url', server.url, '--in-doubt', rule])
      await reaches(filled, { [state]: 1 })
      const { stdout } = await work.stop('SIGTERM')
      if (rule === 'park')
        expect(stdout).toMatch(/^✗ submit\/aborted\n(?:.*\n)*.*another attempt could deliver it twice/)
      expect(server.messages).toHaveLength(copies)
    },
  )

  it('asks for the password in a terminal, and ends at Ctrl-C with 130', async () => {
    await using server = await startServer({
      caps: ['AUTH PLAIN'],
      users: { ann: 'hunter22' },
      requireAuth: true,
    })
    const filled = await waitingOutbox(['bob'])
    const url = `smtp://ann@127.0.0.1:${server.port}`
    await using terminal = loudmailPty(['outbox', 'work', '--store', filled.file, '--url', url])
    await terminal.sees(/Password of ann at \S+: /)
    terminal.type('hunter22\r')
    await terminal.sees('✓ sent')
    terminal.type('\x03')
    expect(await terminal.ended).toBe(130)
    expect(terminal.output).not.toContain('hunter22')
    expect(terminal.output).toMatch(/1 sent, 0 failed\r\n$/)
  })

  it('says if the URL is wrong, before it sends anything', async () => {
    const { file } = await waitingOutbox(['bob'])
    const { stderr, status } = await loudmail([
      'outbox',
      'work',
      '--store',
      file,
      '--url',
      'http://example.com',
    ])
    expect(stderr).toContain('config/invalid-config')
    expect(status).toBe(2)
  })
})

/** As if the time of every lease were over. */
function expireLeases({ file }: FilledOutbox): void {
  const database = new DatabaseSync(file)
  database.exec("UPDATE loudmail_outbox SET leased_until = 0 WHERE state = 'in-flight'")
  database.close()
}
