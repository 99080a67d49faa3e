import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { loudmail, start } from '../cli.ts'
import { loudmailPty } from '../pty.ts'
import { accepting, filledOutbox, sendAll, waitingOutbox, type FilledOutbox } from './filled-outbox.ts'

const stateOf = ({ look, ids }: FilledOutbox, name: string): Promise<string | undefined> =>
  look(async (box) => (await box.get(ids[name]!))?.state)

/** Who gets which message when a worker sends all that waits. */
async function sentBy(filled: FilledOutbox): Promise<(readonly [to: string, messageId: string])[]> {
  const server = await accepting()
  await sendAll(filled, server)
  return server.messages.map(({ envelope, content }) => [
    envelope.to.join(),
    /^Message-ID: (.+)\r$/im.exec(content.toString())![1]!,
  ])
}

describe('loudmail outbox retry', () => {
  it('sends a dead entry again, with the same Message-ID', async () => {
    const filled = await filledOutbox()
    const { file, ids, look } = filled
    const { messageId } = (await look((box) => box.get(ids.gone!)))!
    expect(await loudmail(['outbox', 'retry', ids.gone!, '--store', file])).toEqual({
      stdout: `✓ ${ids.gone} to be sent again: gone@rcpt.example  To gone\n`,
      stderr: '',
      status: 0,
    })
    expect(await sentBy(filled)).toEqual([['gone@rcpt.example', messageId]])
  })

  it('does what is possible, and says what is not', async () => {
    const filled = await filledOutbox()
    const { file, ids } = filled
    const names = [ids.bob!, ids.full!, ids.lost!, ids.gone!]
    expect(await loudmail(['outbox', 'retry', ...names, '--store', file])).toEqual({
      stdout: [
        `✓ ${ids.full} to be sent again: full@rcpt.example  To full`,
        `✓ ${ids.gone} to be sent again: gone@rcpt.example  To gone`,
        '2 entries to be sent again, 2 not possible\n',
      ].join('\n'),
      stderr: [
        `✗ the entry ${ids.bob} is sent`,
        `✗ the entry ${ids.lost} is in-doubt`,
        'Only entries that are dead, scheduled or waiting can be sent again.\n',
      ].join('\n'),
      status: 1,
    })
    expect(await stateOf(filled, 'lost')).toBe('in-doubt')
  })

  it('prints one JSON object on a line for each entry with --json', async () => {
    const { file, ids, look } = await filledOutbox()
    const { messageId } = (await look((box) => box.get(ids.gone!)))!
    const { stdout, status } = await loudmail([
      'outbox',
      'retry',
      ids.gone!,
      ids.bob!,
      '--json',
      '--store',
      file,
    ])
    const [gone, bob] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(gone).toEqual({ ok: true, id: ids.gone, messageId })
    expect(bob).toMatchObject({ ok: false, id: ids.bob, reason: `the entry ${ids.bob} is sent` })
    expect(status).toBe(1)
  })

  it('changes nothing if one of the names is wrong', async () => {
    const filled = await filledOutbox()
    const { stderr, status } = await loudmail([
      'outbox',
      'retry',
      filled.ids.gone!,
      'ffff',
      '--store',
      filled.file,
    ])
    expect({ stderr, status }).toEqual({
      stderr: 'loudmail: there is no entry ffff in the outbox\n',
      status: 2,
    })
    expect(await stateOf(filled, 'gone')).toBe('dead')
  })

  it('sends all entries in a state again with --all, in a pipe only with --yes', async () => {
    const filled = await filledOutbox(['gone', 'bob', 'gone', 'full'])
    const retry = ['outbox', 'retry', '--all', '--state', 'dead', '--store', filled.file]
    expect(await loudmail(retry)).toEqual({
      stdout: '',
      stderr: 'loudmail: Send 2 dead entries again? There is no terminal to ask on: add --yes\n',
      status: 2,
    })
    expect(await loudmail([...retry, '--yes'])).toEqual({
      stdout: '2 entries to be sent again\n',
      stderr: '',
      status: 0,
    })
    expect(await loudmail(retry)).toEqual({ stdout: '', stderr: 'Nothing is dead.\n', status: 0 })
    expect(await sentBy(filled)).toHaveLength(2)
  })

  it.each([
    ['n', 'n\r', 1, 'dead'],
    ['Enter', '\r', 1, 'dead'],
    ['Ctrl-D', '\x04', 1, 'dead'],
    ['another word', 'yess\r', 1, 'dead'],
    ['Ctrl-C', '\x03', 130, 'dead'],
    ['y', 'y\r', 0, 'waiting'],
    ['YES', 'YES\r', 0, 'waiting'],
  ])('asks in a terminal, and after %s it does what was answered', async (_, key, status, state) => {
    const filled = await filledOutbox(['gone'])
    await using terminal = loudmailPty([
      'outbox',
      'retry',
      '--all',
      '--state',
      'dead',
      '--store',
      filled.file,
    ])
    await terminal.sees('Send one dead entry again? [y/N] ')
    terminal.type(key)
    expect(await terminal.ended).toBe(status)
    const said = status === 0 ? 'one entry to be sent again\r\n' : 'Nothing was changed.\r\n'
    expect(terminal.output).toContain(said)
    expect(await stateOf(filled, 'gone')).toBe(state)
  })
})

describe('loudmail outbox resolve', () => {
  it('settles an entry as delivered: nobody sends it again', async () => {
    const filled = await filledOutbox()
    const { file, ids } = filled
    expect(await loudmail(['outbox', 'resolve', ids.lost!, '--delivered', '--store', file])).toEqual({
      stdout: `✓ ${ids.lost} settled as delivered: lost@rcpt.example  To lost\n`,
      stderr: '',
      status: 0,
    })
    expect(await stateOf(filled, 'lost')).toBe('sent')
    expect(await sentBy(filled)).toEqual([])
  })

  it('sends an entry again that was not delivered, named by its Message-ID', async () => {
    const filled = await filledOutbox()
    const { messageId = '' } = (await filled.look((box) => box.get(filled.ids.lost!)))!
    const { status } = await loudmail([
      'outbox',
      'resolve',
      messageId,
      '--not-delivered',
      '--store',
      filled.file,
    ])
    expect(status).toBe(0)
    expect(await sentBy(filled)).toEqual([['lost@rcpt.example', messageId]])
  })

  it('refuses an entry that is not in doubt', async () => {
    const { file, ids } = await filledOutbox()
    const { stderr, status } = await loudmail([
      'outbox',
      'resolve',
      ids.gone!,
      '--delivered',
      '--store',
      file,
    ])
    expect(stderr).toBe(`✗ the entry ${ids.gone} is dead\nOnly entries that are in doubt can be settled.\n`)
    expect(status).toBe(1)
  })
})

describe('loudmail outbox discard', () => {
  it('gives entries up: nobody sends them', async () => {
    const filled = await filledOutbox()
    const { file, ids } = filled
    const { stdout, status } = await loudmail(['outbox', 'discard', ids.full!, ids.lost!, '--store', file])
    expect(stdout).toMatch(/^✓ \S+ given up: full@.*\n✓ \S+ given up: lost@.*\n2 entries given up\n$/)
    expect(status).toBe(0)
    expect(await stateOf(filled, 'full')).toBe('discarded')
    expect((await loudmail(['outbox', 'discard', ids.bob!, '--store', file])).status).toBe(1)
    expect(await sentBy(filled)).toEqual([])
  })
})

it('Ctrl-C leaves the rest of many entries as they were, and says how many', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `u${index}`)
  const { file, ids, look } = await waitingOutbox(names)
  const child = start(['outbox', 'discard', ...Object.values(ids), '--json', '--store', file])
  const stderr = text(child.stderr!)
  const ended = once(child, 'close')
  await once(child.stdout!.resume(), 'data')
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
  const [, done, left] = /^(\d+) entries given up, (\d+) left as they were\n$/.exec(await stderr) ?? []
  expect(Number(left)).toBeGreaterThan(0)
  expect(await look((box) => box.counts())).toMatchObject({ discarded: Number(done), waiting: Number(left) })
  expect(Number(done) + Number(left)).toBe(names.length)
})

describe('loudmail outbox purge', () => {
  it('removes what is old enough, and says how many', async () => {
    const { file, look } = await filledOutbox(['bob', 'bob', 'gone'])
    const purge = ['outbox', 'purge', '--sent', '--dead', '--store', file, '--yes']
    expect(await loudmail([...purge, '--older-than', '1d'])).toEqual({
      stdout: 'Removed 0 sent entries and 0 dead entries.\n',
      stderr: '',
      status: 0,
    })
    const { stdout } = await loudmail([...purge, '--older-than', '0s', '--json'])
    expect(JSON.parse(stdout)).toEqual({ sent: 2, dead: 1 })
    expect(await look((box) => box.counts())).toMatchObject({ sent: 0, dead: 0 })
  })

  it('leaves the states that are not named', async () => {
    const { file, look } = await filledOutbox(['bob', 'gone', 'full', 'lost'])
    await loudmail([
      'outbox',
      'purge',
      '--sent',
      '--discarded',
      '--older-than',
      '0s',
      '--yes',
      '--store',
      file,
    ])
    expect(await look((box) => box.counts())).toMatchObject({ sent: 0, dead: 1, scheduled: 1, 'in-doubt': 1 })
  })

  it('asks in a terminal, with the number, and needs --yes in a pipe', async () => {
    const { file, look } = await filledOutbox(['bob', 'bob', 'gone'])
    const purge = ['outbox', 'purge', '--sent', '--dead', '--older-than', '0s', '--store', file]
    const { stderr, status } = await loudmail(purge)
    expect(stderr).toContain('add --yes')
    expect(status).toBe(2)
    await using refused = loudmailPty(purge)
    await refused.sees('Remove 2 sent entries and one dead entry that changed last before now? [y/N] ')
    refused.type('\r')
    expect(await refused.ended).toBe(1)
    expect(await look((box) => box.counts())).toMatchObject({ sent: 2, dead: 1 })
    await using agreed = loudmailPty(purge)
    await agreed.sees('[y/N] ')
    agreed.type('yes\r')
    expect(await agreed.ended).toBe(0)
    expect(agreed.output).toContain('Removed 2 sent entries and one dead entry.')
    expect(await look((box) => box.counts())).toMatchObject({ sent: 0, dead: 0 })
  })
})
