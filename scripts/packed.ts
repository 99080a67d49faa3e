import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../', import.meta.url))
const PNPM = ['npx', '-y', 'pnpm@12'] as const
const LONGEST_STEP_MS = 600_000

export interface Manifest {
  readonly name: string
  readonly private?: boolean
  /** A program without entry points has none. */
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The packages that are published. */
export const manifests: readonly Manifest[] = globSync('packages/*/package.json', { cwd: ROOT })
  .toSorted()
  .map((path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Manifest)
  .filter((manifest) => manifest.private !== true)

/** A package that is published, and those of ours that it needs. */
export function withNeeded(name: string, found = new Set<string>()): ReadonlySet<string> {
  const manifest = manifests.find((each) => each.name === name)
  if (!manifest || found.has(name)) return found
  found.add(name)
  for (const each of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
    withNeeded(each, found)
  return found
}

/** The tarball of a package, among those of `pack()`. */
export function tarballOf(name: string, packed: readonly string[]): string {
  const start = `/${name.replace('@', '').replace('/', '-')}-`
  return packed.find((file) => new RegExp(`${start}\\d[^/]*$`).test(file))!
}

/** Builds every package and packs it into a folder. Returns the paths of the tarballs. */
export function pack(folder: string): string[] {
  step('build', ROOT, [...PNPM, 'exec', 'turbo', 'run', 'build'])
  step('pack', ROOT, [...PNPM, '--filter', './packages/*', 'pack', '--pack-destination', folder])
  const packed = globSync('*.tgz', { cwd: folder }).map((file) => join(folder, file))
  if (packed.length !== manifests.length)
    throw new Error(`there are ${packed.length} tarballs for ${manifests.length} packages`)
  return packed
}

/** Runs a command. @throws Error with its output if it fails */
export function step(
  name: string,
  cwd: string,
  [command, ...args]: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>> = {},
): void {
  const start = performance.now()
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: LONGEST_STEP_MS,
    env: { ...process.env, ...environment },
  })
  if (error) throw error
  if (status !== 0) throw new Error(`could not ${name}, status ${status}:\n${stdout}${stderr}`)
  console.log(`${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
}
