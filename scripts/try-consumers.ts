// Makes applications as newcomers do, in empty folders, from packed tarballs, and runs them on several versions of Node:
// see consumers/README.md. `pnpm test:consumers express5 bundled` makes only these two.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pack, ROOT, step, tarballOf, withNeeded } from './packed.ts'
import { answering, expect, freePort, program } from './running.ts'
import { tryBundled, tryContent, tryProviders } from './try-bundled.ts'
import { tryCli } from './try-cli.ts'

/** An application, and what has to work in it. */
interface Consumer {
  /** Makes the application and installs its dependencies, in a folder. */
  readonly make: (folder: string) => void
  /** Our packages that it installs, and those that they need. */
  readonly installs: readonly string[]
  /** Where each file of consumers/<name> is copied to. */
  readonly files: Readonly<Record<string, string>>
  /** The first command builds the application; the others are tried on the newest Node. */
  readonly builds?: readonly (readonly [string, ...string[]])[]
  readonly start: readonly string[]
  /** How to run its own tests on a version of Node. */
  readonly test?: (node: number) => {
    command: readonly [string, ...string[]]
    environment?: Record<string, string>
  }
}

/** Those with a route that puts a mail into an outbox. */
const WITH_OUTBOX = ['express5', 'express4']
const NODES = [22, 24, 26] as const
const DEBUG = ['core', 'mime', 'smtp', 'server', 'debug']
const VM_MODULES = { NODE_OPTIONS: '--experimental-vm-modules' }
const NEST_FILES = {
  'app.module.ts': 'src/app.module.ts',
  'app.controller.ts': 'src/app.controller.ts',
  'app.controller.spec.ts': 'src/app.controller.spec.ts',
}

const consumers: Readonly<Record<string, Consumer>> = {
  express5: {
    make: (folder) => program(folder, { type: 'module', dependencies: { express: '^5.0.0' } }),
    installs: [...DEBUG, 'express', 'outbox'],
    files: { 'main.js': 'main.js' },
    start: ['main.js'],
  },
  express4: {
    make: (folder) => program(folder, { dependencies: { express: '^4.21.0' } }),
    installs: [...DEBUG, 'express', 'outbox'],
    files: { 'main.js': 'main.js' },
    start: ['main.js'],
  },
  nest12: {
    make: (folder) =>
      nest(folder, 12, [
        '@rspack/core',
        'webpack-node-externals',
        'tsconfig-paths-webpack-plugin',
        'ts-loader',
      ]),
    installs: [...DEBUG, 'nestjs', 'testing'],
    files: NEST_FILES,
    builds: [
      ['npm', 'run', 'build'],
      ['npx', 'nest', 'build', '-b', 'swc'],
      ['npx', 'nest', 'build', '-b', 'rspack'],
    ],
    start: ['dist/main.js'],
    test: () => ({ command: ['npx', 'vitest', 'run'] }),
  },
  nest11: {
    make: (folder) => nest(folder, 11, []),
    installs: [...DEBUG, 'nestjs', 'testing'],
    files: { ...NEST_FILES, 'jest.commonjs.js': 'jest.commonjs.js' },
    builds: [
      ['npm', 'run', 'build'],
      ['npx', 'nest', 'build', '--webpack'],
      ['npx', 'nest', 'build', '-b', 'swc'],
    ],
    start: ['dist/main.js'],
    // Before Node 24.9, Jest cannot require an ES module: there, ts-jest makes CommonJS of our packages.
    test: (node) =>
      node < 24
        ? { command: ['npx', 'jest', '--config', 'jest.commonjs.js'] }
        : { command: ['npx', 'jest'], environment: VM_MODULES },
  },
}

const BUNDLED = 'bundled'
const CLI = 'cli'
const CONTENT = 'content'
const PROVIDERS = 'providers'
const known = [CLI, BUNDLED, CONTENT, PROVIDERS, ...Object.keys(consumers)]
const asked = process.argv.slice(2)
const stranger = asked.find((name) => !known.includes(name))
if (stranger !== undefined) throw new Error(`no consumer ${stranger}; there are ${known.join(', ')}`)
const isWanted = (name: string): boolean => asked.length === 0 || asked.includes(name)

const work = mkdtempSync(join(tmpdir(), 'loudmail-consumers-'))
try {
  const tarballs = join(work, 'tarballs')
  mkdirSync(tarballs)
  const packed = pack(tarballs)
  const nodes = new Map(NODES.map((version) => [version, installNode(version)]))
  const tarballsOf = (names: readonly string[]): string[] =>
    names.map((each) => tarballOf(`@loudmail/${each}`, packed))
  if (isWanted(CLI)) {
    console.log(`\n${CLI}`)
    const needed = [...withNeeded('loudmail')].map((name) => tarballOf(name, packed))
    tryCli(join(work, CLI), needed, nodes)
  }
  if (isWanted(BUNDLED)) {
    console.log(`\n${BUNDLED}`)
    await tryBundled(join(work, BUNDLED), tarballsOf([...DEBUG, 'content', 'outbox']), nodes)
  }
  if (isWanted(CONTENT)) {
    console.log(`\n${CONTENT}`)
    tryContent(join(work, CONTENT), tarballsOf(['core', 'content']), nodes)
  }
  if (isWanted(PROVIDERS)) {
    console.log(`\n${PROVIDERS}`)
    const needed = tarballsOf(['core', 'mime', 'oauth2', 'providers', 'server'])
    tryProviders(join(work, PROVIDERS), needed, nodes)
  }
  for (const [name, consumer] of Object.entries(consumers)) {
    if (!isWanted(name)) continue
    console.log(`\n${name}`)
    await tryConsumer(name, consumer, tarballsOf(consumer.installs), nodes)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

async function tryConsumer(
  name: string,
  { make, files, builds = [], start, test }: Consumer,
  ours: readonly string[],
  nodes: ReadonlyMap<number, string>,
): Promise<void> {
  const folder = join(work, name)
  make(folder)
  step('install', folder, ['npm', 'install', '--no-audit', '--no-fund', ...ours])
  for (const [file, target] of Object.entries(files))
    copyFileSync(join(ROOT, 'consumers', name, file), join(folder, target))
  const [usual, ...others] = builds
  for (const [version, bin] of nodes) {
    const environment = { PATH: `${bin}${delimiter}${process.env.PATH}` }
    if (usual) step(`build on Node ${version}`, folder, usual, environment)
    await tryRunning(`run on Node ${version}`, folder, join(bin, 'node'), start, WITH_OUTBOX.includes(name))
    if (!test) continue
    const { command, environment: more = {} } = test(version)
    step(`test on Node ${version}`, folder, command, { ...environment, ...more })
  }
  for (const command of others) {
    step(command.slice(1).join(' '), folder, command)
    await tryRunning('run what it built', folder, process.execPath, start)
  }
}

/** Starts a program, signs up and looks into the inbox. Then the program must end after SIGTERM. */
async function tryRunning(
  name: string,
  cwd: string,
  node: string,
  args: readonly string[],
  hasOutbox = false,
): Promise<void> {
  const port = await freePort()
  const child = spawn(node, args, { cwd, env: { ...process.env, PORT: String(port) } })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  const exited = once(child, 'exit')
  try {
    const url = `http://localhost:${port}`
    await answering(`${url}/mail/`, () => child.exitCode !== null)
    const post = (path: string, email: string): Promise<Response> =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ email }),
      })
    const sent = await post('/sign-up', 'ann@example.com')
    expect('the answer', [sent.status, await sent.json()], [201, { state: 'captured' }])
    const refused = await post('/sign-up', 'fail+rcpt-to.greylisted@example.test')
    expect('the answer to a failure', [refused.status, refused.headers.get('retry-after')], [503, '60'])
    if (hasOutbox) {
      const kept = await post('/order', 'bob@example.com')
      expect('the answer with an outbox', [kept.status, await kept.json()], [202, { state: 'queued' }])
      const latest = await fetch(`${url}/mail/api/mails/latest?to=bob@example.com&wait=10000`)
      expect('the mail out of the outbox', latest.status, 200)
      await latest.text()
    }
    const inbox = await (await fetch(`${url}/mail`, { headers: { connection: 'close' } })).text()
    for (const words of [
      hasOutbox ? '3 mails' : '2 mails',
      'ann@example.com',
      'Welcome',
      'rcpt-to/greylisted',
    ])
      expect(`“${words}” in the inbox`, inbox.includes(words), true)
    const style = await fetch(`${url}/mail/inbox.css`, { headers: { connection: 'close' } })
    expect('the style of the inbox', style.status, 200)
    child.kill('SIGTERM')
    await Promise.race([exited, delay(10_000).then(() => Promise.reject(new Error('it did not end')))])
    console.log(name)
  } catch (error) {
    throw new Error(`could not ${name}: ${String(error)}\n${output}`, { cause: error })
  } finally {
    child.kill('SIGKILL')
  }
}

/** Makes an application with `nest new`, and installs what its other builders need. */
function nest(folder: string, version: number, builders: readonly string[]): void {
  const make = ['npx', '-y', `@nestjs/cli@${version}`, 'new', basename(folder)] as const
  step(`nest new, version ${version}`, work, [
    ...make,
    '--skip-install',
    '--skip-git',
    '--package-manager',
    'npm',
  ])
  const more = [`@nestjs/terminus@${version}`, '@swc/cli', '@swc/core', ...builders]
  step('npm install', folder, ['npm', 'install', '--no-audit', '--no-fund', '--save-dev', ...more])
}

/** Installs a version of Node. Returns the folder of its programs. */
function installNode(version: number): string {
  const folder = join(work, `node-${version}`)
  program(folder, {})
  step(`install Node ${version}`, folder, ['npm', 'install', '--no-audit', '--no-fund', `node@${version}`])
  return join(folder, 'node_modules', 'node', 'bin')
}
