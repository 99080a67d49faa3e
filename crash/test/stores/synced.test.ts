import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@loudmail/server'
import { expect, it, onTestFinished } from 'vitest'
import { CONTENT, KEPT, stepsOf, trace } from '../../src/traced.ts'
import { FILE_CALLS, Unsynced } from '../../src/unsynced.ts'

const PROGRAM = join(import.meta.dirname, '../../src/programs/sender.ts')

/*
 * A process that is killed leaves what it wrote to the system, which writes it to the disk later. A power cut does not. So
 * this test reads what the process asks of the system, and in which order.
 */
it('a power cut loses no message that was kept, large ones included, and no beginning of a transmission', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loudmail-synced-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const server = await startServer()
  onTestFinished(() => server.close())
  const file = join(folder, 'mail.db')
  const traced = join(folder, 'trace')
  const sizes = ['0', '2000000', '0', '300000']
  await trace(traced, FILE_CALLS, [PROGRAM, file, server.url, ...sizes])

  const unsynced = new Unsynced(file)
  const seen = { kept: 0, begun: 0, logged: 0 }
  for (const step of stepsOf(readFileSync(traced, 'utf8'))) {
    unsynced.see(step)
    const { what, call, parameters } = step
    if (what === 'ended') continue
    if (parameters.includes(`<${file}-wal>`) && call.endsWith('sync')) {
      // What the entry needs is there before the entry is.
      expect(unsynced.lost.filter((path) => path.includes('-content'))).toEqual([])
      seen.logged++
    }
    const isKept = parameters.includes(KEPT)
    const isBegun = parameters.includes(CONTENT) && !parameters.includes(file)
    if (isKept || isBegun) expect(unsynced.lost, parameters).toEqual([])
    if (isKept) seen.kept++
    if (isBegun) seen.begun++
  }
  expect(server.messages).toHaveLength(sizes.length)
  expect(seen).toMatchObject({ kept: sizes.length, begun: sizes.length })
  expect(seen.logged).toBeGreaterThan(sizes.length)
})
