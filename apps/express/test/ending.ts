import { startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import { describe, expect, it, vi } from 'vitest'
import { start, type Program } from './program.ts'

/** Few connections, so that of the ten mails that `limit()` lets through most wait, too. */
const transportUrl = (url: string): string => `${url}?pool.connections=2`

/** Requests that wait for their mail, those that do not, and how many mails all of them send. */
const SIGN_UPS = 12
const REPORTS = 5
const RESETS = 3
/** What the programs give `limit()`. */
const LIMIT = 10
const MAILS = SIGN_UPS + 3 * REPORTS + RESETS

/** After drainMs, requests no longer hold up the mailer; after drainMs again, what is left is aborted. The rest is margin for a busy machine; without a limit, it would be the two minutes of `deadlineMs`. */
const BOUND_MS = 2 * 3_000 + 20_000

/** Starts the program, and gives it mails to send. Resolves once all of them are in progress. */
async function busy(program: Program): Promise<Promise<Response>[]> {
  const signUps = Array.from({ length: SIGN_UPS }, (_, n) =>
    program.post('/sign-up', { email: `guest${n}@example.com` }),
  )
  for (let n = 0; n < REPORTS; n++) await program.post('/report')
  for (let n = 0; n < RESETS; n++) await program.post('/password-reset', { email: 'ann@example.com' })
  const health = async (): Promise<(name: string) => number> => {
    const text = await (await program.get('/health')).text()
    return (name) => Number(new RegExp(`"${name}":(\\d+)`).exec(text)?.[1])
  }
  const all = async (): Promise<void> => {
    const count = await health()
    expect(count('sending') + count('sent')).toBe(MAILS)
    if (count('sent') === 0) expect(count('waiting')).toBeGreaterThanOrEqual(MAILS - LIMIT)
  }
  await vi.waitFor(all, { timeout: 20_000 })
  return signUps
}

/** What is written of each mail: exactly one line. */
const outcomes = (program: Program): { sent: number; failed: string[] } => ({
  sent: program.output().match(/^mail sent/gm)?.length ?? 0,
  failed: program.output().match(/^mail failed.*/gm) ?? [],
})

/** SIGTERM while mails are being sent, wait for their turn, and are sent in the background. */
export function describeEnding(name: string, folder: URL, exit: number | string): void {
  describe(`the ${name} program, told to end`, () => {
    const scene = async (
      on: NonNullable<ServerScript['on']>,
    ): Promise<AsyncDisposable & { program: Program; server: SmtpServer }> => {
      const server = await startServer({ on })
      const program = await start(folder, transportUrl(server.url))
      return {
        program,
        server,
        async [Symbol.asyncDispose]() {
          await program.terminate()
          await server.close()
        },
      }
    }

    it('sends everything if the mail server is quick enough, and then ends', async () => {
      const go = Promise.withResolvers<undefined>()
      await using here = await scene({ DOT: () => go.promise })
      const { program, server } = here
      const signUps = await busy(program)
      const ended = program.terminate()
      go.resolve(undefined)
      expect(await ended).toBe(exit)
      expect(outcomes(program)).toEqual({ sent: MAILS, failed: [] })
      expect(server.messages).toHaveLength(MAILS)
      for (const signUp of signUps) expect((await signUp).status).toBe(201)
      expect(program.output()).not.toContain('loudmail:')
    })

    it('ends in bounded time if the mail server stalls, and tells what became of every mail', async () => {
      const accepted = 10
      await using here = await scene({
        DOT: {
          nthGlobal: [...Array.from({ length: accepted }, () => ({ pass: true }) as const), { stall: true }],
        },
      })
      const { program, server } = here
      const signUps = await busy(program)
      await vi.waitFor(() => expect(outcomes(program).sent).toBe(accepted))
      const begunAt = performance.now()
      expect(await program.terminate()).toBe(exit)
      expect(performance.now() - begunAt).toBeLessThan(BOUND_MS)
      const { sent, failed } = outcomes(program)
      expect([sent, failed.length]).toEqual([accepted, MAILS - accepted])
      expect(server.messages).toHaveLength(accepted)
      for (const line of failed) expect(line).toContain('the mailer was closed before the send ended')
      // Those that the server may have are told apart from those that it cannot have.
      const inDoubt = failed.filter((line) => line.includes('body/aborted'))
      expect(inDoubt).toHaveLength(2)
      const statuses = await Promise.all(signUps.map(async (signUp) => (await signUp).status))
      expect(statuses.filter((status) => ![201, 503, 504].includes(status))).toEqual([])
      expect(program.output()).not.toContain('loudmail:')
    }, 60_000)
  })
}
