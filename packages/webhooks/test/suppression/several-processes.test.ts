import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { sqliteSuppressions } from '../../src/sqlite.ts'
import { temporaryFolder } from './temporary-folder.ts'

const ADDER = fileURLToPath(new URL('programs/adder.ts', import.meta.url))

function adder(file: string, name: string, count: number): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, ['--conditions=@loudmail/source', ADDER, file, name, String(count)])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

it('processes that create a list at the same time all write to it, and nothing is lost', async () => {
  const file = join(temporaryFolder(), 'list.db')
  const names = ['ann', 'bob', 'carol', 'dave']
  const results = await Promise.all(
    names.map(async (name) => {
      const child = adder(file, name, 60)
      return Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    }),
  )
  expect(results.map(([, errors, [code]]) => [errors, code])).toEqual(names.map(() => ['', 0]))
  const added = results.flatMap(([out]) => out.trim().split('\n'))
  const store = sqliteSuppressions(file)
  expect(await store.find(added)).toHaveLength(240)
  const more = { address: 'shared@rcpt.example', id: 'last', at: new Date() }
  expect(await store.addSoftBounce(more, new Date(0))).toBe(241)
  await store.close()
}, 60_000)

it('a process that is killed loses nothing that add() has resolved for', async () => {
  const file = join(temporaryFolder(), 'list.db')
  for (const [round, kills] of [5, 11, 17].entries()) {
    const child = adder(file, `round${round}-`, 1_000_000)
    const added: string[] = []
    const exit = once(child, 'exit')
    for await (const address of createInterface({ input: child.stdout })) {
      added.push(address)
      if (added.length === kills) child.kill('SIGKILL')
    }
    await exit
    expect(added.length).toBeGreaterThanOrEqual(kills)
    const store = sqliteSuppressions(file)
    expect(await store.find(added)).toHaveLength(added.length)
    await store.close()
  }
}, 60_000)
