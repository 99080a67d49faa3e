import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { memory } from '@loudmail/core'
import { outbox, sqlite, type OutboxCounts } from '@loudmail/outbox'
import { startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { start, type Program, type StartOptions } from './program.ts'

/** Few connections, so that of the ten mails that `limit()` lets through most wait, too. */
const transportUrl = (url: string): string => `${url}?pool.connections=2`

/** Requests that wait for their mail, those that do not, and how many mails they put into the outbox. */
const SIGN_UPS = 12
const REPORTS = 2
const RESETS = 3
const ENTRIES = 3 * REPORTS + RESETS

/** After drainMs, requests no longer hold up the worker and the mailer; after drainMs each, what is left is aborted. The rest is margin for a busy machine; without a limit, it would be the two minutes of `deadlineMs`. */
const BOUND_MS = 3 * 3_000 + 20_000

/** SIGTERM and SIGKILL while mails are being sent, wait for their turn, and are in the outbox. */
export function describeEnding(name: string, folder: URL, exit: number | string): void {
  let directory: string
  let database: string
  let server: SmtpServer
  let script: NonNullable<ServerScript['on']>

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tea-shop-'))
    database = join(directory, 'tea.db')
    script = {}
    server = await startServer({ on: { CONNECT: () => script.CONNECT, DOT: () => script.DOT } })
  })
  afterEach(async () => {
    await server.close()
    rmSync(directory, { recursive: true })
  })

  const begin = (options: StartOptions = {}): Promise<Program> =>
    start(folder, transportUrl(server.url), { database, ...options })

  /** What is in the outbox of a program that has ended, or that runs. */
  async function counts(): Promise<OutboxCounts> {
    const box = outbox(memory(), { store: sqlite(database) })
    try {
      return await box.counts()
    } finally {
      await box.close?.()
    }
  }

  /** How often the server has each mail of the outbox, by what tells it apart. */
  const arrived = (): number[] => {
    const ids = server.messages
      .filter(({ content }) => /New password|Your month in tea/.test(content.toString()))
      .map(({ content }) => /^Message-ID: (\S+)/im.exec(content.toString())![1]!)
    return [...Map.groupBy(ids, (id) => id).values()].map((same) => same.length)
  }

  const fillOutbox = async (program: Program): Promise<void> => {
    for (let n = 0; n < REPORTS; n++) expect((await program.post('/report')).status).toBe(202)
    for (let n = 0; n < RESETS; n++) await program.post('/password-reset', { email: 'ann@example.com' })
  }

  describe(`the ${name} program, told to end`, () => {
    it('finishes what it is sending, and what is left in the outbox is sent after the next start', async () => {
      const go = Promise.withResolvers<undefined>()
      script = { DOT: () => go.promise }
      await using program = await begin()
      const signUps = Array.from({ length: SIGN_UPS }, (_, n) =>
        program.post('/sign-up', { email: `guest${n}@example.com` }),
      )
      await fillOutbox(program)
      await server.waitFor('command', ({ command }) => command === 'DATA')
      const ended = program.terminate()
      go.resolve(undefined)
      expect(await ended).toBe(exit)
      for (const signUp of signUps) expect((await signUp).status).toBe(201)
      expect(program.output()).not.toContain('loudmail:')
      const { 'in-doubt': inDoubt, dead } = await counts()
      expect([inDoubt, dead]).toEqual([0, 0])

      await using again = await begin()
      await vi.waitFor(async () => expect((await counts()).sent).toBe(ENTRIES), { timeout: 15_000 })
      expect(arrived()).toEqual(Array.from({ length: ENTRIES }, () => 1))
      expect(await again.terminate()).toBe(exit)
    }, 60_000)

    it('ends in bounded time if the mail server stalls, and loses nothing', async () => {
      script = { DOT: { stall: true } }
      await using program = await begin()
      const signUps = Array.from({ length: SIGN_UPS }, (_, n) =>
        program.post('/sign-up', { email: `guest${n}@example.com` }),
      )
      await fillOutbox(program)
      await server.waitFor('command', ({ command }) => command === 'DATA')
      const begunAt = performance.now()
      expect(await program.terminate()).toBe(exit)
      expect(performance.now() - begunAt).toBeLessThan(BOUND_MS)
      for (const signUp of signUps) expect([503, 504]).toContain((await signUp).status)
      expect(
        program.output().match(/^mail failed.*the mailer was closed before the send ended/gm),
      ).toHaveLength(SIGN_UPS)
      const { sent, discarded, dead, oldestWaitingMs: _, ...left } = await counts()
      expect([sent, discarded, dead]).toEqual([0, 0, 0])
      expect(Object.values(left).reduce((sum, number) => sum + number)).toBe(ENTRIES)
    }, 60_000)
  })

  describe(`the ${name} program, killed`, () => {
    it('between the answer and the delivery, sends each mail once after the next start', async () => {
      // The worker has some of the mails, and cannot begin to send them.
      script = { CONNECT: { stall: true } }
      await using program = await begin()
      await fillOutbox(program)
      await vi.waitFor(async () => expect((await counts())['in-flight']).toBe(ENTRIES))
      expect(await program.terminate('SIGKILL')).toBe('SIGKILL')
      expect(arrived()).toEqual([])

      script = {}
      await using again = await begin()
      await vi.waitFor(async () => expect((await counts()).sent).toBe(ENTRIES), { timeout: 30_000 })
      expect(arrived()).toEqual(Array.from({ length: ENTRIES }, () => 1))
      expect(await again.terminate()).toBe(exit)
    }, 60_000)

    it('mails a new password if and only if its token is in the database', async () => {
      await using program = await begin({ workerApart: true })
      const answers: Promise<unknown>[] = []
      for (let n = 0; n < 20; n++)
        answers.push(program.post('/password-reset', { email: 'ann@example.com' }).catch(() => {}))
      // In the middle of them.
      await vi.waitFor(() => expect(tokens(database).length).toBeGreaterThan(0), { interval: 5 })
      await program.terminate('SIGKILL')
      await Promise.all(answers)

      await using sender = await begin({ script: 'start:worker' })
      const expected = tokens(database)
      await vi.waitFor(async () => expect((await counts()).sent).toBe(expected.length), { timeout: 15_000 })
      const mailed = server.messages.map(({ content }) =>
        String(/reset\/([\w-]+)/.exec(content.toString())?.[1]),
      )
      expect(mailed.toSorted()).toEqual(expected)
      expect(await sender.terminate()).toBe(exit)
    }, 60_000)
  })

  describe(`the worker of the ${name} program, in a process of its own`, () => {
    it('sends what the shop stores, and told to end, ends what is in flight', async () => {
      await using shop = await begin({ workerApart: true })
      await fillOutbox(shop)
      expect((await counts()).waiting).toBe(ENTRIES)
      const go = Promise.withResolvers<undefined>()
      script = { DOT: () => go.promise }
      await using sender = await begin({ script: 'start:worker' })
      await server.waitFor('command', ({ command }) => command === 'DATA')
      const ended = sender.terminate()
      go.resolve(undefined)
      expect(await ended).toBe(exit)
      const { 'in-doubt': inDoubt, dead, sent } = await counts()
      expect([inDoubt, dead]).toEqual([0, 0])
      expect(sent).toBeGreaterThan(0)
      expect(arrived()).toEqual(Array.from({ length: sent }, () => 1))
    }, 60_000)
  })
}

/** The tokens of the shop, sorted. */
function tokens(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return database
      .prepare('SELECT token FROM resets')
      .all()
      .map(({ token }) => String(token))
      .toSorted()
  } finally {
    database.close()
  }
}
