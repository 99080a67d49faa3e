import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { programOf } from '../src/program.ts'
import { Terminal } from '../src/terminal/terminal.ts'
import { loudmail } from './cli.ts'

/** A command and all commands below it. */
const withCommands = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withCommands),
]

describe('the program', () => {
  it('prints its version', async () => {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    const { version } = JSON.parse(manifest) as { version: string }
    expect(await loudmail(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', status: 0 })
  })

  it('prints its help to standard output', async () => {
    const { stdout, stderr, status } = await loudmail(['--help'])
    expect(stdout).toContain('Usage: loudmail')
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it('ends with 2 on an option that it does not have', async () => {
    const { stdout, stderr, status } = await loudmail(['--versoin'])
    expect(stderr).toContain("unknown option '--versoin'")
    expect(stderr).toContain('Did you mean --version?')
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })

  it('has examples in the help of every command', async () => {
    for (const command of ['', 'doctor', 'send', 'dev', 'explain', 'outbox', 'completion']) {
      const { stdout } = await loudmail([...command.split(' ').filter(Boolean), '--help'])
      const examples = stdout.split('Examples:')[1]?.match(/^ {2}\$ .*loudmail/gm) ?? []
      expect(examples.length, command).toBeGreaterThanOrEqual(3)
    }
  })

  it('has examples in the help of every command of a command', async () => {
    const outbox = programOf(new Terminal(), () => {}).commands.find(
      (command) => command.name() === 'outbox',
    )!
    for (const command of outbox.commands) {
      const { stdout } = await loudmail(['outbox', command.name(), '--help'])
      expect(stdout).toMatch(/^Examples:\n {2}\$ loudmail outbox /m)
    }
  })

  it('says in its help what to do, and not what somebody does', () => {
    const program = programOf(new Terminal(), () => {})
    for (const command of withCommands(program)) {
      const texts = [
        command.description(),
        command.summary(),
        ...command.options.map((option) => option.description),
      ]
      for (const text of texts)
        expect(text).not.toMatch(
          /^(?:adds|allows|attaches|catches|finds|keeps|lets|prints|reads|refuses|says|sends|starts|takes|tries|walks|writes)\b/i,
        )
    }
  })

  it('says the same of an option that several commands have', () => {
    const program = programOf(new Terminal(), () => {})
    for (const long of [
      '--env',
      '--password-env',
      '--password-stdin',
      '--json',
      '--from',
      '--to',
      '--store-env',
      '--yes',
    ]) {
      const options = withCommands(program).flatMap((command) =>
        command.options.filter((option) => option.long === long),
      )
      expect(options.length, long).toBeGreaterThan(1)
      const shortest = options.map((option) => option.description).toSorted((a, b) => a.length - b.length)[0]!
      for (const { description } of options) expect(description.startsWith(shortest), description).toBe(true)
    }
  })
})
