// pnpm bench [--only <group>[,<group>...]] [--pairs <n>] [--quick]
//
// Loudmail next to other mailers on the same work. Everything stays on this machine: servers listen on loopback, and
// nothing is sent anywhere. A few rows need programs of Debian's packages `postfix` and `python3`; where one is
// missing its rows are left out. Figures are ratios of one run, medians of at least five rounds; they go into
// docs/benchmarks.md, a group that was not run again keeps what it had. `--quick` is a short look that writes nothing.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Group } from './group.ts'
import { groups } from './groups.ts'
import { machine } from './machine.ts'
import { sectionOf, summaryOf } from './report.ts'
import { runGroup, type Results } from './run.ts'
import { binary, FILE_NAME, FILE_SIZE } from './work.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What was measured on this machine so far; not kept in the repository. */
const KEPT = join(import.meta.dirname, '../report.json')

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    pairs: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
})
const only = values.only?.split(',')
const unknown = only?.filter((id) => !groups.some((group) => group.id === id)) ?? []
if (unknown.length > 0)
  throw new Error(`no group ${unknown.join(', ')}; there are ${groups.map(({ id }) => id).join(', ')}`)

build()
const folder = mkdtempSync(join(tmpdir(), 'loudmail-bench-'))
// Servers that give up root have to get in.
chmodSync(folder, 0o755)
const file = join(folder, FILE_NAME)
writeFileSync(file, binary(FILE_SIZE))
try {
  for (const group of groups) if (!only || only.includes(group.id)) await bench(group)
} finally {
  rmSync(folder, { recursive: true })
}

async function bench(group: Group): Promise<void> {
  const pairs = values.pairs ? Number(values.pairs) : values.quick ? 2 : Math.max(5, group.pairs ?? 0)
  const progress = (text: string): void => console.error(text)
  let results: Results
  try {
    results = await runGroup(group, { pairs, pace: values.quick ? 0.5 : 1, folder, file, progress })
  } catch (error) {
    console.error(`${group.id}: left out: ${String(error)}`)
    process.exitCode = 1
    return
  }
  console.log(`\n${summaryOf({ group, results })}\n`)
  if (!values.quick) keep(group, results)
}

/** What is measured is what is published. `pnpm bench` puts pnpm on the path. */
function build(): void {
  execFileSync('pnpm', ['--filter', '@loudmail/bench...', 'build'], { cwd: ROOT, stdio: 'inherit' })
}

function keep(group: Group, results: Results): void {
  const kept = { ...readKept(), [group.id]: results }
  writeFileSync(KEPT, JSON.stringify(kept))
  const sections = groups.flatMap((each) => {
    const known = kept[each.id]
    // One that was changed since it ran is left out until it runs again.
    const isWhole = each.contestants.every(({ label, needs }) => needs !== undefined || known?.[label])
    return known && isWhole ? [sectionOf({ group: each, results: known })] : []
  })
  const head = `# Benchmarks

Written by \`pnpm bench\`. In every round, each mailer ran once, one after the other, in a process of its own. After each
run, the server's count of messages was checked. Figures are medians of the rounds, with the smallest and the largest in
parentheses. Ratios compare figures of the same round with the first row. CPU is the user and system time of the mailer's
process alone.

${machine()
  .map((line) => `- ${line}`)
  .join('\n')}`
  writeFileSync(join(ROOT, 'docs/benchmarks.md'), `${[head, ...sections].join('\n\n')}\n`)
}

function readKept(): Record<string, Results> {
  try {
    return JSON.parse(readFileSync(KEPT, 'utf8')) as Record<string, Results>
  } catch {
    return {}
  }
}
