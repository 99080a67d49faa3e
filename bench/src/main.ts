// pnpm bench [--only <group>[,<group>...]] [--pairs <n>] [--quick] [--beside <folder>]
//
// Compares Loudmail with other mailers on the same work. Everything stays on this machine: servers listen on loopback,
// and nothing is sent anywhere. Some rows need programs from Debian's packages `postfix` and `python3`; if a program is
// missing, its rows are left out. Figures are ratios within one run, medians of at least five rounds. They are written
// into docs/benchmarks.md; a group that is not run keeps its last figures. `--quick` is a short run that writes nothing.
//
// `--beside` names the folder of another checkout that is built, such as one of an older commit. Each row of Loudmail
// that sends then has a row with that build next to it (", before") in the same rounds. Such a run writes nothing.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { withBeside } from './beside.ts'
import type { Group } from './group.ts'
import { groups } from './groups.ts'
import { machine } from './machine.ts'
import { sectionOf, summaryOf } from './report.ts'
import { runGroup, type Results } from './run.ts'
import { binary, FILE_NAME, FILE_SIZE } from './work.ts'

const ROOT = join(import.meta.dirname, '../..')
/** All figures measured on this machine so far; not part of the repository. */
const KEPT = join(import.meta.dirname, '../report.json')

const { values } = parseArgs({
  options: {
    beside: { type: 'string' },
    only: { type: 'string' },
    pairs: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
})
const only = values.only?.split(',')
const unknown = only?.filter((name) => !groups.some(({ id, suite }) => name === id || name === suite)) ?? []
if (unknown.length > 0)
  throw new Error(
    `there is no group ${unknown.join(', ')}; the groups are ${groups.map(({ id }) => id).join(', ')}`,
  )
const { beside } = values
const chosen = groups
  .filter(({ id, suite }) => !only || only.includes(id) || (suite !== undefined && only.includes(suite)))
  .map((group) => (beside === undefined ? group : withBeside(group, resolve(beside))))

build()
const folder = mkdtempSync(join(tmpdir(), 'loudmail-bench-'))
// Servers that drop root privileges must be able to read it.
chmodSync(folder, 0o755)
const file = join(folder, FILE_NAME)
writeFileSync(file, binary(FILE_SIZE))
try {
  for (const group of chosen) await bench(group)
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
  if (!values.quick && beside === undefined) keep(group, results)
}

/** Builds the packages, because what is published is measured. `pnpm bench` puts pnpm on the path. */
function build(): void {
  execFileSync('pnpm', ['--filter', '@loudmail/bench...', 'build'], { cwd: ROOT, stdio: 'inherit' })
}

function keep(group: Group, results: Results): void {
  const kept = { ...readKept(), [group.id]: results }
  writeFileSync(KEPT, JSON.stringify(kept))
  const sections = groups.flatMap((each) => {
    const known = kept[each.id]
    // A group that changed since its last run is left out until it runs again.
    const isWhole = each.contestants.every(
      ({ label, needs, database }) => (needs ?? database) !== undefined || known?.[label],
    )
    return known && isWhole ? [sectionOf({ group: each, results: known })] : []
  })
  const head = `# Benchmarks

Written by \`pnpm bench\`. In every round, each mailer ran once, one after the other, in a process of its own. After each
run, the server's count of messages was checked. Figures are medians of the rounds, with the smallest and the largest in
parentheses. Ratios compare figures of the same round with the first row. CPU is the user and system time of the mailer's
process alone. "Loudmail" sends with \`new Mailer({ transport: smtp(...) }).send()\`, "Loudmail, smtp() alone" without the
Mailer.

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
