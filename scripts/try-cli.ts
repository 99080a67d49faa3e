import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT, step } from './packed.ts'
import { program } from './running.ts'

/** A command line, and what has to come of it on each version of Node. */
interface Check {
  readonly args: readonly string[]
  /** What it reads from standard input. */
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
  /** @default 0 */
  readonly status?: number
  /** What standard output has in it. @default nothing is looked for */
  readonly prints?: RegExp
  /** What standard error has in it. @default it is empty */
  readonly notes?: RegExp
}

const CHECKS: readonly Check[] = [
  { args: ['--version'], prints: /^\d+\.\d+\.\d+\n$/ },
  { args: ['--help'], prints: /^Usage: loudmail / },
  { args: ['completion', '--help'], prints: /^Examples:$/m },
  { args: ['completion', 'zsh'], prints: /^#compdef loudmail\n/ },
  { args: ['completoin'], status: 2, notes: /Did you mean completion\?/ },
  { args: ['outbox', '--store', 'no.db'], status: 2, notes: /^loudmail: there is no file no\.db\n$/ },
  {
    args: ['outbox', 'list', '--store', 'postgres://127.0.0.1:1/mail'],
    status: 2,
    notes: /npm install pg-boss/,
  },
  ...['doctor', 'send', 'dev', 'explain', 'outbox'].map((name) => ({
    args: [name, '--help'],
    prints: /^Examples:$/m,
  })),
]

/**
 * Runs the command line by `npx` in an empty folder, from tarballs, on each version of Node. Then it installs the tarballs,
 * and runs what is above and what is in consumers/cli.
 */
export function tryCli(
  folder: string,
  tarballs: readonly string[],
  nodes: ReadonlyMap<number, string>,
): void {
  mkdirSync(folder)
  const packages = tarballs.map((tarball) => `--package=${tarball}`)
  // What npx installs goes when the run ends.
  const cache = `${folder}-cache`
  for (const [version, bin] of nodes) {
    const environment = { PATH: `${bin}${delimiter}${process.env.PATH}`, npm_config_cache: cache }
    const npx = ['npx', '--yes', ...packages, '--', 'loudmail', '--version'] as const
    step(`run it with npx on Node ${version}`, folder, npx, environment)
  }
  const project = `${folder}-installed`
  program(project, { type: 'module' })
  step('install', project, ['npm', 'install', '--no-audit', '--no-fund', 'nodemailer@10', ...tarballs])
  cpSync(join(ROOT, 'consumers', 'cli'), project, { recursive: true })
  for (const [version, bin] of nodes) {
    for (const check of CHECKS) runCheck(check, project, bin)
    console.log(`${CHECKS.length} command lines on Node ${version}`)
    const environment = { PATH: `${bin}${delimiter}${process.env.PATH}` }
    const tries = [join(bin, 'node'), 'try-loudmail.mjs'] as const
    step(`mail through servers and programs on Node ${version}`, project, tries, environment)
  }
}

function runCheck(
  { args, input = '', environment, status = 0, prints = /(?:)/, notes = /^$/ }: Check,
  cwd: string,
  bin: string,
): void {
  const run = spawnSync('npx', ['--no-install', 'loudmail', ...args], {
    cwd,
    input,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, ...environment },
  })
  const found = { status: run.status, prints: prints.test(run.stdout), notes: notes.test(run.stderr) }
  if (found.status !== status || !found.prints || !found.notes)
    throw new Error(`loudmail ${args.join(' ')} ended with ${run.status}:\n${run.stdout}${run.stderr}`)
}
