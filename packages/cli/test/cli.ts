import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** The program's first source file. */
export const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Flags of Node with which it reads the sources of the packages. */
export const SOURCE_FLAGS = ['--conditions=@loudmail/source']

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
  /** Another program, which has other commands. */
  readonly main?: string
}

/** Starts the program from its sources, as `loudmail` in a shell does. */
export function start(
  args: readonly string[],
  { env, cwd, main = MAIN }: RunOptions = {},
): ReturnType<typeof spawn> {
  return spawn(process.execPath, [...SOURCE_FLAGS, main, ...args], {
    cwd,
    env: { ...environmentOf(), NO_COLOR: '1', NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    stdio: 'pipe',
  })
}

/** The environment of the tests, without what vitest adds, and without a wish for colours. */
export function environmentOf(): NodeJS.ProcessEnv {
  const { VITEST: _, NODE_ENV: __, NO_COLOR: ___, FORCE_COLOR: ____, CI: _____, ...own } = process.env
  return own
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
