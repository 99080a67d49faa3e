import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, step } from './packed.ts'
import { answering, expect, freePort, program } from './running.ts'

const RUNTIMES = ['bun@1.4.5', 'deno@2.9.6']
/** What is installed beside our packages: the bundlers, the runtimes and Next, in versions that were tried. */
const OTHERS = [
  ...RUNTIMES,
  'esbuild@0.28.2',
  'rolldown@1.3.2',
  'vite@8.3.8',
  '@rspack/core@2.3.3',
  'next@16.4.6',
  'react@19.3.1',
  'react-dom@19.3.1',
]
const QUIET = { NEXT_TELEMETRY_DISABLED: '1', DENO_NO_UPDATE_CHECK: '1' }
/** Where the files of consumers/next go. */
const NEXT_FILES = { 'layout.js': 'app', 'page.js': 'app', 'route.js': 'app/mail' }

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
  step('install', folder, ['npm', 'install', '--no-audit', '--no-fund', ...packed, ...OTHERS])
  cpSync(join(ROOT, 'consumers', 'bundled'), folder, { recursive: true })
  step('run in Bun', folder, ['npx', 'bun', 'main.js'])
  step('run in Deno', folder, ['npx', 'deno', 'run', '--allow-all', 'main.js'], QUIET)

  step('bundle with every bundler', folder, [process.execPath, 'bundle.js'])
  const apart = `${folder}-apart`
  cpSync(join(folder, 'bundles'), apart, { recursive: true })
  const bundles = globSync('{*.*js,*/main.*js}', { cwd: apart }).toSorted()
  expect('the number of bundles', bundles.length, 7)
  for (const [version, bin] of nodes)
    for (const bundle of bundles) step(`run ${bundle} on Node ${version}`, apart, [join(bin, 'node'), bundle])

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
  step('install', folder, ['npm', 'install', '--no-audit', '--no-fund', ...packed, ...RUNTIMES])
  copyFileSync(join(ROOT, 'consumers', 'providers', 'main.js'), join(folder, 'main.js'))
  step('run in Bun', folder, ['npx', 'bun', 'main.js'])
  step('run in Deno', folder, ['npx', 'deno', 'run', '--allow-all', 'main.js'], QUIET)
  for (const [version, bin] of nodes) step(`run on Node ${version}`, folder, [join(bin, 'node'), 'main.js'])
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
    expect('the mail of the action in the store', page.includes('<p>ann@example.com</p>'), true)
    console.log('next start')
  } catch (error) {
    throw new Error(`could not run it in Next: ${String(error)}\n${output}`, { cause: error })
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}
