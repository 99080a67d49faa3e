import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { loudmail } from '../cli.ts'
import { filledOutbox, waitingOutbox } from './filled-outbox.ts'

describe('loudmail outbox', () => {
  it('prints how much there is in each state, and what a person has to do', async () => {
    const { file } = await filledOutbox()
    for (const command of [['outbox'], ['outbox', 'counts']]) {
      const { stdout, stderr, status } = await loudmail([...command, '--store', file])
      const counts = [...stdout.matchAll(/^ {2}(\S+) +(\d+)$/gm)].map(([, state, count]) => [state, count])
      expect(Object.fromEntries(counts)).toEqual({
        waiting: '0',
        scheduled: '1',
        'in-flight': '0',
        'in-doubt': '1',
        dead: '1',
        sent: '1',
        discarded: '0',
      })
      expect(stderr).toMatch(/in doubt arrived.*resolve\.\nWhat is dead.*--state dead\.\n$/)
      expect(status).toBe(0)
    }
  })

  it('says how long the oldest entry waits', async () => {
    const { file, look } = await filledOutbox([])
    const sendAt = new Date(Date.now() - 200_000)
    await look((box) =>
      box.enqueue({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hi' }, { sendAt }),
    )
    const { stdout } = await loudmail(['outbox', '--store', file])
    expect(stdout).toMatch(/^ {2}waiting +1 {3}the oldest for 3 minutes$/m)
  })

  it('is one JSON object with --json', async () => {
    const { file, look } = await filledOutbox()
    const { stdout, stderr } = await loudmail(['outbox', '--json', '--store', file])
    expect(JSON.parse(stdout)).toEqual(await look((box) => box.counts()))
    expect(stdout.trimEnd()).not.toContain('\n')
    expect(stderr).toBe('')
  })

  it.each([
    [['lsit'], "unknown command 'lsit'. Did you mean list?\nRun `loudmail outbox --help`"],
    [['--store', 'mail.db', 'list'], 'options come after the command: loudmail outbox list --store ...'],
    [
      ['list', '--stat', 'dead'],
      "unknown option '--stat'. Did you mean --state?\nRun `loudmail outbox list --help`",
    ],
    [
      ['list', '--state', 'deaf'],
      "argument 'deaf' is invalid. Allowed choices are waiting, scheduled, in-flight",
    ],
    [['list', '--limit', '0'], "argument '0' is invalid. It must be a whole number, 1 or more."],
    [['show'], '<id> is missing: loudmail outbox show [options] <id>'],
    [['retry'], 'give the ids of entries, or --all with --state dead or --state scheduled'],
    [['retry', '--all'], '--all needs --state dead or --state scheduled'],
    [['retry', '01a', '--all', '--state', 'dead'], '--all and ids exclude each other'],
    [['retry', '01a', '--state', 'dead'], '--state needs --all'],
    [['resolve', '01a'], 'give --delivered or --not-delivered, and only one of them'],
    [['resolve', '01a', '--delivered', '--not-delivered'], 'and only one of them'],
    [['purge', '--older-than', '1d'], 'give at least one of --sent, --discarded and --dead'],
    [['purge', '--sent'], '--older-than is missing: give a time such as 30d'],
    [
      ['purge', '--sent', '--older-than', '30'],
      'It must be a number with d, h, m or s behind it, such as 30d.',
    ],
    [['work'], 'the URL of the mail server is missing: add --url, or name a variable with --env'],
    [['work', '--url', 'smtp://127.0.0.1', '--env', 'A'], '--url and --env exclude each other'],
  ])('%j: it says what to change', async (args, message) => {
    const { stdout, stderr, status } = await loudmail(['outbox', ...args])
    expect(stderr).toContain(message)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })
})

describe('loudmail outbox list', () => {
  it('prints each entry on a line, without a heading in a pipe', async () => {
    const { file, ids } = await filledOutbox()
    const { stdout, stderr, status } = await loudmail(['outbox', 'list', '--store', file])
    const ago = String.raw`(?:now|\d+ seconds? ago) +`
    expect(stdout).toMatch(
      new RegExp(
        [
          `^${ids.bob}  sent {7}${ago}bob@rcpt\\.example  To bob`,
          `${ids.gone}  dead {7}${ago}gone@rcpt\\.example  To gone  rcpt-to/mailbox-unknown`,
          `${ids.full}  scheduled  in \\d+ seconds +full@rcpt\\.example  To full  rcpt-to/mailbox-full`,
          `${ids.lost}  in-doubt   ${ago}lost@rcpt\\.example  To lost  body/connection-lost\n$`,
        ].join('\n'),
      ),
    )
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it('takes those in one state, the newest first, and no more than a number', async () => {
    const { file, ids } = await filledOutbox(['gone', 'bob', 'gone', 'gone'])
    const list = async (...args: string[]): Promise<string[]> => {
      const { stdout } = await loudmail(['outbox', 'list', '--store', file, ...args])
      return stdout.split('\n').filter(Boolean)
    }
    expect(await list('--state', 'dead')).toHaveLength(3)
    expect((await list('--state', 'dead', '--newest-first'))[0]).toContain(ids.gone)
    const { stdout, stderr } = await loudmail(['outbox', 'list', '--store', file, '--limit', '2'])
    expect(stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(stderr).toBe('There are more.\n')
    expect((await loudmail(['outbox', 'list', '--store', file, '--limit', '4'])).stderr).toBe('')
  })

  it('says so if there is nothing', async () => {
    const { file } = await filledOutbox([])
    const list = ['outbox', 'list', '--store', file]
    expect(await loudmail(list)).toEqual({ stdout: '', stderr: 'The outbox is empty.\n', status: 0 })
    expect((await loudmail([...list, '--state', 'dead'])).stderr).toBe('Nothing is dead.\n')
  })

  it('prints one JSON object on a line for each entry with --json', async () => {
    const { file, ids } = await filledOutbox()
    const { stdout } = await loudmail(['outbox', 'list', '--store', file, '--json'])
    const entries = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(entries.map(({ id, state }) => [id, state])).toEqual([
      [ids.bob, 'sent'],
      [ids.gone, 'dead'],
      [ids.full, 'scheduled'],
      [ids.lost, 'in-doubt'],
    ])
    expect(entries[1]).toMatchObject({
      from: 'ann@sender.example',
      to: ['gone@rcpt.example'],
      subject: 'To gone',
      attempts: 1,
      messageId: expect.stringMatching(/^<.+>$/) as string,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      recipients: [{ address: 'gone@rcpt.example', status: 'rejected' }],
      error: { code: 'rcpt-to/mailbox-unknown', hint: expect.any(String) as string, reply: { code: 550 } },
    })
    expect(entries[0]).not.toHaveProperty('error')
  })

  it('does not let a sender control the terminal', async () => {
    const { file, look } = await filledOutbox([])
    await look((box) =>
      box.enqueue({
        from: 'ann@sender.example',
        to: 'bob@rcpt.example',
        subject: 'Red \u009B31m',
        text: 'Hi',
      }),
    )
    for (const args of [['list'], ['show', '0']]) {
      const { stdout } = await loudmail(['outbox', ...args, '--store', file])
      expect(stdout).toContain(String.raw`Red \u009b31m`)
    }
  })
})

describe('loudmail outbox show', () => {
  it('prints the recipients, the times, and the failure with its conversation and what to do', async () => {
    const { file, ids, look } = await filledOutbox()
    const { stdout, stderr, status } = await loudmail(['outbox', 'show', ids.gone!, '--store', file])
    const entry = await look((box) => box.get(ids.gone!))
    expect(stdout).toMatch(new RegExp(`^${ids.gone}\n  state           dead\n`))
    expect(stdout).toContain('  to              gone@rcpt.example: rejected (mailbox-unknown)\n')
    expect(stdout).toContain(`  Message-ID      ${entry!.messageId}\n`)
    expect(stdout).toMatch(/^ {2}added +20\S+Z \((?:now|\d+ seconds? ago)\)$/m)
    expect(stdout).toContain('\nFailure 1 of 1\n✗ rcpt-to/mailbox-unknown\n')
    expect(stdout).toContain('the server said 550 5.1.1 No such user')
    expect(stdout).toContain('what to do')
    expect(stdout).toMatch(/C: RCPT TO:<gone@rcpt\.example>$/m)
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it('says when an entry is due and given up only if it is still to be sent', async () => {
    const { file, ids } = await filledOutbox()
    const show = async (name: string): Promise<string> =>
      (await loudmail(['outbox', 'show', ids[name]!, '--store', file])).stdout
    expect(await show('full')).toMatch(
      /^ {2}due +\S+Z \(in \d+ seconds\)\n {2}given up +\S+Z \(in \d+ days\)$/m,
    )
    expect(await show('bob')).not.toMatch(/^ {2}due|^ {2}given up/m)
    expect(await show('bob')).toMatch(/^ {2}the server said .*queued as/m)
  })

  it('is one JSON object with --json, with every failure and its conversation', async () => {
    const { file, ids } = await filledOutbox()
    const { stdout } = await loudmail(['outbox', 'show', ids.lost!, '--store', file, '--json'])
    expect(stdout.trimEnd()).not.toContain('\n')
    const entry = JSON.parse(stdout) as { failures: { transcript: { entries: { text: string }[] } }[] }
    expect(entry).toMatchObject({ id: ids.lost, state: 'in-doubt', error: { delivered: 'unknown' } })
    expect(entry.failures[0]!.transcript.entries.map(({ text }) => text)).toContain('DATA')
  })

  it('prints the message only with --message', async () => {
    const { file, ids, look } = await waitingOutbox(['bob'])
    const attachments = [{ filename: 'report.pdf', content: 'PDF' }]
    const people = { from: 'ann@sender.example', to: 'bob@rcpt.example' }
    const whole = { ...people, text: 'First line\nSecond \u009B31m line', html: '<p>Hi</p>', attachments }
    const raw = 'Subject: Raw\r\n\r\nBuilt elsewhere\r\n'
    const [composed, built] = await look(async (box) => [
      (await box.enqueue(whole)).id,
      (await box.enqueue({ raw, envelope: { from: 'ann@sender.example', to: ['bob@rcpt.example'] } })).id,
    ])
    const show = (...args: string[]) => loudmail(['outbox', 'show', '--store', file, ...args])
    expect((await show(composed)).stdout).not.toContain('First line')
    const { stdout, stderr } = await show(composed, '--message')
    expect(stdout).toMatch(
      /\n\nText\nFirst line\nSecond \\u009b31m line\n\nHTML\n<p>Hi<\/p>\n\nAttachments\nreport\.pdf\n$/,
    )
    expect(stderr).toBe('')
    expect((await show(built, '--message')).stdout).toMatch(
      /\n\nThe whole message\nSubject: Raw\n\nBuilt elsewhere\n$/,
    )
    expect(JSON.parse((await show(composed, '--message', '--json')).stdout)).toMatchObject({
      message: { text: whole.text, html: '<p>Hi</p>', attachments: ['report.pdf'] },
    })
    await look((box) => box.discard(ids.bob!))
    const gone = await show(ids.bob!, '--message', '--json')
    expect(JSON.parse(gone.stdout)).toMatchObject({ state: 'discarded', message: null })
    expect(gone.stderr).toBe('The message is not kept any more: the entry was sent or given up.\n')
  })

  it('says what is missing if the message is encrypted', async () => {
    const { file, ids } = await waitingOutbox(['bob'], { current: 'a', keys: { a: randomBytes(32) } })
    const { stdout, stderr, status } = await loudmail([
      'outbox',
      'show',
      ids.bob!,
      '--message',
      '--store',
      file,
    ])
    expect(stderr).toMatch(/^loudmail: submit\/storage: .*encrypted.*\n.+\n$/)
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 })
    expect((await loudmail(['outbox', 'show', ids.bob!, '--store', file])).status).toBe(0)
  })

  it('finds an entry by its Message-ID, with and without brackets, and by a beginning of its id', async () => {
    const { file, ids, look } = await filledOutbox(['bob', 'gone'])
    const { messageId = '' } = (await look((box) => box.get(ids.gone!)))!
    const short = ids.gone!.slice(0, -1)
    for (const name of [
      messageId,
      messageId.slice(1, -1),
      ids.gone!.toUpperCase(),
      short,
      short.toUpperCase(),
    ]) {
      const { stdout, stderr } = await loudmail(['outbox', 'show', name, '--store', file])
      expect(stdout + stderr).toMatch(new RegExp(`^${ids.gone}\n`))
    }
  })

  it('says if there is none, or more than one', async () => {
    const { file, ids } = await filledOutbox(['bob', 'gone'])
    const show = (name: string) => loudmail(['outbox', 'show', name, '--store', file])
    for (const name of ['ffff', 'no@sender.example', '', ids.bob!.replace(/.$/, 'x')])
      expect(await show(name)).toEqual({
        stdout: '',
        stderr: `loudmail: there is no entry ${name} in the outbox\n`,
        status: 2,
      })
    expect((await show('0')).stderr).toBe(
      `loudmail: 0 is not the name of one entry alone: ${ids.bob}, ${ids.gone}\n`,
    )
  })
})
