import { STAGES } from '@loudmail/core'
import { FAILURE_CODES } from '@loudmail/core/transport'
import type { Argument, Command, Help, Option } from 'commander'

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
  /** Such as `outbox list`, or `outbox`, which has commands. Empty for the program itself. */
  readonly path: string
  /** The last word of it. */
  readonly name: string
  readonly about: string
  readonly options: readonly CompletableOption[]
  readonly args: readonly (Values & { readonly name: string; readonly isVariadic: boolean })[]
  /** The commands below it. */
  readonly commands: readonly Completable[]
}

/** What can be completed of a program and of the commands below it. */
export function completableOf(program: Command): Completable {
  return describe(program, program.createHelp(), '', [])
}

/** @param siblings the names of the commands beside it, with its own */
function describe(command: Command, help: Help, path: string, siblings: readonly string[]): Completable {
  const visible = help.visibleCommands(command)
  const names = visible.map((each) => each.name())
  return {
    path,
    name: path.slice(path.lastIndexOf(' ') + 1),
    about: help.subcommandDescription(command),
    options: help.visibleOptions(command).map(optionOf),
    args: command.registeredArguments.map((arg) => argumentOf(arg, siblings)),
    commands: visible.map((each) => describe(each, help, `${path} ${each.name()}`.trim(), names)),
  }
}

/** A command and all commands below it. */
export function flattened(command: Completable): readonly Completable[] {
  return [command, ...command.commands.flatMap(flattened)]
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
