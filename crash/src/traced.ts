import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const IMAGE = join(import.meta.dirname, '../../interop/.servers/image')

/** What the program prints once a message is kept. */
export const KEPT = 'It is kept.'
/** How the content of each message begins. */
export const CONTENT = 'Thank you for your order.'

/** Runs a program with Node and writes down its calls to the system. @throws Error if interop/install.sh was not run, or the program fails */
export async function trace(
  into: string,
  calls: readonly string[],
  program: readonly string[],
): Promise<void> {
  // As all of the image, it comes with its own C library. The program has that of this machine.
  const loader = ['lib64', 'lib']
    .flatMap((folder) => readdirSync(join(IMAGE, folder)).map((name) => join(IMAGE, folder, name)))
    .find((file) => /\/ld-linux-[^/]+\.so\.\d$/.test(file))!
  const libraries = readdirSync(join(IMAGE, 'lib')).filter((name) => name.endsWith('-linux-gnu'))
  const places = libraries.map((name) => join(IMAGE, 'lib', name)).join(':')
  const strace = ['--library-path', places, join(IMAGE, 'usr/bin/strace'), '-f', '-y', '-qq', '-s', '4000']
  const node = [process.execPath, '--conditions=@loudmail/source', '--disable-warning=ExperimentalWarning']
  const asked = ['-o', into, '-e', `trace=${calls.join(',')}`]
  await promisify(execFile)(loader, [...strace, ...asked, ...node, ...program])
}

/** A call to the system begins or has ended. Calls of several threads overlap. */
export interface Step {
  readonly what: 'begins' | 'ended'
  readonly call: string
  /** Its parameters, as strace writes them. */
  readonly parameters: string
  /** Whether it failed. Only of one that has ended. */
  readonly hasFailed: boolean
}

/** The calls of a trace, in the order in which they begin and end. */
export function* stepsOf(text: string): Generator<Step> {
  const open = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, thread, rest] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (thread === undefined || rest === undefined) continue
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest)
    const whole = resumed ? `${open.get(thread)}${resumed[2]}` : rest
    const [, call, parameters] = /^(\w+)\((.*)$/.exec(whole) ?? []
    if (call === undefined || parameters === undefined) continue
    const hasFailed = / = -1 E\w+ \(/.test(parameters)
    if (!resumed) yield { what: 'begins', call, parameters, hasFailed: false }
    if (rest.endsWith('<unfinished ...>')) open.set(thread, whole.slice(0, -' <unfinished ...>'.length))
    else yield { what: 'ended', call, parameters, hasFailed }
  }
}
