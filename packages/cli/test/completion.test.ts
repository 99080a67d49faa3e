import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loudmail } from './cli.ts'
import { startPty, type Pty } from './pty.ts'

const TRY = fileURLToPath(new URL('try-terminal.ts', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loudmail-completion-'))
  writeFileSync(join(folder, 'report 1.pdf'), '')
  mkdirSync(join(folder, 'stored'))
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(
      join(folder, `${shell}.script`),
      (await loudmail(['completion', shell], { main: TRY })).stdout,
    )
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What is typed, and what stands in the line after Tab, without a blank at the end. */
const LINES = [
  ['a command', 'loudmail ma', 'loudmail mail'],
  ['an option of the program', 'loudmail --ver', 'loudmail --version'],
  ['an option', 'loudmail mail --reh', 'loudmail mail --rehearse'],
  [
    'an option after others with values',
    'loudmail mail --subject mail --reh',
    'loudmail mail --subject mail --rehearse',
  ],
  ['a word of an option', 'loudmail mail --tls star', 'loudmail mail --tls starttls'],
  ['a word of a short option', 'loudmail mail -t star', 'loudmail mail -t starttls'],
  ['a word after an equals sign', 'loudmail mail --tls=star', 'loudmail mail --tls=starttls'],
  ['a word of an option that needs none', 'loudmail mail --settings dj', 'loudmail mail --settings django'],
  ['a failure code', 'loudmail mail --rehearse auth/bad-c', 'loudmail mail --rehearse auth/bad-credentials'],
  ['a stage', 'loudmail mail --at mail-', 'loudmail mail --at mail-from'],
  ['a failure code as an argument', 'loudmail mail auth/bad-c', 'loudmail mail auth/bad-credentials'],
  ['a second argument', 'loudmail mail a.eml auth/bad-c', 'loudmail mail a.eml auth/bad-credentials'],
  ['a file', 'loudmail mail --attach rep', String.raw`loudmail mail --attach report\ 1.pdf`],
  ['a file as an argument', 'loudmail mail rep', String.raw`loudmail mail report\ 1.pdf`],
  ['a folder', 'loudmail mail --store st', 'loudmail mail --store stored/'],
  ['a variable', 'loudmail mail --env ORDERS_MAIL_', 'loudmail mail --env ORDERS_MAIL_URL'],
  ['a command of a command', 'loudmail box ke', 'loudmail box keep'],
  ['an option of a command of a command', 'loudmail box list --st', 'loudmail box list --state'],
  ['a word of it', 'loudmail box list --state de', 'loudmail box list --state dead'],
  ['a file of it', 'loudmail box keep --file rep', String.raw`loudmail box keep --file report\ 1.pdf`],
  ['a shell', 'loudmail completion f', 'loudmail completion fish'],
] as const

/** Nothing is added here: a text can be anything, and a folder is not a file. */
const NOTHING = [
  'loudmail mail --subject rep',
  'loudmail mail --store rep',
  'loudmail completion rep',
  'loudmail box list ke',
] as const

const env = (): Record<string, string> => ({
  ORDERS_MAIL_URL: 'smtp://localhost',
  HOME: folder,
  PS1: '> ',
  NO_COLOR: '1',
})

/** How to start a shell, and to make Ctrl-G show the line that is being typed. */
const SHELLS = {
  bash: {
    start: ['bash', '--norc', '--noprofile', '-i'],
    setUp: `bind -x '"\\C-g": printf "<%s>\\n" "$READLINE_LINE"'`,
  },
  zsh: {
    start: ['zsh', '-f', '-i'],
    setUp: `autoload -U compinit; compinit -D; show() { print -r -- "<$BUFFER>" }; zle -N show; bindkey '^g' show`,
  },
} as const

/** An interactive shell that has read the script. */
async function shellOf(name: keyof typeof SHELLS): Promise<Pty> {
  const { start, setUp } = SHELLS[name]
  const shell = startPty(start, { cwd: folder, env: env(), columns: 250 })
  shell.type(`PS1='READY '; ${setUp}\r`)
  shell.type(`source ./${name}.script && echo rea''dy\r`)
  await shell.sees(/ready\r\n/)
  // Before the prompt, the kernel would take the keys.
  await shell.sees('READY ')
  return shell
}

/** The line that stands there after Tab. Ctrl-U removes it. */
async function lineAfterTab(shell: Pty, name: keyof typeof SHELLS, typed: string): Promise<string> {
  shell.type(`${typed}\t\x07`)
  const line = /<(.*)>\r?\n$/.exec(await shell.sees(/<loudmail.*>\r?\n/))![1]!
  // While bash runs the command of a key, the kernel takes the keys.
  if (name === 'bash') await shell.sees('READY ')
  shell.type('\x15')
  return line
}

/** Elsewhere than in the continuous integration, a shell may be missing. */
const has = (shell: string): boolean =>
  process.env['CI'] !== undefined || spawnSync(shell, ['--version']).status === 0

describe.each((Object.keys(SHELLS) as (keyof typeof SHELLS)[]).filter(has))('in %s', (name) => {
  let shell: Pty
  beforeAll(async () => {
    shell = await shellOf(name)
  })
  afterAll(() => shell[Symbol.asyncDispose]())

  it.each(LINES)('Tab completes %s: %s', async (_, typed, completed) => {
    // zsh adds an equals sign, and removes it when a blank is typed.
    expect((await lineAfterTab(shell, name, typed)).replace(/[ =]$/, '')).toBe(completed)
  })

  it.each(NOTHING)('Tab adds nothing to %s', async (typed) => {
    expect(await lineAfterTab(shell, name, typed)).toBe(typed)
  })
})

describe.each(['fish'].filter(has))('in %s', (name) => {
  /** What fish would offer for a line: the whole last word of each. */
  const offers = (line: string): string[] => {
    const { stdout, stderr } = spawnSync(
      name,
      ['--no-config', '-c', 'source ./fish.script; complete -C $argv[1]', line],
      { cwd: folder, env: { ...process.env, ...env() }, encoding: 'utf8' },
    )
    expect(stderr).toBe('')
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((each) => each.split('\t')[0]!)
  }

  it.each(LINES)('Tab completes %s: %s', (_, typed, completed) => {
    const last = completed
      .replaceAll(String.raw`\ `, '\0')
      .split(' ')
      .at(-1)!
    expect(offers(typed)).toEqual([last.replace('\0', ' ')])
  })

  it.each(NOTHING)('Tab adds nothing to %s', (typed) => {
    expect(offers(typed)).toEqual([])
  })
})
