import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, globSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { manifests, ROOT, step } from './packed.ts'
import { answering, expect, freePort, program } from './running.ts'

// What is installed beside our packages, in versions that were tried.
const RUNTIMES = ['bun@1.4.5', 'deno@2.9.6']
const BUNDLERS = ['esbuild@0.28.2', 'rolldown@1.3.2', 'vite@8.3.8', '@rspack/core@2.3.3']
const NEXT = ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1', '@react-email/render@2.3.1']
const TYPES = ['typescript@7', '@types/node@24']
const INSTALL = ['npm', 'install', '--no-audit', '--no-fund'] as const
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', DENO_NO_UPDATE_CHECK: '1' }
/** Where the files of consumers/next go. */
const NEXT_FILES = { 'layout.js': 'app', 'page.js': 'app', 'welcome.js': 'app', 'route.js': 'app/mail' }

/**
 * Runs consumers/bundled as it is in Bun and in Deno, in a route of Next, and as each bundler makes one program of it:
 * that is run on every version of Node, in a folder with nothing else around it.
 *
 * @param nodes the folders of Node, by version
 */
export async function tryBundled(
  folder: string,
  packed: readonly string[],
  nodes: ReadonlyMap<number, string>,
): Promise<void> {
  program(folder, { type: 'module' })
  step('install', folder, [...INSTALL, ...packed, ...RUNTIMES, ...BUNDLERS, ...NEXT])
  cpSync(join(ROOT, 'consumers', 'bundled'), folder, { recursive: true })
  runElsewhere(folder)
  bundle(folder)
  runBundles(`${folder}-apart`, nodes)

  for (const [file, target] of Object.entries(NEXT_FILES)) {
    mkdirSync(join(folder, target), { recursive: true })
    copyFileSync(join(ROOT, 'consumers', 'next', file), join(folder, target, file))
  }
  copyFileSync(join(folder, 'try-mail.js'), join(folder, 'app/mail/try-mail.js'))
  step('next build', folder, ['npx', 'next', 'build'], QUIET)
  await tryNext(folder)
}

/** Runs consumers/providers in Bun, in Deno and on every version of Node. */
export function tryProviders(
  folder: string,
  packed: readonly string[],
  nodes: ReadonlyMap<number, string>,
): void {
  program(folder, { type: 'module' })
  step('install', folder, [...INSTALL, ...packed, ...RUNTIMES])
  copyFileSync(join(ROOT, 'consumers', 'providers', 'main.js'), join(folder, 'main.js'))
  runElsewhere(folder)
  runOnNodes(folder, nodes)
}

/**
 * Runs consumers/content with no engine but Handlebars: on every version of Node, in Bun and in Deno. Its types are checked.
 * Each engine is tried in the lowest version that is allowed. Then it runs what each bundler makes of the program, where the
 * folder that it was made in is gone.
 */
export function tryContent(
  folder: string,
  packed: readonly string[],
  nodes: ReadonlyMap<number, string>,
): void {
  program(folder, { type: 'module' })
  step('install', folder, [...INSTALL, ...packed, 'handlebars@4'])
  cpSync(join(ROOT, 'consumers', 'content'), folder, { recursive: true })
  runOnNodes(folder, nodes)
  step('install runtimes and bundlers', folder, [...INSTALL, ...RUNTIMES, ...BUNDLERS, ...TYPES])
  runElsewhere(folder)
  step('check its types', folder, ['npx', 'tsc', '-p', '.'])

  tryLowest(`${folder}-lowest`, packed)

  copyFileSync(join(ROOT, 'consumers', 'bundled', 'bundle.js'), join(folder, 'bundle.js'))
  bundle(folder)
  const apart = `${folder}-apart`
  cpSync(join(folder, 'templates'), join(apart, 'templates'), { recursive: true })
  const wasm = 'index_bg.wasm'
  copyFileSync(join(folder, 'node_modules', '@css-inline', 'css-inline-wasm', wasm), join(apart, wasm))
  rmSync(folder, { recursive: true })
  runBundles(apart, nodes)
}

/** Sends a mail with every engine, each in the lowest version of the peer dependencies. */
function tryLowest(folder: string, packed: readonly string[]): void {
  const { peerDependencies = {} } = manifests.find(({ name }) => name === '@loudmail/content')!
  const lowest = Object.entries(peerDependencies)
    .filter(([name]) => !name.startsWith('@loudmail/'))
    .flatMap(([name, range]) => {
      const version = /\d+\.\d+\.\d+/.exec(range)![0]
      return (name === 'react' ? [name, 'react-dom'] : [name]).map((each) => `${each}@${version}`)
    })
  program(folder, { type: 'module' })
  step('install the lowest versions of the engines', folder, [...INSTALL, ...packed, ...lowest])
  copyFileSync(join(ROOT, 'consumers', 'content', 'engines.js'), join(folder, 'engines.js'))
  step('send with each engine', folder, [process.execPath, 'engines.js'])
}

function runOnNodes(folder: string, nodes: ReadonlyMap<number, string>): void {
  for (const [version, bin] of nodes) step(`run on Node ${version}`, folder, [join(bin, 'node'), 'main.js'])
}

function runElsewhere(folder: string): void {
  step('run in Bun', folder, ['npx', 'bun', 'main.js'])
  step('run in Deno', folder, ['npx', 'deno', 'run', '--allow-all', 'main.js'], QUIET)
}

/** Makes every bundle, and copies them into a folder with nothing else around it. */
function bundle(folder: string): void {
  step('bundle with every bundler', folder, [process.execPath, 'bundle.js'])
  cpSync(join(folder, 'bundles'), `${folder}-apart`, { recursive: true })
}

function runBundles(folder: string, nodes: ReadonlyMap<number, string>): void {
  const bundles = globSync('{*.*js,*/main.*js}', { cwd: folder }).toSorted()
  expect('the number of bundles', bundles.length, 7)
  for (const [version, bin] of nodes)
    for (const each of bundles) step(`run ${each} on Node ${version}`, folder, [join(bin, 'node'), each])
}

/** Calls the route, and the server action as a browser without JavaScript does. */
async function tryNext(cwd: string): Promise<void> {
  const port = await freePort()
  const next = join(cwd, 'node_modules', 'next', 'dist', 'bin', 'next')
  const args = [next, 'start', '--port', String(port), '--hostname', '127.0.0.1']
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...QUIET } })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  const exited = once(child, 'exit')
  try {
    const url = `http://127.0.0.1:${port}`
    await answering(url, () => child.exitCode !== null)
    const route = await fetch(`${url}/mail`)
    expect(
      'the answer of the route',
      [route.status, Object.keys((await route.json()) as object)],
      [200, ['tried']],
    )
    const [action] = /\$ACTION_ID_\w+/.exec(await (await fetch(url)).text())!
    const form = new FormData()
    form.set(action, '')
    form.set('email', 'ann@example.com')
    expect('the answer of the action', (await fetch(url, { method: 'POST', body: form })).status, 200)
    const page = await (await fetch(url)).text()
    expect('the mail of the action in the store', page.includes('<p>Welcome, ann@example.com</p>'), true)
    console.log('next start')
  } catch (error) {
    throw new Error(`could not run it in Next: ${String(error)}\n${output}`, { cause: error })
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}
