// pnpm bench:startup [rounds]
//
// How long the published `loudmail` takes to start, beside bare Node. It builds the program first. In every round each
// command runs once, one after the other, so that a busy machine slows all of them. Figures are medians.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, step } from './packed.ts'

/** `--version` and `--help` take at most this many times as long as bare Node. */
const MOST = 2

step('build', ROOT, ['npx', '-y', 'pnpm@12', '--filter', 'loudmail...', 'build'])
const folder = mkdtempSync(join(tmpdir(), 'loudmail-startup-'))
const empty = join(folder, 'empty.js')
writeFileSync(empty, '')
const main = join(ROOT, 'packages/cli/dist/main.js')
try {
  const commands = [...run([main, '--help']).matchAll(/^ {2}([a-z]+)\b/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help')
  const contestants = new Map<string, readonly string[]>([
    ['bare Node', [empty]],
    ['loudmail --version', [main, '--version']],
    ['loudmail --help', [main, '--help']],
    ...commands.map((name) => [`loudmail ${name} --help`, [main, name, '--help']] as const),
  ])
  const times = new Map([...contestants.keys()].map((name) => [name, [] as number[]]))
  for (const args of contestants.values()) run(args)
  for (let round = Number(process.argv[2] ?? 25); round > 0; round--) {
    for (const [name, args] of contestants) {
      const start = performance.now()
      run(args)
      times.get(name)!.push(performance.now() - start)
    }
  }
  const bare = median(times.get('bare Node')!)
  for (const [name, all] of times) {
    const ratio = median(all) / bare
    if (ratio > MOST) process.exitCode = 1
    console.log(`${name.padEnd(28)} ${median(all).toFixed(0).padStart(4)} ms  ${ratio.toFixed(2)}`)
  }
} finally {
  rmSync(folder, { recursive: true })
}

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
