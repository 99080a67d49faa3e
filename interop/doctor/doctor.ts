import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { SetUp } from './set-up.ts'

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))

/** What the doctor prints with --json. */
export interface Findings {
  readonly url: string
  readonly verdict: 'pass' | 'warn' | 'fail'
  readonly steps: readonly {
    readonly stage: string
    readonly name: string
    readonly verdict: 'pass' | 'warn' | 'fail' | 'skip'
    readonly detail: string
  }[]
  readonly failure?: { readonly code: string; readonly hint: string; readonly summary: string }
  readonly fixes: readonly Proposal[]
}

/** A change that it proposes. */
export interface Proposal {
  readonly change: string
  readonly url?: string
  readonly options?: Readonly<Record<string, unknown>>
  readonly verified: boolean
}

/** A run of the doctor as a program of its own, as in a shell. */
export interface Examination {
  readonly findings: Findings
  readonly status: number | null
  /** All that it wrote. */
  readonly output: string
}

/** Puts the password into a text of a set-up. */
export function withSecret(words: string, secret: string): string {
  return words.replaceAll('SECRET', encodeURIComponent(secret)).replaceAll('RAW', secret)
}

export async function examine(setUp: SetUp, secret: string): Promise<Examination> {
  const { asks, env = {}, files = {}, from = 'ann@example.test', to = 'bob@inbox.test' } = setUp
  const folder = mkdtempSync(join(tmpdir(), 'loudmail-doctor-'))
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), withSecret(content, secret))
    const args = [...asks.map((each) => withSecret(each, secret)), '--from', from, '--to', to, '--json']
    const own = Object.entries(env).map(([name, value]) => [name, withSecret(value, secret)])
    const { VITEST: _, NODE_ENV: __, ...usual } = process.env
    const child = spawn(process.execPath, ['--conditions=@loudmail/source', MAIN, 'doctor', ...args], {
      cwd: folder,
      env: { ...usual, ...Object.fromEntries(own) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr, status] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve) => child.once('close', resolve)),
    ])
    const output = stdout + stderr
    try {
      return { findings: JSON.parse(stdout) as Findings, status, output }
    } catch {
      throw new Error(`the doctor printed no JSON, and ended with ${status}:\n${output}`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
