import { STAGES } from '@loudmail/core'
import { FAILURE_CODES } from '@loudmail/core/transport'
import type { Argument, Command, Option } from 'commander'

/** What can stand in the place of a value: some words, and what the shell itself knows. */
export interface Values {
  readonly words: readonly string[]
  readonly known?: 'files' | 'folders' | 'variables'
}

export interface CompletableOption {
  /** Such as `-h` and `--help`. */
  readonly flags: readonly string[]
  readonly about: string
  /** Undefined for an option without a value. */
  readonly value?: Values & { readonly name: string; readonly isOptional: boolean }
}

/** What can be completed of a command. */
export interface Completable {
  /** Empty for the program itself. */
  readonly name: string
  readonly about: string
  readonly options: readonly CompletableOption[]
  readonly args: readonly (Values & { readonly name: string; readonly isVariadic: boolean })[]
}

/** What can be completed of a program and of each of its commands; the program comes first. */
export function completableOf(program: Command): readonly [Completable, ...Completable[]] {
  const help = program.createHelp()
  const commands = help.visibleCommands(program)
  const names = commands.map((command) => command.name())
  const describe = (command: Command): Omit<Completable, 'name'> => ({
    about: help.subcommandDescription(command),
    options: help.visibleOptions(command).map(optionOf),
    args: command.registeredArguments.map((arg) => argumentOf(arg, names)),
  })
  return [
    { name: '', ...describe(program) },
    ...commands.map((command) => ({ name: command.name(), ...describe(command) })),
  ]
}

function optionOf(option: Option): CompletableOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined)
  const about = option.description
  if (!option.required && !option.optional) return { flags, about }
  const name = /[<[](.+?)(?:\.\.\.)?[>\]]/.exec(option.flags)?.[1] ?? 'value'
  const values = option.argChoices ? { words: option.argChoices } : valuesNamed(name, option.long)
  return { flags, about, value: { ...values, name, isOptional: option.optional } }
}

function argumentOf(argument: Argument, commands: readonly string[]): Completable['args'][number] {
  const name = argument.name()
  const words = name === 'command' ? commands : argument.argChoices
  return { ...(words ? { words } : valuesNamed(name)), name, isVariadic: argument.variadic }
}

/** What the name of a value tells: the help says `--attach <file>` and `--env <name>`. */
function valuesNamed(name: string, flag = ''): Values {
  if (name === 'file') return { words: [], known: 'files' }
  if (name === 'folder') return { words: [], known: 'folders' }
  if (name === 'stage') return { words: STAGES }
  if (name === 'code') return { words: FAILURE_CODES }
  // `loudmail explain` takes a code or a file, among others.
  if (name === 'what') return { words: FAILURE_CODES, known: 'files' }
  if (/(?:^-|-)-?env$/.test(flag)) return { words: [], known: 'variables' }
  return { words: [] }
}
