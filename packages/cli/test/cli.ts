import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Most of the time of a run would go into reading the sources. */
const COMPILE_CACHE = join(tmpdir(), 'loudmail-compile-cache')

/** What a run of the program wrote, and its exit status. */
export interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
}

export interface RunOptions {
  /** What it reads from standard input. @default nothing */
  readonly input?: string | Uint8Array
  /** Environment variables beside those of the tests. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Starts the program from its sources, as `loudmail` in a shell does. */
export function start(args: readonly string[], { env, cwd }: RunOptions = {}): ReturnType<typeof spawn> {
  const { VITEST: _, NODE_ENV: __, ...own } = process.env
  return spawn(process.execPath, ['--conditions=@loudmail/source', MAIN, ...args], {
    cwd,
    env: { ...own, NO_COLOR: '1', NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    stdio: 'pipe',
  })
}

/** Runs the program to its end. */
export async function loudmail(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = start(args, options)
  child.stdin!.on('error', () => {}).end(options.input ?? '')
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  return { stdout, stderr, status }
}
